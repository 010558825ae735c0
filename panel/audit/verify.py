"""Verifying: walk a chain and name what is not as it was sealed, the first entry first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from panel.audit import marks, seals
from panel.audit.models import Entry, Seal
from panel.i18n import _

MOST = 20  # problems named; more of them say nothing new
RECENT = 5000  # marks remembered, to know a copy by
LATE = timedelta(hours=1)  # an entry so much older than those before it is looked for among them


class Flaw(StrEnum):
    """What can be wrong with an entry or a seal."""

    ALTERED = "altered"
    INSERTED = "inserted"
    REMOVED = "removed"
    MOVED = "moved"
    COPIED = "copied"
    FORGED = "forged"
    SEAL_ALTERED = "seal_altered"
    SEAL_MISSING = "seal_missing"
    CUT = "cut"


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it was sealed; `entry_id` None where it is about a seal."""

    flaw: Flaw
    entry_id: int | None
    seal: int | None
    at: datetime | None = None
    what: str = ""

    def __str__(self) -> str:
        what = {"entry": self.entry_id, "seal": self.seal, "what": self.what}
        return {
            Flaw.ALTERED: _("Entry %(entry)s was altered after it was sealed. %(what)s", **what),
            Flaw.INSERTED: _("Entry %(entry)s was inserted where everything was sealed already. %(what)s", **what),
            Flaw.REMOVED: _("Entry %(entry)s was removed; seal %(seal)s names it.", **what),
            Flaw.MOVED: _("Entry %(entry)s stands in another place than it was sealed in. %(what)s", **what),
            Flaw.COPIED: _("Entry %(entry)s is a copy of an earlier one. %(what)s", **what),
            Flaw.FORGED: _("Entry %(entry)s was not written by the panel, or altered since. %(what)s", **what),
            Flaw.SEAL_ALTERED: _("Seal %(seal)s was altered, or made with a key that is not here.", **what),
            Flaw.SEAL_MISSING: _("A seal before number %(seal)s is missing, and the entries under it.", **what),
            Flaw.CUT: _("The log ends before seal %(seal)s, which was made earlier: later entries are gone.", **what),
        }[self.flaw]


@dataclass
class Report:
    """What a walk along a chain saw."""

    chain: int
    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.problems

    @property
    def first(self) -> Problem | None:
        """The problem of the earliest entry."""
        return min(self.problems, key=lambda p: (p.entry_id is None, p.entry_id or 0, p.seal or 0), default=None)

    def as_json(self) -> dict[str, Any]:
        """For machines, and for what a background run keeps."""
        return {
            "institution": self.chain or None,
            "intact": self.intact,
            "seals": self.seals,
            "entries": self.entries,
            "unsealed": self.unsealed,
            "first": self.first.entry_id if self.first else None,
            "problems": [
                {"flaw": p.flaw.value, "entry": p.entry_id, "seal": p.seal, "text": str(p)} for p in self.problems
            ],
        }


def chains() -> list[int]:
    """Every chain there is or was."""
    sealed: Any = Seal.select(Seal.institution_id).distinct().tuples()
    written: Any = Entry.select(Entry.institution_id).distinct().tuples()
    return sorted({chain or seals.NOBODY for (chain,) in [*sealed, *written]} | set(seals.heads()))


def verify(chain: int, anchors: Sequence[tuple[int, str]] = ()) -> Report:
    """Walk a chain from its beginning. `anchors` are (number, hash) of seals known from elsewhere."""
    return _Walk(chain).run(anchors)


