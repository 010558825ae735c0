"""A plan as the page and the command show it: JSON that needs no further query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from panel.admin.imports.columns import Column, Kind, fold
from panel.admin.imports.plan import Plan, PlannedRow, Unknown
from panel.admin.imports.sheet import Sheet
from panel.admin.imports.target import New, Target
from panel.admin.models import Outcome
from panel.i18n import plain

SHOWN_ROWS = 5  # row numbers given for a unit or person
MOST_PARENTS = 500  # units offered as the parent of a new one
LONGEST_TEXT = 300  # characters of a cell that are shown


def reading_of(sheet: Sheet, target: Target) -> dict[str, Any]:
    """How the sheet was read: columns with heading, sample, field and confidence; what was skipped, what is missing."""
    return {
        "sheet": sheet.name,
        "sheets": list(sheet.names),
        "header_row": sheet.header_row,
        "rows": len(sheet.rows),
        "skipped": {reason.value: count for reason, count in sheet.skipped.items() if count},
        "missing": [column.name for column in sheet.missing],
        "columns": [
            {
                "letter": match.letter,
                "heading": match.heading,
                "sample": sheet.samples.get(match.letter, "")[:60],
                "column": match.column,
                "confidence": match.confidence.value if match.confidence else None,
            }
            for match in sheet.mapping.matches
        ],
    }


def rows_of(plan: Plan, sheet: Sheet) -> Iterator[dict[str, Any]]:
    """The values of an ImportRow for each row of the plan, in the order they are shown."""
    order = {outcome: rank for rank, outcome in enumerate(Outcome)}
    words = Words(plan)
    places = {m.column: (m.letter, m.heading) for m in reversed(sheet.mapping.matches) if m.column}
    for position, row in enumerate(sorted(plan.rows, key=lambda r: (order[r.outcome], r.number))):
        yield {
            "position": position,
            "row_number": row.number,
            "outcome": row.outcome.value,
            "label": row.label,
            "subject_id": row.stored.id if row.stored and row.outcome != Outcome.REFUSED else None,
            "cells": words.cells(row),
            "problems": list(words.problems(row, places)),
        }


class Words:
    """Values of a plan in words."""

    def __init__(self, plan: Plan) -> None:
        self.target, self.resolver, self.roster = plan.target, plan.resolver, plan.resolver.roster
        self.columns = {column.name: column for column in plan.target.columns}
        self.spellings = {c.name: _spellings(c) for c in plan.target.columns if c.kind == Kind.CHOICE}

    def cells(self, row: PlannedRow) -> dict[str, Any]:
        """Column → {"text", and "old", "new" (names to be created), "remark" and "asks" where there are any}."""
        cells = {}
        for name, value in row.values.items():
            cell: dict[str, Any] = {"text": self.text(name, value)}
            if row.outcome == Outcome.CHANGED and name in row.changes and row.stored:
                cell["old"] = self.text(name, row.stored.values.get(name))
            new = [v.name for v in (value if isinstance(value, list) else [value]) if isinstance(v, New)]
            if new:
                cell["new"] = new
            if name in row.remarks:
                cell["remark"] = row.remarks[name]
            cells[name] = cell
        for name, (column, ids, chosen) in row.asked.items():
            asks = cells.setdefault(column, {"text": ""}).setdefault("asks", [])
            kind = self.kind(column)
            asks.append(
                {"kind": kind, "name": name, "key": fold(name), "chosen": chosen, "options": self.options(kind, ids)}
            )
        return cells

    def kind(self, column: str) -> str:
        return "unit" if column in self.target.units else "person"

    def options(self, kind: str, ids: Iterable[int]) -> list[list[Any]]:
        """Among whom to choose: id and description."""
        return [[row_id, self.resolver.describe(kind, row_id)] for row_id in ids]

    def problems(self, row: PlannedRow, places: dict[str, tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """What is wrong where; `letter` and `heading` as in the sheet."""
        for trouble in row.troubles:
            letter, heading = places.get(trouble.column, ("", ""))
            value = trouble.value or self.text(trouble.column, row.values.get(trouble.column))
            yield {
                "column": trouble.column,
                "letter": letter,
                "heading": heading,
                "value": value[:LONGEST_TEXT],
                "message": trouble.message,
                "code": trouble.code,
            }

    def text(self, column: str, value: Any) -> str:
        return self._text(column, value)[:LONGEST_TEXT]

    def _text(self, column: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            return "、".join(self._text(column, item) for item in value)
        if isinstance(value, New):
            return value.name
        if column in self.target.units:
            return self.roster.units[value].name if value in self.roster.units else ""
        kind = self.columns[column].kind if column in self.columns else Kind.TEXT
        if kind in (Kind.PERSON, Kind.PEOPLE):
            return self.roster.names.get(value, "")
        if kind == Kind.CHOICE:
            return self.spellings[column].get(value, str(value))
        return value.isoformat() if isinstance(value, date) else plain(value)


def _spellings(column: Column) -> dict[Any, str]:
    """The first spelling of each value."""
    return {value: spelling for spelling, value in reversed(list(column.choices.items()))}


def offers_of(plan: Plan) -> dict[str, Any]:
    """Units and people to be created, where new units may go, and the names that fit several."""
    resolver = plan.resolver
    units = [u for u in plan.unknown.values() if u.new.kind == "unit"]
    people = [u for u in plan.unknown.values() if u.new.kind == "person"]
    offers: dict[str, Any] = {
        "units": [_offer(u) | _parent(plan, u) for u in units],
        "people": [_offer(u) | {"unit": _home(plan, u)} for u in people],
        "asks": _asks(plan),
    }
    if units:
        known = list(resolver.parents.values())[:MOST_PARENTS]
        offers["parents"] = [[unit.id, resolver.roster.place(unit.id)] for unit in known]
    return offers


def _offer(unknown: Unknown) -> dict[str, Any]:
    rows = sorted(unknown.rows)
    return {
        "key": unknown.key,
        "name": unknown.new.name,
        "create": unknown.create,
        "rows": rows[:SHOWN_ROWS],
        "count": len(rows),
    }


def _parent(plan: Plan, unknown: Unknown) -> dict[str, Any]:
    parent = plan.resolver.parent_of(unknown.key)
    return {"parent": parent.id if parent else None, "near": plan.resolver.near(unknown.new.name)}


def _home(plan: Plan, unknown: Unknown) -> str:
    if isinstance(unknown.unit, New):
        return unknown.unit.name
    return plan.resolver.roster.units[unknown.unit].name if unknown.unit is not None else ""


def _asks(plan: Plan) -> list[dict[str, Any]]:
    """Names that fit several, with the rows they stand in; one answer may hold for all of them."""
    words = Words(plan)
    return [
        {
            "kind": kind,
            "key": key,
            "name": asked.name,
            "rows": asked.rows[:SHOWN_ROWS],
            "count": len(asked.rows),
            "chosen": plan.resolver.answers.chosen.get(f"{kind}:*:{key}"),
            "options": words.options(kind, asked.ids),
        }
        for (kind, key), asked in plan.resolver.asked.items()
    ]
