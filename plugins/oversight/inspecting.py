"""The verbs on inspections: plan, enter what was found, answer, return, accept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import Person, Refused, _, audit, policy_of, records, today, transaction
from plugins.oversight.choices import MOVES, Gravity, InspectionState, ItemState
from plugins.oversight.duties import holders
from plugins.oversight.models import Duty, Inspection, Item
from plugins.oversight.policy import DutyKind, OversightPolicy


def plan(values: dict[str, Any]) -> Inspection:
    """Plan an inspection. Raises Refused where the inspector does not inspect (s1-01-r09)."""
    with transaction():
        values = _ready(values)
        _may_inspect(values)
        return records.create(Inspection, **values)


def change_inspection(row: Inspection, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change an inspection that is planned. Raises Refused once it is done or dropped."""
    with transaction():
        if Inspection.get_by_id(row.id).state != InspectionState.PLANNED:
            raise Refused(_("Only a planned inspection can be changed."))
        values = _ready(values)
        names = ("by_unit", "inspector", "outside", "planned_on", "institution")
        _may_inspect({name: getattr(row, name) for name in names} | values)
        records.update(row, expected_version, **values)


def _ready(values: dict[str, Any]) -> dict[str, Any]:
    """An account is inspected where it belongs; an authority from outside is named without spaces around."""
    account = values.get("account")
    if account is not None:
        values = {**values, "unit": account.unit}
    if values.get("unit") is None and "unit" in values:
        raise Refused(_("Name the unit, or the account, that is inspected."), "unit")
    return {**values, "outside": (values.get("outside") or "").strip()} if "outside" in values else values


def _may_inspect(values: dict[str, Any]) -> None:
    """Inside the institution, whose duty it is inspects; from outside, whoever is sent."""
    inspector: Person | None = values.get("inspector")
    institution = values["institution"]
    policy = policy_of(OversightPolicy, institution, today())
    if values.get("outside") or policy is None or not policy.inspectors_hold_duty:
        return
    allowed = holders(institution, values["planned_on"]).where(DutyKind.inspects, Duty.person == inspector)
    if inspector is None or not allowed.exists():
        name = inspector or _("Nobody")
        raise Refused(_("%(name)s holds no duty that includes inspecting.", name=name), "inspector")


def carry_out(row: Inspection, on: date, result: str, found: list[dict[str, Any]], **paper: Any) -> list[Item]:
    """Enter that an inspection was done, with what was found; `found` are items as for `add_item`.

    Each item opens an obligation of the inspected unit. Raises Refused for a day to come, or where it is over.
    """
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
    with transaction():
        if Inspection.get_by_id(row.id).state != InspectionState.PLANNED:
            raise Refused(_("This inspection is over already."))
        records.update(row, state=InspectionState.DONE.value, done_on=on, result=result.strip(), **paper)
        return [add_item(row, one) for one in found]


def add_item(row: Inspection, values: dict[str, Any]) -> Item:
    """Enter something found. `values`: finding, advice, gravity and due_on; without a day, the policy's."""
    finding = (values.get("finding") or "").strip()
    if not finding:
        raise Refused(_("Say what was found."), "finding")
    with transaction():
        stored = Inspection.get_by_id(row.id)
        if stored.done_on is None:
            raise Refused(_("Enter first that the inspection was done."))
        due_on = values.get("due_on")
        if due_on is None:
            policy = policy_of(OversightPolicy, row.institution_id, today())
            due_on = stored.done_on + timedelta(days=(policy.answer_days if policy else None) or 15)
        if due_on < stored.done_on:
            raise Refused(_("An answer cannot be due before the inspection."), "due_on")
        number = Item.select(fn.MAX(Item.number)).where(Item.inspection == row).scalar() or 0
        return records.create(
            Item,
            institution=row.institution_id,
            inspection=row,
            number=number + 1,
            finding=finding,
            advice=(values.get("advice") or "").strip(),
            gravity=values.get("gravity") or Gravity.REMARK.value,
            due_on=due_on,
        )


def drop_inspection(row: Inspection, reason: str) -> None:
    """Give a planned inspection up."""
    if not reason.strip():
        raise Refused(_("Enter the reason."), "reason")
    with transaction(), audit.acting(reason=reason.strip()):
        if Inspection.get_by_id(row.id).state != InspectionState.PLANNED:
            raise Refused(_("This inspection is over already."))
        records.update(row, state=InspectionState.DROPPED.value)


def answer(item: Item, text: str, on: date | None = None, **paper: Any) -> None:
    """Answer an item; `paper` holds file and file_name. Raises Refused where it is not the unit's turn."""
    on = on or today()
    if not text.strip():
        raise Refused(_("Say what was done about it."), "answer")
    if on > today() or on < item.inspection.done_on:
        raise Refused(_("An answer is given between the inspection and today."), "on")
    with transaction():
        _move(item, ItemState.ANSWERED)
        records.update(item, state=ItemState.ANSWERED.value, answer=text.strip(), answered_on=on, **paper)


def accept(item: Item, note: str = "", on: date | None = None) -> None:
    """Accept an answer: the item is closed."""
    with transaction():
        _move(item, ItemState.ACCEPTED)
        records.update(item, state=ItemState.ACCEPTED.value, decision=note[:500], decided_on=on or today())


def give_back(item: Item, reason: str, due_on: date) -> None:
    """Return an answer that does not do, with the reason and a new day."""
    if not reason.strip():
        raise Refused(_("Enter the reason."), "reason")
    if due_on < today():
        raise Refused(_("The new day lies in the past."), "due_on")
    with transaction():
        _move(item, ItemState.RETURNED)
        records.update(
            item,
            state=ItemState.RETURNED.value,
            decision=reason.strip()[:500],
            decided_on=today(),
            due_on=due_on,
            returns=item.returns + 1,
        )


def _move(item: Item, to: ItemState) -> None:
    """Raises Refused where an item cannot come into a state from where it stands now."""
    now = ItemState(Item.get_by_id(item.id).state)
    if now not in MOVES[to]:
        raise Refused(_("This is not possible now; the item stands at “%(state)s”.", state=now.label))
