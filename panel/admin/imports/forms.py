"""What the import page sends, as mappings and answers. Whatever the page did not offer is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.datastructures import MultiDict

from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow, ImportRun

Form = MultiDict[str, str]


def mapped(run: ImportRun) -> dict[str, str | None]:
    """Sheet column → field, as the page shows it."""
    return {column["letter"]: column["column"] for column in run.reading.get("columns", [])}


def letters_of(form: Form, run: ImportRun) -> dict[str, str | None]:
    """Sheet column → field, as the user chose it."""
    return {letter: form.get(f"col-{letter}", shown or "") or None for letter, shown in mapped(run).items()}


def answers_of(form: Form, run: ImportRun) -> Answers:
    """The stored answers with what the form changed."""
    answers = Answers.from_json(run.answers)
    answers.skip = "skip" in form
    for kind, refused in (("unit", answers.not_units), ("person", answers.not_people)):
        shown, ticked = set(form.getlist(f"{kind}-shown")), set(form.getlist(kind))
        known = {offer["key"] for offer in run.offers.get("units" if kind == "unit" else "people", [])}
        refused.difference_update(shown & ticked)
        refused.update((shown - ticked) & known)
    if "people-shown" in form:
        answers.create_people = "people" in form
    _read_parents(form, run, answers)
    for name, value in _chosen(form, run):
        if value is None:
            answers.chosen.pop(name, None)
        else:
            answers.chosen[name] = value
    return answers


def _read_parents(form: Form, run: ImportRun, answers: Answers) -> None:
    offered = {unit_id for unit_id, _place in run.offers.get("parents", [])}
    for offer in run.offers.get("units", []):
        parent = _number(form.get(f"parent-{offer['key']}"))
        if parent in offered and parent is not None and parent != offer["parent"]:
            answers.parents[offer["key"]] = parent


def _chosen(form: Form, run: ImportRun) -> Iterator[tuple[str, int | None]]:
    """What the user chose anew for names that fit several: for every row, or for one."""
    asks = {(a["kind"], a["key"]): a for a in run.offers.get("asks", [])}
    for (kind, key), ask in asks.items():
        name = f"{kind}:*:{key}"
        if name in form:
            value = _number(form[name])
            yield name, value if value in {row_id for row_id, _text in ask["options"]} else None
    before = Answers.from_json(run.answers)
    for row in _rows_sent(form, run):
        for cell in row.cells.values():
            for ask in cell.get("asks", ()):
                name = f"{ask['kind']}:{row.row_number}:{ask['key']}"
                value = _number(form.get(name))
                # What stands unchanged may follow from the answer for all rows: it is no answer of this row.
                if name in form and value != before.choice(ask["kind"], row.row_number, ask["key"]):
                    yield name, value if value in {row_id for row_id, _text in ask["options"]} else None


def _rows_sent(form: Form, run: ImportRun) -> list[Any]:
    """The rows whose questions the form answers."""
    parts = (name.split(":") for name in form if name.startswith(("person:", "unit:")))
    numbers = [number for part in parts if len(part) == 3 and (number := _number(part[1])) is not None]
    if not numbers:
        return []
    return list(ImportRow.select().where(ImportRow.run == run.id, ImportRow.row_number.in_(numbers[:500])))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None
