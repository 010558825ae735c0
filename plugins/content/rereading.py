"""What follows from a piece's text and files: counts, what it is like, what in it needs a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz

from panel.api import Institution, policy_of, records, today, transaction, utcnow
from plugins.content import texts
from plugins.content.choices import EDITABLE, HitKind, Media, Origin, State
from plugins.content.finding import Found, Lists, numbers_in
from plugins.content.models import Attachment, Band, Hit, Link, Submission
from plugins.content.policy import ContentPolicy, ContentWord

COMPARED_DAYS = 731


def reread(row: Submission) -> None:
    """Bring counts, print, likeness and what was found up to date with the text and the files."""
    attached = list(Attachment.select().where(Attachment.submission == row).order_by(Attachment.position))
    kinds = [a.media for a in attached]
    mark = texts.print_of(row.headline, row.body, *(f"{a.file}{a.caption}" for a in attached))
    same = row.print == mark
    values: dict[str, Any] = {"photos": kinds.count(Media.IMAGE), "videos": kinds.count(Media.VIDEO), "print": mark}
    if not same:
        values["words"] = texts.count_words(row.body)
        values["alike"], values["likeness"] = _compare(row)
        _note_links(row)
    values["scanned"] = _scan(row, attached)
    records.derive(Submission, Submission.id == row.id, **values)
    for name, value in values.items():
        setattr(row, name, value)


def _compare(row: Submission) -> tuple[Submission | None, int]:
    """The earlier piece that is nearest to this text, and how near it is in percent."""
    slices = texts.bands(row.body)
    Band.delete().where(Band.submission == row).execute()
    if not slices:
        return None, 0
    Band.insert_many(
        [{"institution_id": row.institution_id, "submission": row.id, "value": value} for value in slices]
    ).execute()
    since = utcnow() - timedelta(days=COMPARED_DAYS)
    near = (
        Submission.select()
        .join(Band, on=(Band.submission == Submission.id))
        .where(
            Band.institution_id == row.institution_id,
            Band.value.in_(slices),
            Submission.id != row.id,
            Submission.created_at > since,
        )
        .distinct()
        .order_by(Submission.id.desc())
        .limit(50)
    )
    mine = texts.squeezed(row.body)
    scored = [(round(fuzz.ratio(mine, texts.squeezed(other.body))), other) for other in near]
    best = max(scored, key=lambda pair: (pair[0], -pair[1].id), default=None)
    return (best[1], best[0]) if best and best[0] >= 50 else (None, 0)


def _note_links(row: Submission) -> None:
    """Remember the links to be followed by the job."""
    wanted = {a[:500] for a in [*texts.addresses(row.body), row.source_link] if a}
    known = {link.address: link for link in Link.select().where(Link.submission == row)}
    Link.delete().where(Link.submission == row, Link.address.in_([a for a in known if a not in wanted])).execute()
    if fresh := [a for a in wanted if a not in known]:
        Link.insert_many([{"submission": row.id, "address": a} for a in sorted(fresh)]).execute()


def _scan(row: Submission, attached: Sequence[Attachment]) -> str:
    """Keep as hits what needs a decision; what was decided stays so as long as it is there. Gives the lists' stamp."""
    lists = Lists(ContentWord.select().where(ContentWord.institution == row.institution_id).order_by(ContentWord.id))
    found = {(f.kind, f.text, f.place): f for f in _everything(row, attached, lists)}
    known = {(HitKind(h.kind), h.text, h.place): h for h in Hit.select().where(Hit.submission == row)}
    for key, hit in known.items():
        if key not in found:
            records.delete(hit)
        elif hit.refused != found[key].refused:
            records.update(hit, refused=found[key].refused)
    for key, one in found.items():
        if key not in known:
            records.create(
                Hit,
                institution=row.institution_id,
                submission=row,
                kind=one.kind.value,
                word=one.word,
                category=one.category,
                text=one.text[:120],
                place=one.place[:200],
                refused=one.refused,
            )
    return lists.stamp


def _everything(row: Submission, attached: Sequence[Attachment], lists: Lists) -> list[Found]:
    policy = policy_of(ContentPolicy, row.institution_id, today())
    text = texts.plain(row.body)
    captions = " ".join(a.caption for a in attached)
    found = lists.words_in(row.headline, f"{text} {captions}")
    for file in attached:
        if file.origin == Origin.NETWORK and not file.licence:
            found.append(Found(HitKind.RIGHTS, file.file_name or file.file[:12], file.file_name))
    if policy is None or policy.personal_data_held:
        found += numbers_in(f"{row.headline} {text} {captions}")
        for file in attached:
            found += numbers_in(file.hidden, file.file_name)
            if file.located:
                found.append(Found(HitKind.POSITION, file.file_name or file.file[:12], file.file_name))
    return found


def scan_again(institution: Institution) -> int:
    """Read anew what is not out yet and was read with other lists. Gives the number of pieces."""
    lists = Lists(ContentWord.select().where(ContentWord.institution == institution).order_by(ContentWord.id))
    rows = Submission.select().where(
        Submission.institution == institution,
        Submission.state.in_([*EDITABLE, State.REVIEW.value]),
        Submission.scanned != lists.stamp,
    )
    count = 0
    for row in list(rows):
        with transaction():
            attached = list(Attachment.select().where(Attachment.submission == row))
            records.derive(Submission, Submission.id == row.id, scanned=_scan(row, attached))
        count += 1
    return count
