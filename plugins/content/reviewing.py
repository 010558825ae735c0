"""Reviewing: comments on passages, the checklist, decisions on what was found, and what the chain's end does."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from panel.api import Refused, _, current, records, transaction, utcnow
from plugins.content import texts
from plugins.content.choices import HitState, ItemKind, RoundState, State
from plugins.content.models import Answer, Comment, Hit, Round, Submission
from plugins.content.policy import ReviewItem
from plugins.content.submissions import end_round, last_round, open_hits


def _user() -> Any:
    identity = current()
    return identity.user if identity else None


def _in_review(row: Submission) -> None:
    if Submission.get_by_id(row.id).state != State.REVIEW:
        raise Refused(_("This piece is not under review."))


def comment(row: Submission, note: str, quote: str = "") -> Comment:
    """Remark on a passage. Raises Refused where the passage does not stand in the text."""
    quote = " ".join(quote.split())
    with transaction():
        _in_review(row)
        if quote and quote not in " ".join(f"{row.headline} {texts.plain(row.body)}".split()):
            raise Refused(_("This passage does not stand in the text. Copy it from there."), "quote")
        return records.create(
            Comment,
            institution=row.institution_id,
            submission=row,
            round=row.round,
            quote=quote[:500],
            note=note.strip()[:1000],
            by=_user(),
        )


def resolve(remark: Comment) -> None:
    """Tick a comment off. A second time changes nothing."""
    if remark.resolved_at is None:
        records.update(remark, resolved_at=utcnow())


def decide_hit(hit: Hit, state: HitState, reason: str) -> None:
    """Say whether something found may stay, with the reason (s2-02-r10). Raises Refused without one."""
    if state == HitState.OPEN or not reason.strip():
        raise Refused(_("Say why."), "reason")
    with transaction():
        _in_review(hit.submission)
        if hit.refused and state == HitState.CLEARED:
            raise Refused(_("The list refuses this word. Whoever keeps the list may change that."), "state")
        records.update(hit, state=state.value, reason=reason.strip()[:300], by=_user())


# ── the checklist ──────────────────────────────────────────────────────────────────────────────


def checklist(row: Submission) -> list[tuple[ReviewItem, Answer | None]]:
    """The items in use, each with its answer in this round."""
    items = ReviewItem.select().where(ReviewItem.institution == row.institution_id, ReviewItem.active)
    given = {a.__data__["item"]: a for a in Answer.select().where(Answer.submission == row, Answer.round == row.round)}
    return [(item, given.get(item.id)) for item in items.order_by(ReviewItem.position, ReviewItem.id)]


def answer(row: Submission, yes: set[int]) -> None:
    """Answer the checklist in this round: `yes` are the ids of the items that are confirmed, or apply."""
    with transaction():
        _in_review(row)
        for item, given in checklist(row):
            if given is None:
                records.create(
                    Answer,
                    institution=row.institution_id,
                    submission=row,
                    round=row.round,
                    item=item,
                    yes=item.id in yes,
                    by=_user(),
                )
            elif given.yes != (item.id in yes):
                records.update(given, yes=item.id in yes, by=_user())


def in_the_way(row: Submission) -> list[str]:
    """Why the piece may not be approved yet, in sentences; empty: nothing is."""
    found = []
    for item, given in checklist(row):
        if item.kind == ItemKind.CONFIRM and not (given and given.yes):
            found.append(_("Not confirmed: %(item)s", item=item))
        if item.kind == ItemKind.BAR and given and given.yes:
            found.append(_("Barred: %(item)s", item=item))
    for hit in open_hits(row):
        if hit.state == HitState.BARRED:
            found.append(_("Must go: %(text)s", text=hit.text))
        else:
            found.append(_("Nobody has decided yet whether this may stay: %(text)s", text=hit.text))
    return found


# ── what the chain's end does ──────────────────────────────────────────────────────────────────


def approved(row: Submission) -> None:
    """The last signature: the text is frozen. Raises Refused as long as something bars it; the signature is undone."""
    if wrong := in_the_way(row):
        raise Refused(_("It cannot be approved: %(reasons)s", reasons="；".join(wrong)))
    with transaction():
        end_round(row, RoundState.APPROVED)
        records.update(row, state=State.APPROVED.value, frozen=row.print, approved_at=utcnow())


ENDS = {
    "returned": (State.RETURNED, RoundState.RETURNED),
    "rejected": (State.REJECTED, RoundState.REJECTED),
    "withdrawn": (State.DRAFT, RoundState.WITHDRAWN),
    "void": (State.RETURNED, RoundState.VOID),
}


def ended(row: Submission, how: str, why: str = "") -> None:
    """The chain ended without approval: returned, rejected, withdrawn or void."""
    state, round_state = ENDS[how]
    with transaction():
        end_round(row, round_state, why)
        if row.state in (State.REVIEW, State.APPROVED):
            records.update(row, state=state.value, frozen="", approved_at=None)


# ── what changed between rounds ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """A paragraph of two versions side by side: pieces of text, each with whether it is only here."""

    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]
    changed: bool


def compared(old: Round | None, new: Round | Submission) -> list[Line]:
    """Two versions side by side, paragraph by paragraph, the title first."""
    before = [old.headline, *texts.lines(old.body)] if old else []
    after = [new.headline, *texts.lines(new.body)]
    found: list[Line] = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            found += [Line([(t, False)], [(t, False)], False) for t in before[i:j]]
            continue
        for n in range(max(j - i, m - k)):
            left = before[i + n] if i + n < j else ""
            right = after[k + n] if k + n < m else ""
            found.append(_line(left, right))
    return found


def _line(left: str, right: str) -> Line:
    if not left or not right or len(left) * len(right) > 4_000_000:  # beyond that, letter by letter takes minutes
        return Line([(left, True)] if left else [], [(right, True)] if right else [], True)
    old: list[tuple[str, bool]] = []
    new: list[tuple[str, bool]] = []
    for kind, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if i < j:
            old.append((left[i:j], kind != "equal"))
        if k < m:
            new.append((right[k:m], kind != "equal"))
    return Line(old, new, True)


def round_before(row: Submission) -> Round | None:
    """The round before the last one, to compare it with."""
    last = last_round(row)
    if last is None:
        return None
    found: Round | None = (
        Round.select().where(Round.submission == row, Round.number < last.number).order_by(Round.number.desc()).first()
    )
    return found
