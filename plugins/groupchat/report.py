"""What a member list and a chat record say of a group, as lists: for the command line and the pages alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from panel.api import Person, _
from plugins.groupchat.choices import CaseKind
from plugins.groupchat.judging import Hit, Judge, Rules
from plugins.groupchat.matching import Line, Roster
from plugins.groupchat.reading import Post
from plugins.groupchat.receipts import Asked, Watch


@dataclass
class MemberReport:
    """A member list against the roster."""

    lines: list[Line] = field(default_factory=list)
    left: list[Person] = field(default_factory=list)  # gone from the institution, still in the group
    strangers: list[Line] = field(default_factory=list)
    unknown: list[Line] = field(default_factory=list)  # no name shown and no alias known: to be confirmed
    missing: list[Person] = field(default_factory=list)
    unnamed: list[Person] = field(default_factory=list)
    elsewhere: list[Person] = field(default_factory=list)  # in service, but of no post that belongs here

    @property
    def here(self) -> list[Person]:
        """The matched members in service."""
        return [line.person for line in self.lines if line.person is not None and line.person not in self.left]


def compare(lines: Sequence[Line], roster: Roster, expected: Iterable[Person], day: date) -> MemberReport:
    """Match the lines and sort them by what is wrong."""
    report = MemberReport([roster.match(line) for line in lines])
    wanted = {person.id: person for person in expected}
    seen: set[int] = set()
    for line in report.lines:
        person = line.person
        if person is None:
            (report.strangers if line.nickname and not line.others else report.unknown).append(line)
            continue
        seen.add(person.id)
        if not person.in_service(day):
            report.left.append(person)
            continue
        if not line.named:
            report.unnamed.append(person)
        if wanted and person.id not in wanted:
            report.elsewhere.append(person)
    report.missing = [person for key, person in wanted.items() if key not in seen]
    return report


@dataclass
class ChatReport:
    """A chat record by the rules of a group."""

    messages: int = 0
    hits: list[Hit] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    skipped: int = 0


def read_chat(posts: Any, rules: Rules, exact: bool) -> ChatReport:
    """Judge a whole record and note who answered what; for records that fit in memory as hits."""
    judge, watch = Judge(rules), Watch(exact=exact)
    report = ChatReport()
    for batch, hits in judge.run(posts):
        watch.follow(batch)
        report.hits += hits
    report.messages, report.asked = judge.messages, watch.asked
    report.skipped = getattr(posts, "skipped", 0)
    report.hits.sort(key=lambda hit: (hit.post.day, hit.post.minute))
    return report


def silent(asked: Asked, report: MemberReport, roster: Roster) -> tuple[list[Person], list[Person]]:
    """Who of the members in service has not answered as asked: under their real name, and under another.

    An answer of the second may stand under a nickname nobody knows, so they are listed apart.
    """
    given = {roster.person(sender) for sender, (_post, good) in asked.answers.items() if good}
    given.add(roster.person(asked.sender))
    named = {line.person for line in report.lines if line.named}
    rest = [person for person in dict.fromkeys(report.here) if person not in given]
    return [p for p in rest if p in named], [p for p in rest if p not in named]


def wording(hit: Hit, limit: int | None) -> str:
    """A finding in words."""
    if hit.kind == CaseKind.TOO_LONG:
        return _("longer than %(count)s characters", count=limit)
    return str(hit.kind.label).lower()


def when(post: Post) -> str:
    """The time of a post: 2026-09-14T06:12."""
    return f"{post.day}T{post.minute // 60:02}:{post.minute % 60:02}"


def as_lists(members: MemberReport, chat: ChatReport | None, roster: Roster, rules: Rules) -> dict[str, Any]:
    """Everything as plain lists, names in the order of their characters."""
    found: dict[str, Any] = {
        "left_staff_still_members": _names(members.left),
        "strangers": sorted(line.shown for line in members.strangers),
        "unknown_lines": sorted(line.shown for line in members.unknown),
        "staff_missing_from_group": _names(members.missing),
        "not_real_name": _names(members.unnamed),
        "post_does_not_belong": _names(members.elsewhere),
    }
    if chat is None:
        return found
    found["messages"] = chat.messages
    found["lines_not_read"] = chat.skipped
    found["notices"] = [_asked(one, members, roster, rules) for one in chat.asked]
    if found["notices"]:
        latest = found["notices"][-1]
        found |= {key: latest[key] for key in ("notice_at", "no_receipt", "receipts_inside_quiet_hours")}
    found["findings"] = [
        {"at": when(hit.post), "sender": hit.post.sender, "finding": wording(hit, rules.max_length)}
        for hit in chat.hits
    ]
    return found


def _asked(one: Asked, members: MemberReport, roster: Roster, rules: Rules) -> dict[str, Any]:
    rest, unnamed = silent(one, members, roster)
    answers = [(sender, post, good) for sender, (post, good) in one.answers.items()]
    return {
        "notice_at": f"{one.day}T{one.minute // 60:02}:{one.minute % 60:02}",
        "sender": one.sender,
        "wording": one.wording,
        "no_receipt": _names(rest),
        "no_receipt_unnamed": _names(unnamed),
        "wording_differs": sorted(sender for sender, _post, good in answers if not good),
        "receipts_inside_quiet_hours": sorted(
            sender for sender, post, good in answers if good and rules.quiet.quiet(post.day, post.minute)
        ),
    }


def _names(people: Iterable[Person]) -> list[str]:
    return sorted(dict.fromkeys(person.name for person in people))
