"""The verbs on named problems, bulletins with their ranking, and days of duty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from panel.api import Person, Refused, _, national_rules, policy_of, records, today, transaction, utcnow
from plugins.groupchat.choices import Measure
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.posts import Bulletin, DutyDay, Problem, Result
from plugins.groupchat.register import me


def name_problem(values: dict[str, Any]) -> Problem:
    """Name somebody for a problem, to be corrected by a time. `values`: group, person, fact, due_at, inspector."""
    group, person = values["group"], values["person"]
    if person.__data__["institution"] != group.institution_id:
        raise Refused(_("Choose a person of this institution."), "person")
    named = values.get("named_at") or utcnow()
    if values["due_at"] <= named:
        raise Refused(_("The time for the correction lies after now."), "due_at")
    values = {**values, "institution": group.institution_id}
    if values.get("inspector") is None:
        values["inspector"] = me()
    return records.create(Problem, **values)


def acknowledge(problem: Problem, at: datetime | None = None) -> None:
    """Note that the person answered, in the prescribed words (s1-23-r25)."""
    if Problem.get_by_id(problem.id).acknowledged_at is not None:
        raise Refused(_("This was answered already."))
    records.update(problem, acknowledged_at=at or utcnow())


def correct(problem: Problem, proof: str = "", file: str = "") -> None:
    """Report the correction in words or pictures (s1-23-r26). Raises Refused without either."""
    if not proof.strip() and not file:
        raise Refused(_("Show in words or with a picture what was done."), "proof")
    with transaction():
        stored = Problem.get_by_id(problem.id)
        if stored.corrected_at is not None:
            raise Refused(_("This was corrected already."))
        now = utcnow()
        acknowledged = stored.acknowledged_at or now
        records.update(problem, corrected_at=now, acknowledged_at=acknowledged, proof=proof.strip(), file=file)


def overdue(problem: Problem, at: datetime | None = None) -> bool:
    """Whether the time for the correction has passed without one."""
    return problem.corrected_at is None and problem.due_at < (at or utcnow())


def summon(problem: Problem, outcome: str = "", at: datetime | None = None) -> None:
    """Note that the person was called to explain. Raises Refused before the time has passed."""
    with transaction():
        if not overdue(Problem.get_by_id(problem.id), at):
            raise Refused(_("Nobody is summoned before the time for the correction is over."))
        records.update(problem, summoned_at=at or utcnow(), outcome=outcome.strip()[:300])


# ── bulletins ──────────────────────────────────────────────────────────────────────────────────


def ranks(scores: Sequence[float]) -> list[int]:
    """The rank of each score, highest first; equal scores share one, and the next rank is left out for each."""
    order = sorted(scores, reverse=True)
    first: dict[float, int] = {}
    for place, score in enumerate(order, 1):
        first.setdefault(score, place)
    return [first[score] for score in scores]


def ranked(rows: Iterable[Result]) -> list[tuple[int, Result]]:
    """Results with their ranks, highest first; within a rank by name."""
    found = [row for row in rows if row.score is not None]
    placed = zip(ranks([float(row.score or 0) for row in found]), found, strict=True)
    return sorted(placed, key=lambda one: (one[0], str(one[1].person)))


def add_result(values: dict[str, Any]) -> Result:
    """Enter a line of a bulletin that is not out yet."""
    bulletin = values["bulletin"]
    if Bulletin.get_by_id(bulletin.id).published_at is not None:
        raise Refused(_("The bulletin is out already."))
    return records.create(Result, **{**values, "institution": bulletin.institution_id})


def may_rank(bulletin: Bulletin) -> tuple[bool, str]:
    """Whether a bulletin shows ranks, and why not."""
    group = bulletin.group
    policy = policy_of(GroupPolicy, group.institution_id, bulletin.on) or GroupPolicy()
    if not policy.ranking:
        return False, _("The policy does not rank.")
    if bulletin.measure == Measure.SCORE or policy.rank_by_likes:
        return True, ""
    barring = [r for r in national_rules(group.institution, bulletin.on) if r.parameter.endswith(".rank_by_likes")]
    return (False, barring[0].source) if barring else (True, "")


def publish(bulletin: Bulletin) -> None:
    """Publish a bulletin (s1-23-r24). Raises Refused, naming the lines, without person, fact or score in each."""
    with transaction():
        rows = list(Result.select().where(Result.bulletin == bulletin).order_by(Result.id))
        if not rows:
            raise Refused(_("The bulletin has no line yet."))
        wrong = [
            number
            for number, row in enumerate(rows, 1)
            if row.person_id is None or row.score is None or not row.fact.strip()
        ]
        if wrong:
            lines = "、".join(map(str, wrong))
            raise Refused(_("Line %(lines)s: person, fact and score belong in each.", lines=lines))
        records.update(bulletin, published_at=utcnow())


def text_of(bulletin: Bulletin) -> str:
    """The bulletin as it is posted."""
    query = Result.select(Result, Person).join(Person).where(Result.bulletin == bulletin)
    rows = list(query)
    allowed, _why = may_rank(bulletin)
    head = _("Bulletin: %(subject)s (%(day)s)", subject=bulletin.subject, day=bulletin.on)
    if allowed:
        lines = [
            _(
                "No. %(rank)s %(person)s, score %(score)s: %(fact)s",
                rank=n,
                person=r.person,
                score=f"{r.score:g}",
                fact=r.fact,
            )
            for n, r in ranked(rows)
        ]
    else:
        lines = [f"{row.person.name}：{row.fact}" for row in sorted(rows, key=lambda row: row.person.name)]
    return "\n".join([head, *lines])


# ── duty ───────────────────────────────────────────────────────────────────────────────────────


def record_duty(day: DutyDay, text: str) -> None:
    """Enter what the one on duty found (s1-23-r23). Raises Refused for an empty record and before the day."""
    if not text.strip():
        raise Refused(_("Write what was found; “nothing” is a finding, too."), "record")
    if day.on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=day.on))
    records.update(day, record=text.strip(), recorded_at=utcnow())
