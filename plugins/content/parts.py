"""What a page of a piece shows besides its columns, and what its form says, as the verbs take it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN

from panel.api import Person, Refused, _, approval_of
from plugins.accounts.services import Account
from plugins.content import reviewing, services, texts
from plugins.content.choices import Part, State, Task
from plugins.content.forwarding import progress
from plugins.content.models import (
    Attachment,
    Comment,
    Contribution,
    Correction,
    Hit,
    Link,
    Release,
    Round,
    Submission,
    Target,
)
from plugins.content.submissions import SUBJECT, Contributor


def hang(rows: list[Any]) -> None:
    """Hang contributors on the rows of a page, in one query; on one row, for its page and form, its accounts, too."""
    ids = [row.id for row in rows]
    people: dict[tuple[int, str], list[Contribution]] = {}
    query: Any = Contribution.select(Contribution, Person).join(Person, JOIN.LEFT_OUTER)
    for one in query.where(Contribution.submission.in_(ids)).order_by(Contribution.position):
        people.setdefault((one.__data__["submission"], one.part), []).append(one)
    aimed: list[Account] = []
    if len(rows) == 1:
        targets: Any = Target.select(Target, Account).join(Account).order_by(Target.id)
        publish = (Target.submission == ids[0]) & (Target.task == Task.PUBLISH.value)
        aimed = [target.account for target in targets.where(publish)]
    for row in rows:
        authors = people.get((row.id, Part.AUTHOR.value), [])
        row.author_names = [str(one) for one in authors]
        row.authors = [one.person for one in authors if one.person_id]
        row.outsiders = "\n".join(f"{one.name} {one.unit_name}".strip() for one in authors if not one.person_id)
        row.shares = "，".join(f"{one.share / 100:g}" for one in authors if one.share)
        row.photographers = [one.person for one in people.get((row.id, Part.PHOTO.value), []) if one.person_id]
        row.filmers = [one.person for one in people.get((row.id, Part.VIDEO.value), []) if one.person_id]
        row.accounts = aimed


def given(values: dict[str, Any]) -> dict[str, Any]:
    """The form's values as `begin` and `change` take them. Raises Refused for shares that cannot be read."""
    values = dict(values)
    authors = [Contributor(person) for person in values.pop("authors", None) or []]
    for line in (values.pop("outsiders", None) or "").splitlines():
        name, _gap, unit_name = " ".join(line.split()).partition(" ")
        if name:
            authors.append(Contributor(None, name, unit_name))
    shares = _shares(values.pop("shares", None) or "", len(authors))
    authors = [Contributor(a.person, a.name, a.unit_name, s) for a, s in zip(authors, shares, strict=True)]
    photographers = [Contributor(person) for person in values.pop("photographers", None) or []]
    filmers = [Contributor(person) for person in values.pop("filmers", None) or []]
    values["parts"] = {Part.AUTHOR: authors, Part.PHOTO: photographers, Part.VIDEO: filmers}
    values["accounts"] = values.pop("accounts", None) or []
    for name in ("source", "speaker"):
        values[name] = values.get(name) or None
    return values


def _shares(typed: str, count: int) -> list[int | None]:
    parts = [p for p in re.split(r"[\s,，、;；/:：%％]+", typed) if p]
    if not parts:
        return [None] * count
    if len(parts) != count:
        raise Refused(_("There are %(count)s authors, but %(given)s shares.", count=count, given=len(parts)), "shares")
    try:
        shares = [round(float(p) * 100) for p in parts]
    except (ValueError, OverflowError):
        raise Refused(_("Give shares in percent, for example 60, 40."), "shares") from None
    if any(not 1 <= s <= 10_000 for s in shares):
        raise Refused(_("A share is more than 0 and at most 100 %."), "shares")
    return list(shares)


@dataclass(frozen=True)
class Piece:
    """All parts of a piece, for its page."""

    text: Any
    files: list[Attachment]
    rounds: list[Round]
    comments: list[Comment]
    hits: list[Hit]
    checklist: list[Any]
    obstacles: list[str]
    targets: list[Target]
    releases: list[Release]
    corrections: dict[int, list[Correction]]
    reads: dict[int, int]
    dead: list[Link]
    request: Any
    scratch: Any
    alike: Submission | None = None
    forwarding: Any = None


def page_of(row: Submission) -> Piece:
    """Everything about one piece."""
    releases = list(Release.select().where(Release.submission == row).order_by(Release.released_on, Release.id))
    corrections: dict[int, list[Correction]] = {}
    for one in Correction.select().where(Correction.release.in_([r.id for r in releases])).order_by(Correction.id):
        corrections.setdefault(one.__data__["release"], []).append(one)
    in_review = row.state == State.REVIEW
    return Piece(
        text=texts.html(row.body),
        files=list(Attachment.select().where(Attachment.submission == row).order_by(Attachment.position)),
        rounds=list(Round.select().where(Round.submission == row).order_by(Round.number.desc())),
        comments=list(Comment.select().where(Comment.submission == row).order_by(Comment.id)),
        hits=list(Hit.select().where(Hit.submission == row).order_by(Hit.id)),
        checklist=services.checklist(row) if row.round else [],
        obstacles=reviewing.in_the_way(row) if in_review else [],
        targets=list(Target.select().where(Target.submission == row).order_by(Target.id)),
        releases=releases,
        corrections=corrections,
        reads=services.reads_by([r.id for r in releases], date.max),
        dead=list(Link.select().where(Link.submission == row, ~Link.ok)),
        request=approval_of(row, SUBJECT),
        scratch=services.scratch_of(row),
        alike=row.alike if row.likeness >= 50 else None,
        forwarding=progress(row) if releases else None,
    )
