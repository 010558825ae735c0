"""The verbs on chat records: take a file in, read it in the background, delete its raw text when its time has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from panel.api import (
    Institution,
    Person,
    Refused,
    _,
    enqueue,
    files,
    policy_of,
    records,
    today,
    transaction,
    utcnow,
)
from plugins.groupchat.choices import CaseState, MemberState, NoticeState, SourceKind, SourceState, Via
from plugins.groupchat.groups import Group, Member, Source
from plugins.groupchat.judging import Hit, Judge
from plugins.groupchat.matching import Roster
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.posts import Case, Notice, Receipt
from plugins.groupchat.reading import Post, Reader
from plugins.groupchat.receipts import Asked, Watch
from plugins.groupchat.rulesets import roster_of, rules_of

Report = Callable[[int, int, str], Any]
AT_ONCE = 500  # cases of one transaction, at least
KEPT_TEXT = 2000  # characters of a post that a case keeps


def take_in(group: Group, source: BinaryIO, file_name: str) -> Source:
    """Keep a chat record and have it read in the background. A file that was taken in before is that import."""
    name = files.save_raw(source, group.institution_id)
    digest = name.partition(".")[0]
    with transaction():
        found: Source | None = Source.get_or_none(Source.group == group, Source.digest == digest)
        if found is None:
            found = records.create(
                Source,
                institution=group.institution_id,
                group=group,
                kind=SourceKind.CHAT.value,
                file_name=file_name[:200],
                digest=digest,
                file=name,
            )
            begin(found)
        elif found.state == SourceState.FAILED:
            records.derive(Source, Source.id == found.id, file=name, state=SourceState.WAITING.value, error="")
            begin(found)
    return Source.get_by_id(found.id)


def begin(source: Source) -> None:
    """Ask for the reading of a record that waits."""
    run = enqueue("groupchat.read_chat", institution=source.institution, args={"source_id": source.id})
    records.derive(Source, Source.id == source.id, run_id=run.id)


def read(source: Source, report: Report = lambda done, total, message: None) -> Source:
    """Read a record: a case for each hit, a receipt for each answer. Broken off and begun anew, it adds only the rest.

    Raises Refused for a file that is no chat record; the import says so, too.
    """
    try:
        if not source.file:
            raise Refused(_("The raw text is deleted."))
        _read(source, report)
    except Refused as refusal:
        records.derive(Source, Source.id == source.id, state=SourceState.FAILED.value, error=str(refusal)[:300])
        raise
    return Source.get_by_id(source.id)


def _read(source: Source, report: Report) -> None:
    group = source.group
    zone = ZoneInfo(source.institution.time_zone)
    reader = Reader(files.path_of(source.file, source.institution_id), zone)
    roster = roster_of(source.institution_id, today())
    policy = policy_of(GroupPolicy, source.institution_id, today()) or GroupPolicy()
    judge = Judge(rules_of(group, today()))
    watch = Watch(_known(group, zone), policy.exact_wording)
    people: dict[str, Any] = {}
    waiting: list[Hit] = []
    counts: Counter[str] = Counter()
    for batch, hits in judge.run(reader):
        watch.follow(batch)
        counts.update(hit.kind.value for hit in hits)
        waiting += hits
        if len(waiting) >= AT_ONCE:
            _keep(source, waiting, roster, zone, people)
            waiting = []
        report(reader.read, reader.size, _("%(count)s messages", count=judge.messages))
    _keep(source, waiting, roster, zone, people)
    if not judge.messages:
        raise Refused(_("There is no message in this file. Expected: a copied chat, a CSV table or a WeCom archive."))
    _answer(watch.asked + watch.known, roster, zone)
    records.derive(
        Source,
        Source.id == source.id,
        state=SourceState.DONE.value,
        messages=judge.messages,
        counts={**counts, "skipped": reader.skipped, "notices": [_told(one) for one in watch.asked]},
        first_at=moment(judge.first, zone),
        last_at=moment(judge.last, zone),
        error="",
    )


def _told(one: Asked) -> dict[str, Any]:
    """A notice of the record and who answered it, as the import keeps it."""
    return {
        "at": f"{one.day}T{one.minute // 60:02}:{one.minute % 60:02}",
        "sender": one.sender,
        "wording": one.wording,
        "given": sorted(sender for sender, (_p, good) in one.answers.items() if good)[:2000],
        "differs": sorted(sender for sender, (_p, good) in one.answers.items() if not good)[:2000],
    }


def notices_of(source: Source) -> list[dict[str, Any]]:
    """The notices in a record, each with who of the members in service has not answered as asked."""
    found = source.counts.get("notices", [])
    if not found:
        return []
    roster = roster_of(source.institution_id, today())
    members = list(
        Member.select(Member, Person)
        .join(Person)
        .where(Member.group == source.group_id, Member.state == MemberState.PRESENT)
    )
    here = [member for member in members if member.person.in_service()]
    for one in found:
        given = {person.id for name in [*one["given"], one["sender"]] if (person := roster.person(name)) is not None}
        silent = [member for member in here if member.person_id not in given]
        one["silent"] = sorted(str(member.person) for member in silent if member.named)
        one["unnamed"] = sorted(str(member.person) for member in silent if not member.named)
    return list(found)


def moment(post: Post | None, zone: ZoneInfo) -> datetime | None:
    """The time of a post; one that a clock shows twice is the first."""
    if post is None:
        return None
    local = datetime.combine(post.day, time(post.minute // 60, post.minute % 60), tzinfo=zone)
    return local.astimezone(UTC)


def _keep(source: Source, hits: Sequence[Hit], roster: Roster, zone: ZoneInfo, people: dict[str, Any]) -> None:
    """New cases for hits that are none yet."""
    if not hits:
        return
    rows: Any = Case.select(Case.kind, Case.key).where(
        Case.group == source.group_id, Case.key.in_([hit.key for hit in hits])
    )
    there = set(rows.tuples())
    fresh = [hit for hit in hits if (hit.kind.value, hit.key) not in there]
    for sender in {hit.post.sender for hit in fresh} - people.keys():
        people[sender] = roster.person(sender)
    with transaction():
        records.bulk_create(
            Case,
            [
                {
                    "institution": source.institution_id,
                    "group": source.group_id,
                    "source": source.id,
                    "kind": hit.kind.value,
                    "key": hit.key,
                    "at": moment(hit.post, zone),
                    "sender": hit.post.sender[:120],
                    "person": people[hit.post.sender],
                    "text": hit.post.text[:KEPT_TEXT],
                    "word": hit.word,
                    "context": hit.context,
                    "posts": hit.posts,
                    "minutes": hit.minutes,
                }
                for hit in fresh
            ],
        )


def _known(group: Group, zone: ZoneInfo) -> list[Asked]:
    """The notices of the register that wait for answers."""
    query = Notice.select().where(Notice.group == group, Notice.state == NoticeState.SENT, Notice.needs_receipt)
    found = []
    for notice in query:
        local = notice.sent_at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        found.append(Asked(local.date(), minute, "", notice.wording, notice.exact, notice.id))
    return found


def _answer(asked: Sequence[Asked], roster: Roster, zone: ZoneInfo) -> None:
    """Enter the answers to notices of the register; an answer in other words may be made good later."""
    for one in asked:
        if one.number is None:
            continue
        waiting = {r.person_id: r for r in Receipt.select().where(Receipt.notice == one.number)}
        with transaction():
            for sender, (post, good) in one.answers.items():
                person = roster.person(sender)
                row = waiting.get(person.id) if person is not None else None
                if row is None or row.fits:
                    continue
                values = {"given_at": moment(post, zone), "text": post.text[:200], "fits": good}
                records.update(row, None, **values, via=Via.RECORD.value)


def purge(institution: Institution) -> dict[str, int]:
    """Delete the raw text of records, and the words of cases, whose time has come. Run every night, safe to repeat."""
    policy = policy_of(GroupPolicy, institution, today())
    if policy is None or not policy.retention_days:
        return {}
    before = utcnow() - timedelta(days=policy.retention_days)
    old = list(Source.select().where(Source.institution == institution, Source.created_at < before, Source.file != ""))
    for source in old:
        others = Source.select().where(
            Source.institution == institution, Source.file == source.file, Source.created_at >= before
        )
        if not others.exists():
            files.forget(source.file, institution.id)
        records.derive(Source, Source.id == source.id, file="", purged_on=today())
    decided = (Case.institution == institution) & (Case.at < before) & (Case.state != CaseState.OPEN)
    words = records.derive(Case, decided & ((Case.text != "") | (Case.context != "")), text="", context="", word="")
    return {"files": len(old), "cases": words}
