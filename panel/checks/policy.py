"""The institution's own figures: a row of typed parameters for each period, so that a past month keeps its policy."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, TypeVar

from peewee import SQL, BooleanField, CharField, Check, DateField, Field, IntegerField, TextField

from panel import audit, records
from panel.checks.compiled import Statement, compiled
from panel.checks.sql import Given, given_day
from panel.database import is_postgres, key_of, transaction
from panel.errors import Refused, Stale
from panel.i18n import _, _l
from panel.org.models import Institution, Owned

P = TypeVar("P", bound="PolicyRecord")
F = TypeVar("F", bound="Field[Any]")
BEGINNING = date(1970, 1, 1)  # a policy that was never changed has always been in force


@dataclass(frozen=True)
class Parameter:
    """What a parameter is for: the articles it comes from, its unit, and the bounds the database holds it to."""

    rules: tuple[str, ...]
    unit: Any = ""
    least: int | None = None
    most: int | None = None


class _Refusals:
    """The sentences for the bounds of a policy's figures, by the names of their constraints."""

    def __get__(self, _row: Any, owner: type[PolicyRecord]) -> dict[str, Any]:
        found: dict[str, Any] = {
            "institution,valid_from": _l("There already is a policy from this day on."),
        }
        for name, parameter in owner.parameters().items():
            if parameter.least is not None:
                found[_bound_name(owner, name)] = _(
                    "%(name)s: a whole number from %(least)s to %(most)s.",
                    name=owner._meta.fields[name].verbose_name,
                    least=parameter.least,
                    most=parameter.most,
                )
        return found


def _bound_name(model: type[PolicyRecord], name: str) -> str:
    return f"{key_of(model).replace('.', '_')}_{name}"


