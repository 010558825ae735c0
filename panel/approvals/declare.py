"""What an area's `approvals.py` declares: the subjects that are decided by a chain of signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panel.database import area_of, key_of
from panel.errors import Refused
from panel.i18n import _, _l
from panel.org.models import Owned, UnitKind
from panel.runtime import runtime

if TYPE_CHECKING:
    from panel.approvals.models import Request
    from panel.org.models import Unit
    from panel.plugin import Loaded


@dataclass(frozen=True)
class Field:
    """Something the condition of a chain or a step may ask of a subject. Without `choices`: text, number or bool."""

    name: str
    title: Any
    value: Callable[[Any], Any]
    choices: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A kind of row that is decided by a chain.

    `unit(row)` is the applicant's unit: roles are looked up there and above. `facts(row)` is what signers read, as
    (label, value); kept as text at submission, and a change of it voids the request. `approved(row, request)` runs in
    the transaction of the last decision, as the panel itself; `ended` where there will be none: `request.state` says
    rejected, returned, withdrawn or void. Both may raise Refused, which undoes the decision.
    """

    name: str  # <area>.<what>
    title: Any
    model: Any  # Owned, with a scope_unit
    unit: Callable[[Any], Unit]
    facts: Callable[[Any], list[tuple[Any, Any]]]
    fields: tuple[Field, ...] = ()
    approved: Callable[[Any, Request], Any]
    ended: Callable[[Any, Request], Any] | None = None
    rules: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]

    @property
    def subject_type(self) -> str:
        return key_of(self.model)

    @property
    def asked(self) -> tuple[Field, ...]:
        """Its own fields, and what conditions may ask of every subject: which unit applies, and of what kind it is."""
        unit = Field("unit", _l("Applicant's unit"), lambda row: self.unit(row).name)
        kind = Field("unit_kind", _l("Kind of the applicant's unit"), lambda row: self.unit(row).kind, UnitKind.pairs())
        own = {f.name for f in self.fields}
        return (*self.fields, *(f for f in (unit, kind) if f.name not in own))

    def field(self, name: str) -> Field | None:
        return next((f for f in self.asked if f.name == name), None)


def collect(areas: Iterable[Loaded]) -> tuple[dict[str, Subject], list[str]]:
    """All subjects by name, and what is wrong with any of them, one line each."""
    subjects: dict[str, Subject] = {}
    problems: list[str] = []
    for area in areas:
        for subject in area.defined("approvals", Subject):
            where = f"plugin {area.name}: {area.folder / 'approvals.py'}: subject {subject.name}"
            if not subject.name.startswith(f"{area.name}.") or subject.name.count(".") != 1:
                problems.append(f"{where}: its name must read {area.name}.<what>")
            if subject.name in subjects:
                problems.append(f"{where}: the name is taken twice")
            if not issubclass(subject.model, Owned) or not subject.model.scope_unit:
                problems.append(f"{where}: {key_of(subject.model)} must be Owned and name its scope_unit")
            elif area_of(subject.model) not in {area.name, *area.plugin.requires, *area.plugin.uses, "org", "access"}:
                problems.append(f"{where}: {key_of(subject.model)} belongs to a plugin it does not require")
            if len({f.name for f in subject.fields}) < len(subject.fields):
                problems.append(f"{where}: two fields have the same name")
            subjects[subject.name] = subject
    return subjects, problems


def all_subjects() -> dict[str, Subject]:
    return runtime().subjects


def subject_of(name: str) -> Subject:
    """The subject of this name. Raises Refused where its plugin is gone."""
    found = all_subjects().get(name)
    if found is None:
        raise Refused(_("The plugin that decides about “%(name)s” is not installed any more.", name=name))
    return found


def title_of(name: str) -> Any:
    """A subject's title; the bare name where its plugin is gone."""
    found = all_subjects().get(name)
    return found.title if found else name


def subjects_of(model: Any) -> list[Subject]:
    """The subjects whose rows are of a model."""
    return [s for s in all_subjects().values() if s.model is model]
