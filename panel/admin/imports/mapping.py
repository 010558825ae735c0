"""Which column of a sheet is which field: finding the headings, matching them, saving a mapping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from openpyxl.utils import get_column_letter

from panel.admin.imports.columns import Column, Kind, fold
from panel.admin.imports.errors import BadValue
from panel.admin.imports.grid import Cell, Table, blank
from panel.admin.imports.values import as_text, is_empty, read
from panel.errors import Refused
from panel.i18n import _

SEARCHED_ROWS = 30
SAMPLE_ROWS = 200
LONGEST_HEADING = 40
NOISE = re.compile(r"(?:姓名|名单|名字)$")
ORDINAL = re.compile(r"(?:\d+|[一二三四五六七八九十]+)$")
TEN_THOUSANDS = re.compile(r"[(（][^)）]*万[^)）]*[)）]|/万")


class Confidence(StrEnum):
    """How a heading came to its field."""

    EXACT = "exact"  # the heading is the label or a synonym
    CONTAINS = "contains"  # the heading and a synonym contain one another
    GUESSED = "guessed"  # no heading fits, the contents do
    SAVED = "saved"  # a saved mapping says so
    CHOSEN = "chosen"  # the user says so


@dataclass(frozen=True, slots=True)
class Match:
    """One column of the sheet; `column` is the name of its field, or None if it is not imported."""

    letter: str
    heading: str
    column: str | None = None
    confidence: Confidence | None = None


@dataclass(frozen=True)
class Mapping:
    """The columns of a sheet in order, each with the field it is read into."""

    matches: tuple[Match, ...]

    def letters(self, column: str) -> list[str]:
        """The sheet columns read into that field."""
        return [m.letter for m in self.matches if m.column == column]

    @property
    def ignored(self) -> list[Match]:
        return [m for m in self.matches if m.column is None]

    def as_json(self) -> dict[str, Any]:
        """What to save under a name: headings and their fields, with the letter for columns without a heading."""
        return {
            "version": 1,
            "columns": [{"letter": m.letter, "heading": m.heading, "column": m.column} for m in self.matches],
        }

    @classmethod
    def from_json(cls, saved: AnyMapping[str, Any]) -> Mapping:
        """Raises `Refused` when `saved` is not what `as_json` gave."""
        try:
            if saved["version"] != 1:
                raise ValueError(saved["version"])
            return cls(
                tuple(
                    Match(str(c["letter"]), str(c["heading"]), c["column"], Confidence.SAVED) for c in saved["columns"]
                )
            )
        except (KeyError, TypeError, ValueError):
            raise Refused(_("The saved mapping cannot be read. Map the columns and save it again.")) from None


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings are: the first of `depth` sheet rows, and heading by column number."""

    row: int
    depth: int
    headings: dict[int, str]
    score: int

    @property
    def last_row(self) -> int:
        return self.row + self.depth - 1


def find_header(table: Table, columns: Sequence[Column]) -> Header | None:
    """The row, or pair of rows under common titles, among the first ones that names the most of `columns`."""
    best: Header | None = None
    for row in range(1, min(SEARCHED_ROWS, table.last_row) + 1):
        for headings, depth in ((_two_rows(table, row), 2), (_one_row(table, row), 1)):
            header = Header(row, depth, headings, _score(headings, columns))
            if header.score and (best is None or header.score > best.score):
                best = header
    return best


def _score(headings: AnyMapping[int, str], columns: Sequence[Column]) -> int:
    """0 unless at least two columns (or the only one) are named, one of them exactly."""
    matched = assign(headings, columns)
    exact = sum(1 for _name, score in matched.values() if score >= 90)
    named = len({name for name, _score in matched.values()})
    return named + exact if exact and named >= min(2, len(columns)) else 0


def _one_row(table: Table, row: int) -> dict[int, str]:
    return {c: text for c, cell in table.entries(row) if (text := _heading_text(cell))}