class _Walk:
    def __init__(self, chain: int) -> None:
        self.report = Report(chain)
        self.chain = chain
        self.marked = False  # whether a marked entry was met: from then on all are
        self.recent: deque[str] = deque(maxlen=RECENT)
        self.known: set[str] = set()
        self.latest: datetime | None = None

    def run(self, anchors: Sequence[tuple[int, str]]) -> Report:
        number, previous, reached = 0, "", 0
        for seal in self._seals():
            if seal.number != number + 1 or seal.previous != previous:
                self._found(Flaw.SEAL_MISSING, None, seal.number)
            if not seals.is_whole(seal):
                self._found(Flaw.SEAL_ALTERED, None, seal.number)
            self._compare(seal, reached)
            number, previous, reached = seal.number, seal.hash, max(reached, seal.last_id)
            self.report.seals += 1
            if len(self.report.problems) >= MOST:
                return self.report
        self._rest(reached)
        kept = seals.heads().get(self.chain)
        for number, text in [*anchors, *([kept] if kept else [])]:
            if not seals.holds(self.chain, number, text):
                self._found(Flaw.CUT, None, number)
        return self.report

    def _seals(self) -> Iterator[Seal]:
        number, mine = 0, Seal.institution_id == self.chain
        while batch := list(Seal.select().where(mine, Seal.number > number).order_by(Seal.number).limit(100)):
            yield from batch
            number = batch[-1].number

    def _entries(self, after: int, upto: int | None) -> Iterator[dict[str, Any]]:
        owner = Entry.institution_id == self.chain if self.chain else Entry.institution_id.is_null()
        while True:
            where = owner & (Entry.id > after) & ((Entry.id <= upto) if upto is not None else True)
            batch: list[Any] = list(Entry.select().where(where).order_by(Entry.id).limit(seals.WINDOW).dicts())
            yield from batch
            if len(batch) < seals.WINDOW:
                return
            after = batch[-1]["id"]

    def _compare(self, seal: Seal, reached: int) -> None:
        """The entries of a seal with those that are there."""
        leaves = {int(number): text for number, _colon, text in (line.partition(":") for line in _lines(seal))}
        for row in self._entries(reached, seal.last_id):
            sealed = leaves.pop(row["id"], None)
            genuine = self._genuine(row)
            if sealed is None:
                self._found(Flaw.INSERTED, row, seal.number)
            elif sealed != seals.leaf(row):
                self._found(Flaw.MOVED if genuine and row["mark"] else Flaw.ALTERED, row, seal.number)
            elif not genuine:
                self._found(Flaw.FORGED, row, seal.number)
            else:
                self._is_no_copy(row, seal.number)
            self.report.entries += 1
        for missing in leaves:
            self._found(Flaw.REMOVED, missing, seal.number)

    def _rest(self, reached: int) -> None:
        """The entries after the last seal."""
        sealed = seals.sealed_upto()
        for row in self._entries(reached, None):
            if row["id"] <= sealed:
                self._found(Flaw.INSERTED, row, None)
            elif not self._genuine(row):
                self._found(Flaw.FORGED, row, None)
            else:
                self._is_no_copy(row, None)
            self.report.entries += 1
            self.report.unsealed += 1

    def _genuine(self, row: dict[str, Any]) -> bool:
        """Whether the panel wrote an entry so. What is older than marks themselves is taken as it was sealed."""
        if row["mark"] is None:
            return not self.marked
        self.marked = True
        return marks.bears_its_mark(row, row["mark"])

    def _is_no_copy(self, row: dict[str, Any], seal: int | None) -> None:
        mark = row["mark"]
        if mark is None:
            return
        late = self.latest is not None and row["at"] < self.latest - LATE
        if mark in self.known or (late and self._stands_before(row)):
            self._found(Flaw.COPIED, row, seal)
        if len(self.recent) == RECENT:
            self.known.discard(self.recent[0])
        self.recent.append(mark)
        self.known.add(mark)
        self.latest = max(self.latest or row["at"], row["at"])

    @staticmethod
    def _stands_before(row: dict[str, Any]) -> bool:
        same = (Entry.correlation == row["correlation"]) & (Entry.mark == row["mark"]) & (Entry.id < row["id"])
        return bool(Entry.select().where(same).exists())

    def _found(self, flaw: Flaw, entry: dict[str, Any] | int | None, seal: int | None) -> None:
        if len(self.report.problems) >= MOST:
            return
        row = entry if isinstance(entry, dict) else {}
        entry_id = row.get("id", entry if isinstance(entry, int) else None)
        what = " · ".join(str(row[n]) for n in ("user_name", "action", "subject_text") if row.get(n))
        self.report.problems.append(Problem(flaw, entry_id, seal, row.get("at"), what[:200]))


def _lines(seal: Seal) -> list[str]:
    return [line for line in seal.leaves.split("\n") if line.partition(":")[0].isdecimal()]
