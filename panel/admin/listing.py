"""The rows of a list in two queries: what stands around the rows, and the rows with all they refer to."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from peewee import JOIN, Expression, ModelSelect, Select, fn
from werkzeug.datastructures import MultiDict

from panel.access.identity import asking
from panel.access.scope import condition
from panel.admin import services
from panel.admin.columns import Joins, matches, path_of
from panel.admin.loading import fetch
from panel.admin.models import SavedFilter
from panel.admin.state import Active, State
from panel.database import db
from panel.org.models import Institution

COUNTED = 10_000  # rows beyond it are not counted: "10,000 and more"


@dataclass(frozen=True)
class Page:
    """A page of rows. `total` is exact unless `capped`; `saved` are the list's saved filters."""

    rows: Sequence[Any]
    total: int
    capped: bool
    number: int
    size: int
    saved: Sequence[SavedFilter]

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def more(self) -> bool:
        return self.total > self.number * self.size

    @property
    def pages(self) -> list[int | None]:
        """Page numbers to offer, None for a gap."""
        last = -(-self.total // self.size) or 1
        near = {1, *range(self.number - 2, self.number + 3)} | (set() if self.capped else {last})
        shown = sorted(n for n in near if 1 <= n <= last)
        found: list[int | None] = []
        for number in shown:
            if found and found[-1] is not None and number > found[-1] + 1:
                found.append(None)
            found.append(number)
        return [*found, None] if self.capped else found


class Listing:
    """What a state of a list shows to whoever asks. `permission` (default: the view's) decides which rows count."""

    def __init__(self, state: State, permission: Any = None) -> None:
        self.state, self.view, self.model = state, state.view, state.view.model
        self.permission = permission or self.view.may.view

    def where(self, skip: Active | str | None = None) -> Expression:
        """The condition for the rows; without the active condition `skip` ("q": without the search)."""
        parts = [condition(self.model, self.permission)]
        if (only := self.view.only()) is not None:
            parts.append(only)
        parts += [a.filter.condition(self.model, a.value) for a in self.state.active if a is not skip]
        if self.state.q and skip != "q":
            found = matches(self.model, self.view.search, self.state.q)
            parts += [found] if found is not None else []
        return reduce(operator.and_, parts)

    def page(self) -> Page:
        """The page asked for; the last one where there are fewer."""
        offset = (self.state.page - 1) * self.state.size
        capped = offset < COUNTED
        total, saved = self._frame(COUNTED + 1 if capped else None)
        capped = capped and total > COUNTED
        number = self.state.page
        if not capped and offset >= total:
            number = max(1, -(-total // self.state.size))
            offset = (number - 1) * self.state.size
        rows = self.rows(offset, None if capped else total) if total else []
        return Page(rows, min(total, COUNTED) if capped else total, capped, number, self.state.size, saved)

    def _frame(self, most: int | None) -> tuple[int, list[SavedFilter]]:
        """How many rows there are (counting to `most`), and the saved filters: one query."""
        identity = asking()
        counted = Select([self._some(self.where(), most)], [fn.COUNT(1)])
        query = (
            Institution.select(counted.alias("total"), SavedFilter)
            .join(SavedFilter, JOIN.LEFT_OUTER, on=services.visible(identity, self.view.endpoint), attr="saved")
            .where(Institution.id == identity.institution.id)
            .order_by(SavedFilter.id)
        )
        found: list[Any] = list(query)
        return (found[0].total if found else 0), [r.saved for r in found if getattr(r, "saved", None) is not None]

    def _some(self, where: Expression, most: int | None) -> ModelSelect:
        return self.model.select(self.model.id).where(where).limit(most)

    def rows(self, offset: int, total: int | None = None) -> list[Any]:
        """A page of rows, joined. Beyond the middle the list is read from its end: no page is far away."""
        size = self.state.size
        flipped = total is not None and offset > total // 2
        if flipped and total is not None:
            size = min(size, total - offset)
            offset = total - offset - size
        ids = self._ordered(flipped).where(self.where())
        rows = self.full(ids.limit(size).offset(offset), flipped)
        if flipped:
            rows.reverse()
        if any(column.path is None for column in self.view.list_columns(self.state.columns)):
            self.view.load(rows)
        return rows

    def full(self, ids: Any, flipped: bool = False, also: Iterable[Any] = ()) -> list[Any]:
        """The rows with these ids (a sub-query or a list) in the list's order, joined with all the view shows.

        `also` are further chains of foreign keys to join.
        """
        page = self.model.alias("page")
        joins = Joins(page)
        for chain in [*self.view.joined, *also]:
            joins.add(chain)
        order = self._order(joins, flipped)
        return fetch(joins, lambda query: query.where(page.id.in_(ids)).order_by(*order))

    def _ordered(self, flipped: bool = False) -> ModelSelect:
        """The ids of all rows in the list's order."""
        joins = Joins(self.model)
        order = self._order(joins, flipped)
        return joins.apply(self.model.select(self.model.id)).order_by(*order)

    def _order(self, joins: Joins, flipped: bool) -> list[Any]:
        """What the list is ordered by, joined where it is another table's."""
        down = self.state.sort.startswith("-") != flipped
        path = path_of(self.model, self.state.sort.removeprefix("-"))
        orders = []
        if path is not None and path.field is not self.model.id:
            column = joins.field(path)
            nulls = ("first" if flipped else "last") if path.nullable else None
            orders.append(column.desc(nulls=nulls) if down else column.asc(nulls=nulls))
        orders.append(joins.root.id.desc() if down else joins.root.id.asc())
        return orders

    def count(self) -> int:
        """How many rows there are, exactly."""
        return int(self.model.select().where(self.where()).count())

    def ids(self, most: int) -> array[int]:
        """Ids in the list's order, at most so many."""
        query = self._ordered().where(self.where()).limit(most)
        return array("q", (row_id for (row_id,) in query.tuples().iterator()))

    def batches(self, ids: Sequence[int], size: int = 500) -> Iterator[list[Any]]:
        """The rows with these ids, a batch at a time: memory does not grow with their number."""
        for start in range(0, len(ids), size):
            rows = self.full(list(ids[start : start + size]))
            self.view.load(rows)
            yield rows

    def without_each(self) -> list[tuple[Active | None, int]]:
        """For an empty list: how many rows there would be without each condition (None: the search)."""
        skips: list[Active | str] = list(self.state.active)
        if self.state.q:
            skips.insert(0, "q")
        counts = [
            Select([self._some(self.where(skip), COUNTED + 1)], [fn.COUNT(1)]).alias(f"n{i}")
            for i, skip in enumerate(skips)
        ]
        if not counts:
            return []
        (found,) = db.execute(Select(columns=counts))
        return [(None if s == "q" else s, n) for s, n in zip(skips, found, strict=True)]  # type: ignore[misc]

    def after(self, row: Any) -> Any | None:
        """The id of the row after this one in the list, or None."""
        ids = self.ids(COUNTED)
        try:
            place = ids.index(row.id)
        except ValueError:
            return None
        return ids[place + 1] if place + 1 < len(ids) else None


def top(view: Any, text: str, most: int) -> list[Any]:
    """The first rows of a view's list that match a text."""
    return Listing(replace(State.read(view, MultiDict()), q=text, size=most)).rows(0)
