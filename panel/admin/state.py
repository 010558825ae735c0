"""What a list's address says: search, conditions, order, page, size, columns. Read leniently, written canonically."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from panel.admin.filters import Filter, Unusable
from panel.i18n import _

SIZES = (20, 50, 100, 200)
DEFAULT_SIZE = 50
LAST_PAGE = 10**7
OWN = ("q", "sort", "page", "size", "cols")  # what no filter may be called

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Active:
    """A condition in force: its value, and the part of the address that says so."""

    filter: Filter
    value: Any
    pairs: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return self.filter.name

    @property
    def label(self) -> Any:
        return self.filter.label

    @property
    def text(self) -> str:
        return self.filter.text(self.value)


@dataclass(frozen=True)
class State:
    """One state of one view's list."""

    view: Any
    q: str = ""
    active: tuple[Active, ...] = ()
    sort: str = ""
    page: int = 1
    size: int = DEFAULT_SIZE
    columns: tuple[str, ...] = ()
    notices: list[str] = field(default_factory=list, compare=False)

    @classmethod
    def read(cls, view: Any, given: MultiDict[str, str]) -> State:
        """The state an address asks for. What it cannot be is left out and named in `notices`."""
        given = MultiDict([(k, v.replace("\0", "")) for k, v in given.items(multi=True)])  # no database stores it
        notices: list[str] = []
        active = []
        for one in view.filter_objects:
            try:
                value = one.read(given)
            except (Unusable, ValueError):
                notices.append(_("The condition “%(name)s” does not fit and is left out.", name=one.label))
                continue
            if value is not None:
                pairs = tuple((k, v) for k in one.keys for v in given.getlist(k) if v)
                active.append(Active(one, value, pairs))
        return cls(
            view,
            q=" ".join(given.get("q", "").split())[:100],
            active=tuple(active),
            sort=_one_of(given.get("sort"), view.sortable, view.default_sort, _("order"), notices),
            page=_number(given.get("page"), 1, LAST_PAGE, notices),
            size=int(_one_of(given.get("size"), [str(s) for s in SIZES], str(DEFAULT_SIZE), _("page size"), notices)),
            columns=_columns(view, ",".join(given.getlist("cols")), notices),
            notices=notices,
        )

    @classmethod
    def parse(cls, view: Any, query: str) -> State:
        """The state a query string asks for."""
        return cls.read(view, MultiDict(parse_qsl(query, max_num_fields=500)))

    def pairs(self, page: bool = True) -> Pairs:
        """The state as the address carries it; what is as usual is left out."""
        found: Pairs = [("q", self.q)] if self.q else []
        found += [pair for one in self.active for pair in one.pairs]
        if self.sort != self.view.default_sort:
            found.append(("sort", self.sort))
        if self.columns != tuple(self.view.columns):
            found.append(("cols", ",".join(self.columns)))
        if self.size != DEFAULT_SIZE:
            found.append(("size", str(self.size)))
        if page and self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def pairs_without(self, *keys: str) -> Pairs:
        """The state for the hidden fields of a form that sets `keys` itself. Back to page 1."""
        return [(k, v) for k, v in self.pairs(page=False) if k not in keys]

    @property
    def query(self) -> str:
        """The canonical query string, without the page."""
        return urlencode(self.pairs(page=False))

    @property
    def carried(self) -> str | None:
        """The query string, with the page, for pages that lead back here; None where there is nothing to say."""
        return urlencode(self.pairs()) or None

    @property
    def arguments(self) -> dict[str, list[str]]:
        """The state as arguments of url_for."""
        found: dict[str, list[str]] = {}
        for key, value in self.pairs(page=False):
            found.setdefault(key, []).append(value)
        return found

    @property
    def address(self) -> str:
        return self._at(self.pairs())

    def _at(self, pairs: Pairs) -> str:
        bare = url_for(f"{self.view.endpoint}.index_view")
        return f"{bare}?{urlencode(pairs)}" if pairs else bare

    def change(self, **changes: Any) -> str:
        """Address of this list with something else; on page 1 unless a page is given."""
        return replace(self, **({"page": 1} | changes)).address

    def page_address(self, number: int) -> str:
        return self.change(page=number)

    def words(self, one: Active | None) -> str:
        """A condition (None: the search) in words."""
        label, text = (one.label, one.text) if one else (_("Search"), self.q)
        return _("%(label)s: %(text)s", label=label, text=text)

    def without(self, one: Active) -> str:
        return self.change(active=tuple(a for a in self.active if a is not one))

    @property
    def cleared(self) -> str:
        """Address without search and conditions."""
        return self.change(q="", active=())

    @property
    def narrowed(self) -> int:
        """How many conditions are in force, the search among them."""
        return len(self.active) + bool(self.q)

    def sort_address(self, name: str) -> str:
        """Where a click on a column's head leads: sorted by it, and back the other way."""
        return self.change(sort=f"-{name}" if self.sort == name else name)

    def direction(self, name: str) -> str:
        """How the list is sorted by a column, in the words of aria-sort; empty where it is not."""
        return {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")


def _one_of(given: str | None, known: Any, default: str, what: str, notices: list[str]) -> str:
    if not given:
        return default
    if given in known:
        return given
    notices.append(_("The %(what)s in the address is unknown and is left out.", what=what))
    return default


def _number(given: str | None, default: int, most: int, notices: list[str]) -> int:
    if not given:
        return default
    if given.isdecimal() and len(given) < 10 and 1 <= int(given) <= most:
        return int(given)
    notices.append(_("The %(what)s in the address is unknown and is left out.", what=_("page")))
    return default


def _columns(view: Any, given: str | None, notices: list[str]) -> tuple[str, ...]:
    if not given:
        return tuple(view.columns)
    known = [*view.columns, *view.more_columns]
    asked = given.split(",")
    if any(name not in known for name in asked):
        notices.append(_("The %(what)s in the address is unknown and is left out.", what=_("column")))
    chosen = [name for name in known if name in asked]
    first = view.columns[0]
    return tuple(chosen if first in chosen else [first, *chosen])
