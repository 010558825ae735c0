"""Writing a preset in the panel: begun from what is in force or from another preset, then edited part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from panel.checks import policy
from panel.database import key_of
from panel.i18n import _
from panel.org.models import Institution, InstitutionKind
from panel.policies import presets
from panel.policies.applying import in_force
from panel.policies.catalogue import rules as catalogue
from panel.policies.models import OwnPreset
from panel.policies.parts.base import Part
from panel.policies.parts.parameters import ParameterPart
from panel.policies.presets import Preset
from panel.policies.tables import Problem, Unreadable
from panel.runtime import runtime

PRESENT, EMPTY = "present", ""


@dataclass(frozen=True)
class Head:
    """What a preset says of itself, as a form gives it."""

    name: str
    kinds: tuple[str, ...] = ()
    source: str = ""
    note: str = ""


def head_of(form: Any) -> Head:
    known = [kind.value for kind in InstitutionKind]
    kinds = tuple(kind for kind in form.getlist("kinds") if kind in known)
    return Head(form.get("name", "").strip(), kinds, form.get("source", "").strip(), form.get("note", "").strip())


def begin(institution: Institution, head: Head, base: str) -> str:
    """The text of a new preset: of nothing, of what is in force, or of the preset with the code `base`."""
    if base == PRESENT:
        parts: Sequence[Part] = in_force(institution).parts
    elif base == EMPTY:
        parts = ()
    else:
        parts = presets.find(institution, base).parts
    return presets.write(Preset("", head.name, head.kinds, (), head.source, head.note, tuple(parts)))


def edited(row: OwnPreset, head: Head, form: Mapping[str, Any], keep: Iterable[str], add: Iterable[str]) -> str:
    """The text of a preset after a form: parts by key that stay, their values and articles, parameters that join it.

    Raises Unreadable for a value or an article that is wrong, at its field.
    """
    preset, kept = presets.of_row(row), set(keep)
    parts: list[Part] = []
    problems: list[Problem] = []
    for number, part in enumerate(preset.parts):
        if part.key not in kept:
            continue
        changed = _changed(part, form, number, problems)
        parts.append(changed)
        problems += [Problem(changed.title, "", what) for _key, what in presets.misfits(changed)]
    there = {part.key for part in parts}
    parts += [part for part in addable() if part.key in set(add) and part.key not in there]
    if problems:
        raise Unreadable(problems)
    new = replace(preset, name=head.name, kinds=head.kinds, source=head.source, note=head.note, parts=tuple(parts))
    return presets.write(new)


def _changed(part: Part, form: Mapping[str, Any], number: int, problems: list[Problem]) -> Part:
    cited = [rule for rule in str(form.get(f"rules-{number}", "")).replace(",", " ").replace("，", " ").split() if rule]
    if unknown := [rule for rule in cited if rule not in catalogue()]:
        problems.append(Problem(part.title, "", _("not in the catalogue: %(rules)s.", rules="、".join(unknown))))
    article = str(form.get(f"article-{number}", "")).strip()[:200]
    part = replace(part, rules=tuple(rule for rule in cited if rule in catalogue()), article=article)
    if isinstance(part, ParameterPart) and f"value-{number}" in form:
        typed = str(form[f"value-{number}"]).strip()
        return replace(part, value=_typed(part, typed))
    return part


def _typed(part: ParameterPart, typed: str) -> str | int | bool:
    """A value as the file has it; what is no number stays a text, and is refused as such."""
    kind = part.kind
    if kind is bool:
        return typed == "1"
    if kind is int and typed.isascii() and typed.isdecimal() and len(typed) < 10:
        return int(typed)
    return typed


def addable() -> list[ParameterPart]:
    """Every parameter there is, with its default."""
    found = []
    for model in policy.models(runtime().registry.areas):
        for name, parameter in model.parameters().items():
            default = model._meta.fields[name].default
            value = "" if default is None else default
            found.append(ParameterPart(policy=key_of(model), name=name, value=value, rules=parameter.rules))
    return found
