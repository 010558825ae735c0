"""Reading TOML strictly: typed values out of a table, and one worded problem for whatever is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panel.errors import Refused
from panel.i18n import _


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file, and at which key."""

    file: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.what}" if self.key else f"{self.file}: {self.what}"


class Unreadable(Refused):
    """A preset that cannot be used. `problems` holds all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Table:
    """A table of a TOML file. Its getters give a value of the right type, or the default and a problem."""

    def __init__(
        self, data: Mapping[str, Any], file: str, key: str = "", problems: list[Problem] | None = None
    ) -> None:
        self.data, self.file, self.key = dict(data), file, key
        self.problems: list[Problem] = [] if problems is None else problems
        self._known: list[str] = []

    def wrong(self, name: str, what: str) -> None:
        """Note a problem at one of the table's keys (at the table itself for an empty name)."""
        key = ".".join(part for part in (self.key, name) if part)
        self.problems.append(Problem(self.file, key, what))

    def text(self, name: str, *, need: bool = False, most: int = 200, one_of: tuple[str, ...] = ()) -> str:
        value = self._typed(name, str, _("a text"), need)
        text = value.strip() if value else ""
        if len(text) > most:
            self.wrong(name, _("%(count)s characters; at most %(most)s are allowed.", count=len(text), most=most))
        elif need and value is not None and not text:
            self.wrong(name, _("must not be empty."))
        elif text and one_of and text not in one_of:
            self.wrong(name, _("“%(value)s” is none of: %(known)s.", value=text, known=", ".join(one_of)))
        else:
            return text
        return ""

    def number(self, name: str, least: int, most: int) -> int | None:
        value = self._typed(name, int, _("a whole number"))
        if value is not None and not least <= value <= most:
            self.wrong(name, _("a whole number from %(least)s to %(most)s.", least=least, most=most))
            return None
        return int(value) if value is not None else None

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._typed(name, bool, _("true or false"))
        return default if value is None else bool(value)

    def texts(self, name: str, most: int = 200) -> tuple[str, ...]:
        value = self._typed(name, list, _("a list of texts"))
        if any(not isinstance(one, str) or not one.strip() or len(one) > most for one in value or ()):
            self.wrong(name, _("must be a list of texts."))
            return ()
        return tuple(dict.fromkeys(one.strip() for one in value or ()))

    def values(self, name: str) -> dict[str, Any]:
        return self._typed(name, dict, _("a table"), need=True) or {}

    def any(self, name: str) -> Any:
        """A value whose type something else knows: a text, a whole number, true or false."""
        self._known.append(name)
        value = self.data.get(name)
        if name not in self.data:
            self.wrong(name, _("is missing."))
        elif not isinstance(value, str | int | bool):
            self.wrong(name, _("must be a text, a whole number, true or false."))
            return None
        return value

    def items(self, name: str) -> list[Any]:
        return self._typed(name, list, _("a list")) or []

    def tables(self, name: str) -> list[Table]:
        """The tables of an array, `[[name]]`."""
        found = []
        for number, data in enumerate(self._typed(name, list, _("a list of tables")) or (), 1):
            key = ".".join(part for part in (self.key, f"{name}[{number}]") if part)
            if isinstance(data, dict):
                found.append(Table(data, self.file, key, self.problems))
            else:
                self.problems.append(Problem(self.file, key, _("must be a table.")))
        return found

    def end(self) -> None:
        """Every key has been asked for: the others are unknown."""
        for name in self.data:
            if name not in self._known:
                known = ", ".join(dict.fromkeys(self._known))
                self.wrong(name, _("is not known here. Known are: %(known)s.", known=known))

    def _typed(self, name: str, kind: type, called: str, need: bool = False) -> Any:
        self._known.append(name)
        if name not in self.data:
            if need:
                self.wrong(name, _("is missing."))
            return None
        value = self.data[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.wrong(name, _("must be %(called)s.", called=called))
            return None
        return value


def parse(text: str, file: str) -> Table:
    """The whole file as a table. Raises Unreadable where it is no TOML."""
    try:
        return Table(tomllib.loads(text), file)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable([Problem(file, "", _("This is no TOML: %(error)s", error=error))]) from error
