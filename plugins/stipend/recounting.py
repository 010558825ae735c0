"""Which pieces are to be reckoned again: whatever decides about a fee is followed, in the transaction that changes it.

What decides about the fees of all pieces alike is in `ground_of` instead: where it changes, all are reckoned again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from peewee import Value, fn

from panel.api import Person, Touched, Unit, follow, records
from plugins.content.services import Contribution, Medium, ReadCount, Release, Submission
from plugins.stipend.choices import CLOSED
from plugins.stipend.collecting import months_of, window
from plugins.stipend.ledger import Entry, Factor, Payee, Recount, Settlement
from plugins.stipend.rates import Exclusion, Rate, RateCard

IN = 5_000  # values of one IN
RULES = 1  # raised when the same cards come to other fees than before


def _living(institution_id: int) -> Any:
    return (Settlement.institution == institution_id) & Settlement.state.not_in(CLOSED)


def live(institution_id: int) -> Settlement | None:
    """The settlement that is not approved yet; the database allows one."""
    found: Settlement | None = Settlement.get_or_none(_living(institution_id))
    return found


def _again(institution_id: int, ids: Sequence[int], fit: Callable[[Sequence[int]], Any]) -> None:
    """Have the released pieces reckoned again that fit some ids."""
    for start in range(0, len(ids), IN):
        pieces = Release.select(Release.submission, Value(institution_id)).where(fit(ids[start : start + IN]))
        Recount.insert_from(pieces.distinct(), [Recount.submission_id, Recount.institution_id]).execute()


@follow(Release)
def release_changed(institution_id: int, touched: Touched) -> None:
    """A piece went out, or was taken down."""
    _again(institution_id, touched.values("submission"), Release.submission.in_)


@follow(ReadCount)
def reads_changed(institution_id: int, touched: Touched) -> None:
    """A figure of reads was entered."""
    _again(institution_id, touched.values("release"), Release.id.in_)


@follow(Submission)
def piece_changed(institution_id: int, touched: Touched) -> None:
    """Something was changed about a piece that is out."""
    _again(institution_id, touched.ids, Release.submission.in_)


@follow(Contribution)
def contributor_changed(institution_id: int, touched: Touched) -> None:
    """Somebody else has a part in a piece that is out."""
    _again(institution_id, touched.values("submission"), Release.submission.in_)


@follow(Factor)
def factor_changed(institution_id: int, touched: Touched) -> None:
    """The factor of a piece was proposed, confirmed or turned down: only of a released one, whoever sees it already."""
    rows = [{"institution_id": institution_id, "submission_id": piece} for piece in touched.values("submission")]
    Recount.insert_many(rows).execute()


@follow(Person, "unit", "kind")
def person_changed(institution_id: int, touched: Touched) -> None:
    """Somebody moved: the staff of some units are paid nothing."""
    if _units_excluded(institution_id):
        theirs = Contribution.select(Contribution.submission)
        _again(
            institution_id, touched.ids, lambda ids: Release.submission.in_(theirs.where(Contribution.person.in_(ids)))
        )


@follow(Payee, "person", "name", "unit_name")
def payee_changed(institution_id: int, touched: Touched) -> None:
    """Contributions find their payee by these."""
    month = live(institution_id)
    if month is not None:
        theirs = Entry.select(Entry.submission).where(Entry.settlement == month)
        _again(institution_id, touched.earlier, lambda ids: Release.submission.in_(theirs.where(Entry.payee.in_(ids))))


def _units_excluded(institution_id: int) -> bool:
    return bool(
        Exclusion.select().where(Exclusion.institution == institution_id, Exclusion.unit.is_null(False)).exists()
    )


def ground_of(settlement: Settlement) -> str:
    """A print of what decides about the fees of all its pieces: cards, exclusions, the reach of media, its months."""
    held = settlement.institution_id
    parts: list[Any] = [RULES, [f"{month:%Y-%m}" for month in months_of(settlement)]]
    for model in (RateCard, Rate, Exclusion):
        parts.append(_rows(model, held, model.version))
    parts.append(_rows(Medium, held, Medium.level))
    if _units_excluded(held):
        parts.append(_rows(Unit, held, Unit.path))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _rows(model: Any, institution_id: int, *columns: Any) -> list[list[Any]]:
    rows = model.select(model.id, *columns).where(model.institution == institution_id).order_by(model.id)
    return [list(row) for row in rows.tuples()]


def reckon_all(institution_id: int) -> None:
    """Have all pieces of the month reckoned again that is not approved yet."""
    records.derive(Settlement, _living(institution_id), ground="")


def waiting(settlement: Settlement) -> bool:
    """Whether a piece of the settlement, or one that may belong to it, is to be reckoned again."""
    entered = Entry.select(Entry.id).where(Entry.settlement == settlement, Entry.submission == Recount.submission_id)
    out = Release.select(Release.id).where(window(settlement), Release.submission == Recount.submission_id)
    here = Recount.institution_id == settlement.institution_id
    return bool(Recount.select().where(here, fn.EXISTS(entered) | fn.EXISTS(out)).exists())


def forget(institution_id: int) -> None:
    """Drop what is to be reckoned again where no month is: the next begins with a pass over all there is.

    One statement: what it drops was committed before, so that pass will see it.
    """
    month = Settlement.select(Settlement.id).where(_living(institution_id))
    Recount.delete().where(Recount.institution_id == institution_id, ~fn.EXISTS(month)).execute()
