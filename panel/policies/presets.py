"""Presets: what a source policy, or an institution's own, lays down, as a TOML file."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from panel.errors import NotFound
from panel.i18n import _
from panel.org.models import Institution, InstitutionKind
from panel.policies.catalogue import documents
from panel.policies.models import OwnPreset
from panel.policies.parts.base import Part
from panel.policies.parts.chains import ChainPart
from panel.policies.parts.duties import DutyPart
from panel.policies.parts.ladders import LadderPart
from panel.policies.parts.parameters import ParameterPart
from panel.policies.parts.rows import RowPart
from panel.policies.tables import Problem, Table, Unreadable, parse
from panel.runtime import runtime

FOLDER = Path(__file__).parent / "presets"
KINDS: tuple[type[Part], ...] = (ParameterPart, RowPart, DutyPart, LadderPart, ChainPart)  # in the order of applying
LONGEST = 300_000  # characters of a file
MOST = 2000  # parts of a preset
OWN = "own-"  # how the codes of an institution's own presets begin


@dataclass(frozen=True)
class Preset:
    """A preset by its code: the file's name, or `own-` and a number."""

    code: str
    name: str
    kinds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # of the catalogue
    source: str = ""  # the policy it comes from, where the catalogue does not have it
    note: str = ""
    parts: tuple[Part, ...] = field(default=(), compare=False)

    @property
    def own(self) -> bool:
        return self.code.startswith(OWN)

    @property
    def source_titles(self) -> list[str]:
        """The policies it comes from, as they are cited."""
        named = [f"《{documents()[document].title}》" for document in self.documents]
        return [*named, self.source] if self.source else named

    def meant_for(self, institution: Institution) -> bool:
        return institution.kind in self.kinds

    def count(self, table: str) -> int:
        return sum(part.table == table for part in self.parts)

    def source_of(self, part: Part) -> str:
        """Where a part comes from, as it is remembered with what it put in force."""
        return " · ".join(text for text in (part.cited or "、".join(self.source_titles), self.name) if text)[:400]


def read(text: str, file: str, code: str = "", fit: bool = True) -> Preset:
    """A preset from the text of a file. Raises Unreadable with everything that is wrong.

    With `fit`, what an installed plugin cannot take is wrong as well; parts of plugins that are not
    installed never are.
    """
    if len(text) > LONGEST:
        raise Unreadable([Problem(file, "", _("The file is too large; at most %(most)s characters.", most=LONGEST))])
    table = parse(text, file)
    preset = Preset(
        code=code,
        name=table.text("name", need=True, most=120),
        kinds=_kinds(table),
        documents=_documents(table),
        source=table.text("source", most=200),
        note=table.text("note", most=1000),
        parts=_parts(table, fit),
    )
    table.end()
    if table.problems:
        raise Unreadable(table.problems)
    return preset


def _parts(table: Table, fit: bool) -> tuple[Part, ...]:
    parts: list[Part] = []
    seen: dict[str, str] = {}
    for kind in KINDS:
        for one in table.tables(kind.table):
            before = len(table.problems)
            part = kind.read(one)
            one.end()
            if len(table.problems) > before:
                continue
            for key, what in misfits(part) if fit else ():
                one.wrong(key, what)
            if part.key in seen:
                one.wrong("", _("lays down the same as %(other)s.", other=seen[part.key]))
            seen[part.key] = one.key
            parts.append(part)
    if len(parts) > MOST:
        table.wrong("", _("More than %(most)s parts.", most=MOST))
    return tuple(parts)


def misfits(part: Part) -> list[tuple[str, str]]:
    """What of a part this panel cannot take; nothing of a plugin that is not installed."""
    return part.misfits() if installed(part) else []


def installed(part: Part) -> bool:
    """Whether the plugin of a part is there, on or off."""
    return any(area.name == part.area for area in runtime().registry.areas)


def _kinds(table: Table) -> tuple[str, ...]:
    kinds, known = table.texts("kinds"), [kind.value for kind in InstitutionKind]
    if unknown := [kind for kind in kinds if kind not in known]:
        table.wrong("kinds", _("“%(value)s” is none of: %(known)s.", value=unknown[0], known=", ".join(known)))
    return kinds


def _documents(table: Table) -> tuple[str, ...]:
    found = table.texts("documents")
    if unknown := [document for document in found if document not in documents()]:
        table.wrong("documents", _("not in the catalogue: %(rules)s.", rules=", ".join(unknown)))
    return found


def write(preset: Preset) -> str:
    """The text of a preset's file: what `read` makes the same preset of."""
    head: dict[str, Any] = {"name": preset.name, "kinds": list(preset.kinds), "documents": list(preset.documents)}
    head |= {"source": preset.source, "note": preset.note}
    body = {kind.table: [p.as_table() for p in preset.parts if isinstance(p, kind)] for kind in KINDS}
    return tomli_w.dumps({name: value for name, value in {**head, **body}.items() if value})


def shipped() -> list[Preset]:
    """The presets the panel brings, by name of their files."""
    return [_shipped(path) for path in sorted(FOLDER.glob("*.toml"))]


@functools.cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _shipped(path: Path) -> Preset:
    """A shipped preset, read once for each app: what fits depends on the plugins."""
    known = runtime().presets
    if path.stem not in known:
        known[path.stem] = read(_text(path), path.name, path.stem, fit=False)
    return known[path.stem]


def own(institution: Institution) -> list[Preset]:
    """The institution's own presets, by name. Their text was good when it was saved."""
    rows = OwnPreset.select().where(OwnPreset.institution == institution).order_by(OwnPreset.name)
    return [of_row(row) for row in rows]


def of_row(row: OwnPreset) -> Preset:
    return read(row.text, row.name, f"{OWN}{row.id}", fit=False)


def row_of(institution: Institution, code: str) -> OwnPreset:
    """The row of one of the institution's own presets. Raises NotFound."""
    number = code.removeprefix(OWN)
    if code.startswith(OWN) and number.isdecimal() and len(number) < 19:
        row: OwnPreset | None = OwnPreset.get_or_none(OwnPreset.institution == institution, OwnPreset.id == int(number))
        if row is not None:
            return row
    raise NotFound(_("This page does not exist, or is not yours to see."))


def find(institution: Institution, code: str) -> Preset:
    """A preset by its code. Raises NotFound."""
    if code.startswith(OWN):
        return of_row(row_of(institution, code))
    for preset in shipped():
        if preset.code == code:
            return preset
    raise NotFound(_("This page does not exist, or is not yours to see."))


def present(institution: Institution, origins: dict[str, tuple[str, tuple[str, ...]]], name: str = "") -> Preset:
    """What is in force in an institution, as a preset. `origins`: key of a part → value it came with, articles."""
    parts: list[Part] = []
    for kind in KINDS:
        for part in kind.present(institution):
            value, rules = origins.get(part.key, ("", ()))
            parts.append(replace(part, rules=rules) if rules and value == part.worth() else part)
    return Preset("", name or institution.name, kinds=(institution.kind,), parts=tuple(parts))