def _two_rows(table: Table, row: int) -> dict[int, str]:
    """Headings of a pair of rows, as group title + heading; empty unless the upper row has titles over groups."""
    upper, lower = _one_row(table, row), _one_row(table, row + 1)
    headings: dict[int, str] = {}
    groups = 0
    title = ""
    for column in range(1, table.width + 1):
        merge = table.origin.get((row, column))
        if merge and merge.top < row:
            return {}
        spread = merge is not None and merge.right > merge.left and merge.top == merge.bottom
        if spread and merge is not None:
            title = upper.get(merge.left, "")
        elif column in upper:
            title = upper[column]
        below = lower.get(column, "")
        if not below:
            if column in upper:
                headings[column] = upper[column]
            continue
        # Text right below a title is a heading only where that title stands over several columns.
        if column in upper and not spread and (column + 1 in upper or column + 1 not in lower):
            return {}
        headings[column] = title + below
        groups += column not in upper
    return headings if groups else {}


def _heading_text(cell: Cell) -> str:
    text = "".join(as_text(cell).split()) if isinstance(cell, str) else ""
    return text if len(text) <= LONGEST_HEADING and re.search(r"[^\W\d_]", text) else ""


def assign(headings: AnyMapping[int, str], columns: Sequence[Column]) -> dict[int, tuple[str, int]]:
    """Column number -> (field, score from 1 to 100), the best fits first, each field once unless it gathers."""
    fits = []
    for number, heading in headings.items():
        scored = [(score_heading(heading, column), i) for i, column in enumerate(columns)]
        best = max((score for score, _i in scored), default=0)
        # A heading that is a mere part of several fields' names (账号) says nothing.
        vague = best < 40 and sum(1 for score, _i in scored if score == best) > 1
        fits += [(-score, i, number) for score, i in scored if score and not vague]
    taken: dict[int, tuple[str, int]] = {}
    filled: Counter[str] = Counter()
    for negative, i, number in sorted(fits):
        column = columns[i]
        if number not in taken and (not filled[column.name] or (column.gathers and -negative >= 60)):
            taken[number] = (column.name, -negative)
            filled[column.name] += 1
    return taken


def score_heading(heading: str, column: Column) -> int:
    """How well a heading fits: 100 the same, 95 but for brackets, number or 姓名, less for parts, 0 not at all."""
    plain, bare = _forms(heading)
    best = 0
    for key in filter(None, column.keys):
        if plain == key:
            return 100
        if bare == key:
            best = max(best, 95)
        elif len(key) >= 2 and bare.endswith(key):  # the head of a Chinese noun is its end: 责任人电话 is a phone
            best = max(best, 60 + min(len(key), 20))
        elif len(key) >= 2 and key in bare:
            best = max(best, 40 + min(len(key), 15))
        elif len(bare) >= 2 and bare in key:
            best = max(best, 20 + min(len(bare), 15))
    return best


