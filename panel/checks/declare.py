"""How a check is declared: a query for the rows that break a rule, with what to say and where to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from panel.choices import Choice
from panel.database import Touch
from panel.i18n import _l, plain


class Severity(Choice):
    """An error refuses the save that brings it in, a warning asks first, a notice is only listed."""

    ERROR = "error", _l("Severe"), "badge-danger"
    WARNING = "warning", _l("Warning"), "badge-warning"
    NOTICE = "notice", _l("Notice"), "badge-secondary"


@dataclass(frozen=True)
class Mend:
    """What to do about a finding and where: the page gets the subject's id; `anchor` names a part of it."""

    label: Any
    endpoint: str
    anchor: str = ""
    act: str | None = None  # the page's `act`, where it has several

    def address(self, subject_id: int) -> str:
        values: dict[str, Any] = {"act": self.act} if self.act else {}
        return url_for(self.endpoint, id=subject_id, _anchor=self.anchor or None, **values)


class Touched:
    """What was written to the rows of one model, as a watch sees it."""

    def __init__(self, touches: Iterable[Touch]) -> None:
        self._touches = list(touches)

    @property
    def ids(self) -> list[int]:
        return sorted({touch.row.id for touch in self._touches})

    @property
    def earlier(self) -> list[int]:
        """The ids of those that were there before."""
        return sorted({touch.row.id for touch in self._touches if touch.action != "create"})

    def values(self, name: str) -> list[Any]:
        """The values a column has and had, keys for rows, without null."""
        found = {touch.row.__data__.get(name) for touch in self._touches}
        found |= {touch.before.get(name) for touch in self._touches}
        return sorted(found - {None})


@dataclass(frozen=True, eq=False)
class Judged:
    """What only Python can see in a row, kept as marks that checks read like any other table.

    `prepare(institution_id)` gives a stamp of everything but the row that the judgement depends on, and a function
    from the row to its marks, (item, text) pairs; None where there is nothing to judge by. A row is judged again when
    it or the stamp has changed.
    """

    code: str
    prepare: Callable[[int], tuple[str, Callable[[Any], Iterable[tuple[int, str]]] | None]]
    subject: Any
    inputs: tuple[str, ...]
    parameters: tuple[Any, ...] = ()  # models whose rows the stamp covers

    @property
    def area(self) -> str:
        return self.code.partition(".")[0]


# A foreign key to the subject on the watched rows, dotted over further keys; or a query for the subjects' ids.
Watch = str | Callable[[Touched], Any]


@dataclass(frozen=True, eq=False)
class Check:
    """A rule that is a matter of records.

    `query(subject, policy, day)` gives a select of the rows that break it: the subject's id, then the values of the
    message by alias. `watches` names every other model the query reads and how to get from its rows to the subjects.
    """

    code: str  # <area>.<what is wrong>
    query: Callable[[Any, Any, Any], Any]
    subject: Any
    severity: Severity
    message: Any
    title: Any
    advice: Any = ""
    rules: tuple[str, ...] = ()
    policy: Any = None
    parameters: tuple[str, ...] = ()
    watches: Mapping[Any, Watch] = field(default_factory=dict)
    sees: tuple[Judged, ...] = ()  # the judgements whose marks the query reads
    measure: str | None = None  # the value that a save may not make worse: a figure, or names with 、 between
    at_save: bool = True  # False: what is missing is listed, and is neither refused nor asked about
    form_field: str | None = None  # what a refusal points at
    mend: Mend | None = None
    labels: Mapping[str, type[Choice]] = field(default_factory=dict)  # values of the message that are choices
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None  # the values as the message shows them
    refuses_import: bool = False

    @property
    def area(self) -> str:
        return self.code.partition(".")[0]

    def worse(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Whether a row that was broken already is more so: a higher figure, a name more."""
        if self.measure is None:
            return False
        old, new = before.get(self.measure), after.get(self.measure)
        if isinstance(new, str):
            return bool(set(new.split("、")) - set(str(old or "").split("、")))
        return bool((new or 0) > (old or 0))

    def worded(self, facts: Mapping[str, Any]) -> str:
        """The message with its values, in the user's language."""
        ready = self.prepare(dict(facts)) if self.prepare else facts
        shown = {
            name: str(self.labels[name](value).label) if name in self.labels and value else plain(value)
            for name, value in ready.items()
        }
        return str(self.message) % shown


def check(code: str, *, subject: Any, message: Any, title: Any, **more: Any) -> Callable[[Any], Check]:
    """Declare a check; see Check. An area's checks stand in its `rules.py`."""
    more.setdefault("severity", Severity.WARNING)
    return lambda query: Check(code=code, query=query, subject=subject, message=message, title=title, **more)


def judged(code: str, *, subject: Any, inputs: tuple[str, ...], parameters: tuple[Any, ...] = ()) -> Any:
    """Declare a judgement; see Judged."""
    return lambda prepare: Judged(code, prepare, subject, inputs, parameters)
