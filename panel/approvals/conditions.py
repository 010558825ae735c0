"""Conditions of chains and steps: `{"field": "kind", "is": ["virtual"]}`, all of which must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from panel.approvals.declare import Subject
from panel.errors import Refused
from panel.i18n import _

TESTS = ("is", "not", "least", "most")
Condition = Mapping[str, Any]


def values_of(subject: Subject, row: Any) -> dict[str, Any]:
    """What conditions may ask of a row, by name."""
    return {field.name: field.value(row) for field in subject.asked}


def fits(when: Sequence[Condition], values: Mapping[str, Any]) -> bool:
    """Whether all conditions hold. Raises Refused for a field the subject does not have (any more)."""
    return all(_holds(condition, values) for condition in when)


def _holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    name = str(condition.get("field", ""))
    if name not in values:
        raise Refused(
            _("The chain asks for “%(field)s”, which this subject does not have. Ask who keeps the chains.", field=name)
        )
    value = values[name]
    if "is" in condition:
        return as_text(value) in {as_text(v) for v in condition["is"]}
    if "not" in condition:
        return as_text(value) not in {as_text(v) for v in condition["not"]}
    number = _number(value)
    if number is None:
        return False
    return number >= condition["least"] if "least" in condition else number <= condition["most"]


def as_text(value: Any) -> str:
    """A value as conditions compare it: yes and no as TOML writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def checked(when: Any, subject: Subject) -> list[dict[str, Any]]:
    """The conditions, tidied. Raises Refused, worded, for what cannot be asked of the subject."""
    if not isinstance(when, (list, tuple)) or not all(isinstance(c, Mapping) for c in when):
        raise Refused(_("Conditions are a list, each with a field and the values it may have."), "when")
    return [_checked(condition, subject) for condition in when]


def _checked(condition: Condition, subject: Subject) -> dict[str, Any]:
    name = str(condition.get("field", ""))
    field = subject.field(name)
    if field is None:
        known = "、".join(f.name for f in subject.asked) or "–"
        raise Refused(
            _("“%(title)s” has no field “%(name)s”. It has: %(known)s.", title=subject.title, name=name, known=known),
            "when",
        )
    tests = [test for test in TESTS if test in condition]
    if len(tests) != 1 or set(condition) - {"field", *TESTS}:
        raise Refused(_("A condition says one of: is, not, least, most."), "when")
    test, wanted = tests[0], condition[tests[0]]
    if test in ("least", "most"):
        number = _number(wanted)
        if number is None or isinstance(wanted, bool):
            raise Refused(_("“%(value)s” is not a number.", value=wanted), "when")
        return {"field": name, test: int(number) if number.is_integer() else number}
    values = [as_text(v) for v in (wanted if isinstance(wanted, (list, tuple)) else [wanted])]
    known_values = {value for value, _title in field.choices}
    if not values or (known_values and (strange := [v for v in values if v not in known_values])):
        said = "、".join(strange) if values else "–"
        raise Refused(
            _(
                "“%(field)s” cannot be “%(value)s”. It can be: %(known)s.",
                field=field.title,
                value=said,
                known="、".join(value for value, _title in field.choices) or "–",
            ),
            "when",
        )
    return {"field": name, test: values}


def worded(when: Sequence[Condition], subject: Subject | None) -> str:
    """The conditions in words."""
    return _(", and ").join(_worded(condition, subject) for condition in when)


def _worded(condition: Condition, subject: Subject | None) -> str:
    field = subject.field(str(condition.get("field"))) if subject else None
    title = str(field.title) if field else str(condition.get("field"))
    labels = {value: str(label) for value, label in field.choices} if field else {}
    labels |= {"true": str(_("Yes")), "false": str(_("No"))} if not labels else {}
    for test, word in (("is", _("is")), ("not", _("is not"))):
        if test in condition:
            return f"{title} {word} {' / '.join(labels.get(as_text(v), as_text(v)) for v in condition[test])}"
    if "least" in condition:
        return f"{title} ≥ {condition['least']}"
    return f"{title} ≤ {condition.get('most')}"