class PolicyRecord(Owned):
    """The base of a plugin's policy: one row for an institution and period, days inclusive, none overlapping."""

    abstract = True
    refusals: ClassVar[Any] = _Refusals()

    valid_from = DateField(default=BEGINNING, verbose_name=_l("In force from"))
    valid_until = DateField(null=True, verbose_name=_l("In force until"))
    reason = TextField(default="", verbose_name=_l("Reason"))  # for a figure that a national rule speaks against

    def __str__(self) -> str:
        return f"{type(self).title} · {self.valid_from}"

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """The parameters by name, in the order they are declared."""
        fields = cls._meta.sorted_fields
        return {f.name: f.parameter for f in fields if hasattr(f, "parameter")}

    @classmethod
    def presets(cls, institution: Institution) -> dict[str, Any]:
        """What differs from the defaults for an institution of this kind when the plugin is first switched on."""
        return {}

    @classmethod
    def checked(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values as they are stored. Raises Refused for what no constraint of the database can see."""
        return values


def figure(
    label: Any, help_text: Any, rules: tuple[str, ...], *, least: int, most: int, default: int | None, unit: Any = ""
) -> IntegerField:
    """A whole number within bounds; empty: the rule is not in force."""
    field = IntegerField(null=True, default=default, verbose_name=label, help_text=help_text)
    return _documented(field, Parameter(rules, unit, least, most))


def switch(label: Any, help_text: Any, rules: tuple[str, ...], *, default: bool = False) -> BooleanField:
    """A rule that is in force or not."""
    return _documented(BooleanField(default=default, verbose_name=label, help_text=help_text), Parameter(rules))


def text(label: Any, help_text: Any, rules: tuple[str, ...], *, default: str = "") -> CharField:
    """Words or a pattern; empty: the rule is not in force."""
    field = CharField(max_length=500, default=default, verbose_name=label, help_text=help_text)
    return _documented(field, Parameter(rules))


def _documented(field: F, parameter: Parameter) -> F:
    field.parameter = parameter  # type: ignore[attr-defined]
    return field


def policy(model: type[P]) -> type[P]:
    """Class decorator: hold the figures to their bounds and the periods apart, in the database."""
    table = key_of(model).replace(".", "_")
    meta: Any = model._meta
    meta.constraints = [
        *(meta.constraints or ()),
        Check("valid_until IS NULL OR valid_until >= valid_from", name=f"{table}_term"),
        *(
            Check(f"{name} IS NULL OR {name} BETWEEN {p.least} AND {p.most}", name=_bound_name(model, name))
            for name, p in model.parameters().items()
            if p.least is not None
        ),
    ]
    model.add_index(model.index(model.institution, unique=True, where=SQL("valid_until IS NULL"), name=f"{table}_open"))
    model.add_index(model.index(model.institution, model.valid_from, unique=True, name=f"{table}_from"))
    return model


def ship(model: type[P], institution: Institution) -> P:
    """The policy in force, made from defaults and presets where there is none yet; safe to repeat."""
    found: P | None = _open_row(model, institution).first()
    return found or records.create(model, institution=institution, **model.presets(institution))


def in_force(model: type[P], institution: Institution | int, day: date) -> P | None:
    """The policy of a day."""
    statement = _holding(model, is_postgres())
    key = institution if isinstance(institution, int) else institution.id
    return next(iter(model.raw(statement.sql, *statement.bound(institution=key, day=day))), None)


@functools.lru_cache(maxsize=64)
def _holding(model: type[PolicyRecord], _postgres: bool) -> Statement:
    day = given_day()
    valid = (model.valid_from <= day) & (model.valid_until.is_null() | (model.valid_until >= day))
    return compiled(model.select().where(model.institution == Given("institution"), valid).limit(1))


def periods(model: type[P], institution: Institution) -> list[P]:
    """All policies of the institution, newest first."""
    return list(model.select().where(model.institution == institution).order_by(model.valid_from.desc()))


def change(
    model: type[P],
    institution: Institution,
    valid_from: date,
    values: dict[str, Any],
    reason: str = "",
    expected_version: int | None = None,
) -> P:
    """Put other parameters in force from a day on; the row before them ends the day before.

    A change from the day the policy in force began corrects that row. Raises Refused for a day before it (past months
    keep their policy), for a figure out of its bounds, and where a national rule speaks against it and no reason is
    given; Stale where the policy moved on since `expected_version`.
    """
    from panel.policies.national import conflicts

    unknown = set(values) - set(model.parameters())
    if unknown:
        raise Refused(_("Unknown parameter: %(names)s.", names="、".join(sorted(unknown))))
    values = model.checked(values)
    with transaction(), audit.acting(reason=reason):
        ship(model, institution)
        query = _open_row(model, institution)
        before: Any = (query.for_update() if is_postgres() else query).get()
        if expected_version is not None and before.version != expected_version:
            raise Stale(_("The policy was changed by someone else meanwhile. Look at it again."), {})
        if valid_from < before.valid_from:
            raise Refused(
                _("The policy in force began on %(day)s; what was before stays as it was.", day=before.valid_from),
                "valid_from",
            )
        wanted = {name: getattr(before, name) for name in model.parameters()} | values
        against = conflicts(institution, model, wanted, valid_from)
        if against and not reason.strip():
            raise Refused(_("A national rule speaks against this: give the reason."), "reason")
        if valid_from == before.valid_from:
            records.update(before, **wanted, reason=reason.strip())
            return before
        records.update(before, valid_until=valid_from - timedelta(days=1))
        return records.create(model, institution=institution, valid_from=valid_from, reason=reason.strip(), **wanted)


def _open_row(model: type[P], institution: Institution) -> Any:
    return model.select().where(model.institution == institution, model.valid_until.is_null())


def models(areas: Iterable[Any]) -> list[type[PolicyRecord]]:
    """The policy tables of these areas."""
    return [model for area in areas for model in area.models if issubclass(model, PolicyRecord)]


def clean(model: type[PolicyRecord], form: Any) -> dict[str, Any]:
    """The parameters as a form gives them (texts by name). Raises Refused naming the field that is wrong."""
    values: dict[str, Any] = {}
    for name, parameter in model.parameters().items():
        field: Field = model._meta.fields[name]
        typed = str(form.get(name, "")).strip()
        if isinstance(field, BooleanField):
            values[name] = typed not in ("", "0", "off", "false")
        elif isinstance(field, IntegerField):
            if typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 8):
                raise Refused(_("%(name)s: a whole number, or nothing.", name=field.verbose_name), name)
            values[name] = int(typed) if typed else None
            least, most = parameter.least, parameter.most
            if (
                values[name] is not None
                and least is not None
                and most is not None
                and not least <= values[name] <= most
            ):
                raise Refused(model.refusals[_bound_name(model, name)], name)
        else:
            values[name] = typed
    return values