@lru_cache(maxsize=4096)
def _forms(heading: str) -> tuple[str, str]:
    """The heading as compared: whole, and without brackets, number and 姓名."""
    bare = fold(re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", "", heading))
    bare = ORDINAL.sub("", bare) or bare
    return fold(heading), NOISE.sub("", bare) or bare


def map_columns(
    table: Table,
    header: Header,
    columns: Sequence[Column],
    wanted: Mapping | AnyMapping[str, str | None] | None = None,
) -> Mapping:
    """Map a sheet: by its headings, then by contents; `wanted` (a saved mapping, or letter -> field) goes first.

    Raises `Refused` when `wanted` names a field or sheet column that does not exist, or one field twice.
    """
    letters = {n: get_column_letter(n) for n in _used_columns(table, header)}
    matches = {n: Match(letter, header.headings.get(n, "")) for n, letter in letters.items()}
    if isinstance(wanted, Mapping):
        fixed = _apply_saved(matches, wanted, {c.name for c in columns})
    else:
        fixed = _apply_chosen(matches, wanted or {}, columns)
    used = {m.column for m in fixed.values() if m.column}
    open_columns = [c for c in columns if c.name not in used]
    free = {n: m.heading for n, m in matches.items() if n not in fixed and m.heading}
    for number, (name, score) in assign(free, open_columns).items():
        confidence = Confidence.EXACT if score >= 90 else Confidence.CONTAINS
        matches[number] = replace(matches[number], column=name, confidence=confidence)
    matches.update(fixed)
    mapped = {m.column for m in matches.values()}
    for number, name in _guess(table, header, matches, fixed, [c for c in columns if c.name not in mapped]):
        matches[number] = replace(matches[number], column=name, confidence=Confidence.GUESSED)
    return Mapping(tuple(matches.values()))


def _used_columns(table: Table, header: Header) -> list[int]:
    used = set(header.headings)
    for row in data_rows(table, header):
        used.update(column for column, _cell in table.entries(row))
    return sorted(used)


def data_rows(table: Table, header: Header) -> Iterator[int]:
    """The first rows below the headings."""
    below = (row for row in sorted(table.rows) if row > header.last_row)
    return (row for row, _count in zip(below, range(SAMPLE_ROWS), strict=False))


def _apply_chosen(
    matches: AnyMapping[int, Match], wanted: AnyMapping[str, str | None], columns: Sequence[Column]
) -> dict[int, Match]:
    known = {c.name: c for c in columns}
    numbers = {m.letter: n for n, m in matches.items()}
    counts = Counter(name for name in wanted.values() if name)
    for letter, name in wanted.items():
        if letter not in numbers:
            raise Refused(_("The sheet has no column %(letter)s.", letter=letter), "mapping")
        if name and name not in known:
            raise Refused(_("There is no field %(name)s to import into.", name=name), "mapping")
        if name and counts[name] > 1 and not known[name].gathers:
            raise Refused(
                _("Several columns are to be read as “%(label)s”. Choose one.", label=known[name].label), "mapping"
            )
    return {
        numbers[letter]: replace(matches[numbers[letter]], column=name or None, confidence=Confidence.CHOSEN)
        for letter, name in wanted.items()
    }


def _apply_saved(matches: AnyMapping[int, Match], saved: Mapping, known: set[str]) -> dict[int, Match]:
    """By heading, the first of the same name to the first; by letter where there is no heading."""

    def keyed(found: AnyMapping[int, Match]) -> dict[tuple[str, int], int]:
        seen: Counter[str] = Counter()
        keys = {}
        for number, match in found.items():
            key = fold(match.heading) or match.letter
            keys[key, seen[key]] = number
            seen[key] += 1
        return keys

    before = keyed(dict(enumerate(saved.matches)))
    fixed = {}
    for key, number in keyed(matches).items():
        if key in before:
            name = saved.matches[before[key]].column
            if name is None or name in known:
                fixed[number] = replace(matches[number], column=name, confidence=Confidence.SAVED)
    return fixed


def _guess(
    table: Table,
    header: Header,
    matches: AnyMapping[int, Match],
    fixed: AnyMapping[int, Match],
    missing: Sequence[Column],
) -> Iterator[tuple[int, str]]:
    """Fields no heading names, found by contents: only where exactly one free column's contents fit throughout.

    Dates are never guessed: the day a form was filled in looks like any other.
    """
    samples = {
        number: cells
        for number, match in matches.items()
        if match.column is None and number not in fixed and len(cells := _sample(table, header, number)) >= 3
    }
    guessable = [c for c in missing if c.kind in (Kind.PHONE, Kind.CHOICE)]
    for column in guessable:
        fitting = [number for number, cells in samples.items() if _fits(cells, column)]
        rivals = column.kind == Kind.PHONE and sum(c.kind == Kind.PHONE for c in guessable) > 1
        if len(fitting) == 1 and not rivals:
            samples.pop(fitting[0])
            yield fitting[0], column.name


def _sample(table: Table, header: Header, number: int) -> list[Cell]:
    """The cells of a column in rows filled in well enough to be neither totals nor remarks."""
    enough = max(2, len(header.headings) // 3)
    rows = (row for row in data_rows(table, header) if sum(1 for _entry in table.entries(row)) >= enough)
    return [cell for row in rows if not blank(cell := table.own(row, number))]


def _fits(cells: Sequence[Cell], column: Column) -> bool:
    filled = [cell for cell in cells if not is_empty(cell, column)]
    if column.kind == Kind.PHONE and any(len(as_text(cell)) < 11 for cell in filled):
        return False  # shorter ones may be any number
    good = 0
    for cell in filled:
        try:
            read(cell, column)
        except BadValue:
            continue
        good += 1
    return len(filled) >= 3 and good >= 0.95 * len(filled)


def factor_of(heading: str, column: Column) -> int:
    """The unit a heading states for its numbers: 粉丝数（万） is 10000."""
    return 10_000 if column.kind in (Kind.INTEGER, Kind.DECIMAL) and TEN_THOUSANDS.search(heading) else 1
