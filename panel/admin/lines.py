"""The rows of a list as its template writes them: everything looked up once a page, nothing called for each value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from panel.admin.columns import Column
from panel.i18n import _


class Cell(NamedTuple):
    """A value; `change` is where it is edited, if it may be."""

    label: str
    style: str
    shown: Any
    change: str


class Line(NamedTuple):
    """A row: where it leads, its name with icon and note, and its other values."""

    id: int
    address: str
    edit: str
    icon: str
    name: Any
    title: str
    note: Any
    cells: list[Cell]


class Lines:
    """What the rows of one page share: labels, the parts of addresses, the words read out to who cannot see."""

    def __init__(self, view: Any, columns: Sequence[Column], carried: str | None, query: str) -> None:
        self.view, self.first = view, columns[0]
        self.tail = f"&list={quote_plus(carried)}" if carried else ""
        self.details = f"{view.at('details_view')}?id="
        self.elsewhere = view.url_of if view.leads_elsewhere else None
        self.edit = f"{view.at('edit_view')}?id=" if view.can("edit") else ""
        cell = f"{view.at('cell_view')}?id=" if self.edit else ""
        here = f"&list={quote_plus(query)}" if query else ""
        self.columns = [
            (c, str(c.label), c.style, (cell, f"&field={c.name}{here}") if cell and c.name in view.editable else None)
            for c in columns[1:]
        ]
        self.tick = _around(_("Tick %(row)s", row="\0"))
        self.edits = _around(_("Edit %(row)s", row="\0"))
        self.changes = {
            str(c.label): _around(_("Change %(field)s of %(row)s", field=c.label, row="\0")) for c in columns
        }

    def of(self, rows: Iterable[Any]) -> Iterator[Line]:
        view, shown = self.view, self.view.shown
        for row in rows:
            title, open_ = str(row), bool(self.edit) and not view.fixed(row)
            cells = [
                Cell(label, style, shown(column, row), f"{change[0]}{row.id}{change[1]}" if change and open_ else "")
                for column, label, style, change in self.columns
            ]
            yield Line(
                row.id,
                self.elsewhere(row) if self.elsewhere else f"{self.details}{row.id}{self.tail}",
                f"{self.edit}{row.id}{self.tail}" if open_ else "",
                view.icon_of(row) or "",
                shown(self.first, row) or title,
                title,
                view.note_of(row) or "",
                cells,
            )


def _around(text: str) -> tuple[str, str]:
    """What stands before and after the place of the row's name."""
    before, _mark, after = text.partition("\0")
    return before, after
