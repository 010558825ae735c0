"""Standing duties the source policies speak of, to be taken over with one click; an institution changes them freely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from panel import records
from panel.database import transaction
from panel.i18n import _l, today
from panel.obligations.kinds import Every
from panel.obligations.models import Duty, Role
from panel.org.models import Unit


@dataclass(frozen=True)
class Preset:
    """A duty, how often it recurs where the source names no figure, and the articles that demand it."""

    code: str
    name: Any
    area: str
    every: Every
    rules: tuple[str, ...]
    role: Role = Role.PUBLICITY
    asks_file: bool = False
    first_in: int = 30  # days until it is first due


HALF_YEAR, DAILY = Every(days=180), Every(days=1)

PRESETS = (
    Preset("training", _l("Security training"), "training", HALF_YEAR, ("s1-06-r07",)),
    Preset("all_staff", _l("Security training of all staff"), "training", Every(months=12), ("s1-06-r16",)),
    Preset("exchange", _l("Training of account administrators"), "training", HALF_YEAR, ("s2-03-r07",)),
    Preset("rules", _l("Make the rules known and train the staff"), "training", HALF_YEAR, ("s2-04-r14",)),
    Preset("platform", _l("Back up the platform's data"), "backup", Every(days=7), ("s1-18-r13",), Role.CLERK),
    Preset("enterprise", _l("Back up the enterprise platform"), "backup", DAILY, ("s1-21-r08",), Role.CLERK, False, 1),
    Preset("content", _l("Back up what was published"), "backup", Every(days=30), ("s2-05-r14",), Role.CLERK),
    Preset("duty_lead", _l("Name the duty lead of the day"), "duty", DAILY, ("s0-10-r04",), Role.LEAD, False, 1),
    Preset("spot_check", _l("Spot-check the use of WeChat"), "audit", Every(days=30), ("s1-01-r10",)),
    Preset("reread", _l("Review again what is on the platform"), "audit", Every(days=30), ("s1-06-r13",)),
    Preset("account_check", _l("Security check of the account"), "audit", Every(days=90), ("s1-09-r05",), Role.CLERK),
    Preset("use_review", _l("Review how staff use WeChat"), "audit", Every(days=90), ("s1-11-r13",)),
    Preset("published", _l("Check what was published"), "audit", Every(days=30), ("s1-22-r05",)),
    Preset("inspection", _l("Enter the day's inspection record"), "duty", DAILY, ("s1-23-r23",), Role.LEAD, False, 0),
)


def take_over(codes: list[str], unit: Unit) -> list[Duty]:
    """Enter presets as standing duties of a unit; those it has already are left alone."""
    rows: Any = Duty.select(Duty.name).where(Duty.unit == unit).tuples()
    there = {name for (name,) in rows}
    made = []
    with transaction():
        for preset in PRESETS:
            if preset.code in codes and str(preset.name) not in there:
                made.append(
                    records.create(
                        Duty,
                        institution=unit.institution_id,
                        unit=unit,
                        name=str(preset.name),
                        area=preset.area,
                        role=preset.role.value,
                        first_due_on=today() + timedelta(days=preset.first_in),
                        every_days=preset.every.days,
                        every_months=preset.every.months,
                        asks_file=preset.asks_file,
                        rules=" ".join(preset.rules),
                    )
                )
    return made
