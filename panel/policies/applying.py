"""Putting presets in force: what would change, and the verbs that change it, each one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from panel import audit, records
from panel.access import switches
from panel.access.identity import acting_as, system
from panel.access.models import Role
from panel.checks.engine import today_in
from panel.database import transaction
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution, Unit
from panel.org.services import add_unit, root_of
from panel.policies import presets
from panel.policies.models import Kept, Origin, OwnPreset
from panel.policies.national import National
from panel.policies.parts.base import Asked, Part, Terms
from panel.policies.presets import KINDS, Preset
from panel.policies.tables import Problem, Table, Unreadable
from panel.runtime import runtime

NEW = "new"  # the answer to what was asked: make one


@dataclass(frozen=True)
class Change:
    """What applying one part would change."""

    part: Part
    before: str
    after: str
    same: bool  # in force already
    off: bool = False  # its plugin is off or missing: it would be kept
    against: tuple[National, ...] = ()
    misfit: str = ""  # why this panel cannot take it

    @property
    def open(self) -> bool:
        """Whether it can be ticked."""
        return not self.same and not self.misfit


@dataclass(frozen=True)
class Question:
    """What a preset calls an office or a role, and what the institution may mean by it."""

    asked: Asked
    choices: list[Any]  # units or roles, the likely ones first
    chosen: str  # an id, `new`, or empty: not answered


@dataclass
class Plan:
    """What a preset would change in an institution."""

    preset: Preset
    terms: Terms
    changes: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def of(self, table: str) -> list[Change]:
        return [change for change in self.changes if change.part.table == table]

    @property
    def new(self) -> list[Change]:
        return [change for change in self.changes if change.open]


# ── what would change ──────────────────────────────────────────────────────────────────────────


def plan(preset: Preset, institution: Institution, answers: Mapping[str, str] | None = None) -> Plan:
    """What applying a preset would change; `answers` says what stands for each office and role that it asks for."""
    questions = [_question(asked, institution, answers or {}) for asked in _asked(preset.parts)]
    found = {q.asked.key: row for q in questions for row in q.choices if str(row.id) == q.chosen}
    terms = Terms(institution, today_in(institution), found=found)
    kept = {row.part: row for row in Kept.select().where(Kept.institution == institution)}
    changes = []
    off = switched_off(preset.parts, institution)
    for part in preset.parts:
        if wrong := presets.misfits(part):
            misfit = "；".join(f"{key}: {what}" for key, what in wrong)
            changes.append(Change(part, "", "", same=False, misfit=misfit))
            continue
        if part.area in off:
            same = part.key in kept and kept[part.key].content == part.as_table()
            changes.append(
                Change(part, "", part.after(terms) if presets.installed(part) else part.plain(), same, off=True)
            )
            continue
        same = part.holds(terms)
        changes.append(Change(part, part.before(terms), part.after(terms), same, against=tuple(part.against(terms))))
    return Plan(preset, terms, changes, questions)


def switched_off(parts: Iterable[Part], institution: Institution) -> set[str]:
    """The areas of these parts whose plugin is off here, or not installed."""
    registry, on = runtime().registry, switches.switched_on(institution)
    core = {area.name for area in registry.core}
    return {part.area for part in parts} - core - {name for name in on if name in registry}


def _asked(parts: Iterable[Part]) -> list[Asked]:
    return list(dict.fromkeys(asked for part in parts for asked in part.asks()))


def _question(asked: Asked, institution: Institution, answers: Mapping[str, str]) -> Question:
    model: Any = Unit if asked.kind == "office" else Role
    query = model.select().where(model.institution == institution).order_by(model.name)
    rows = list(query.where(Unit.archived_at.is_null()) if asked.kind == "office" else query)
    rows.sort(key=lambda row: _distance(asked.name, row.name))
    answer = answers.get(asked.key, "")
    if answer != NEW and answer not in {str(row.id) for row in rows}:
        exact = [row for row in rows if row.name == asked.name]
        answer = str(exact[0].id) if len(exact) == 1 else ""
    return Question(asked, rows, answer)


def _distance(wanted: str, name: str) -> int:
    """How far a name is from the one wanted: the same, one within the other, sharing characters, or none."""
    if name == wanted:
        return 0
    if wanted in name or name in wanted:
        return 1
    return 2 if len(set(wanted) & set(name)) >= 2 else 3


# ── putting it in force ────────────────────────────────────────────────────────────────────────


def apply(
    preset: Preset,
    institution: Institution,
    ticked: Collection[str],
    answers: Mapping[str, str] | None = None,
    reason: str = "",
    day: date | None = None,
) -> list[Change]:
    """Put the ticked parts (by key) in force, all or nothing; parts of plugins that are off are kept for later.

    Safe to repeat: what holds already is not written. Gives what changed. Raises Refused naming an office or role
    that was not answered, and where a national rule speaks against a parameter and no reason is given.
    """
    answers = answers or {}
    why = reason.strip() or _("Preset: %(name)s", name=preset.name)
    with transaction(), audit.acting(reason=why):
        wanted = [part for part in preset.parts if part.key in ticked]
        answers = _made(wanted, institution, answers)
        found = plan(preset, institution, answers)
        _refuse_open(found, wanted)
        changes = [c for c in found.new if c.part.key in ticked]
        if any(c.against for c in changes) and not reason.strip():
            raise Refused(_("A national rule speaks against this: give the reason."), "reason")
        terms = Terms(institution, day or found.terms.day, why, found.terms.found)
        put([c.part for c in changes if not c.off], terms)
        for change in found.changes:
            if change.part.key in ticked and not change.off:
                _remember(preset.source_of(change.part), change.part, terms)
        for change in changes:
            if change.off:
                _keep(preset, change.part, terms)
    return changes


def put(parts: Sequence[Part], terms: Terms) -> None:
    """Put parts in force, kind by kind."""
    for kind in KINDS:
        if mine := [part for part in parts if isinstance(part, kind)]:
            kind.apply(mine, terms)


def _made(parts: Sequence[Part], institution: Institution, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers, with what was to be made made: offices below the root, roles without any right of their own."""
    found = dict(answers)
    for asked in _asked(parts):
        if answers.get(asked.key) != NEW:
            continue
        if asked.kind == "office":
            there = (Unit.institution == institution) & (Unit.name == asked.name) & Unit.archived_at.is_null()
            row: Any = Unit.get_or_none(there)  # made by an answer sent twice
            row = row or add_unit({"institution": institution, "parent": root_of(institution), "name": asked.name})
        else:
            row = Role.get_or_none(Role.institution == institution, Role.name == asked.name) or records.create(
                Role, institution=institution, name=asked.name, permissions=[]
            )
        found[asked.key] = str(row.id)
    return found


def _refuse_open(found: Plan, wanted: Sequence[Part]) -> None:
    needed = {asked.key for asked in _asked(wanted)}
    left = [q.asked for q in found.questions if q.asked.key in needed and q.asked.key not in found.terms.found]
    if left:
        names = "、".join(asked.name for asked in left)
        raise Refused(_("Say what stands for: %(names)s.", names=names), left[0].key)


def _remember(source: str, part: Part, terms: Terms) -> None:
    values: dict[str, Any] = {
        "value": part.renamed(terms).worth(),
        "rules": " ".join(part.rules)[:1000],
        "source": source,
    }
    row = Origin.get_or_none(Origin.institution == terms.institution, Origin.part == part.key)
    if row is None:
        records.create(Origin, institution=terms.institution, part=part.key, **values)
    else:
        records.update(row, **values)


def _keep(preset: Preset, part: Part, terms: Terms) -> None:
    matches = {asked.key: terms.found[asked.key].id for asked in part.asks()}
    values: dict[str, Any] = {"area": part.area, "kind": part.table, "content": part.as_table(), "matches": matches}
    values["source"] = preset.source_of(part)
    row = Kept.get_or_none(Kept.institution == terms.institution, Kept.part == part.key)
    if row is None:
        records.create(Kept, institution=terms.institution, part=part.key, **values)
    else:
        records.update(row, **values)


def take_up(institution: Institution, area: str) -> int:
    """Put in force what was kept for a plugin that was just switched on; gives how many parts.

    What does not fit any more (another version, an office that is gone) stays where it is, and holds nothing up.
    """
    done = 0
    rows = list(Kept.select().where(Kept.institution == institution, Kept.area == area).order_by(Kept.id))
    for row in rows:
        part = kept_part(row)
        terms = Terms(institution, today_in(institution), row.source, _still_there(row))
        if part is None or any(asked.key not in terms.found for asked in part.asks()):
            continue
        try:
            with transaction(), audit.acting(reason=row.source):
                put([part], terms)
                _remember(row.source, part, terms)
                records.delete(row)
        except Refused:
            continue
        done += 1
    return done


def kept_part(row: Kept) -> Part | None:
    """The part that is kept; None where it does not fit this panel."""
    kind = next((k for k in KINDS if k.table == row.kind), None)
    table = Table(row.content, row.part)
    part = kind.read(table) if kind else None
    return part if part is not None and not table.problems and not part.misfits() else None


def _still_there(row: Kept) -> dict[str, Unit | Role]:
    found: dict[str, Unit | Role] = {}
    for key, row_id in row.matches.items():
        model: Any = Unit if key.startswith("office:") else Role
        match = model.get_or_none(model.id == row_id, model.institution == row.__data__["institution"])
        if match is not None:
            found[key] = match
    return found


# ── an institution's own ───────────────────────────────────────────────────────────────────────


def save_own(
    institution: Institution, text: str, file: str, row: OwnPreset | None = None, version: int | None = None
) -> OwnPreset:
    """Keep a preset of the institution's own. Raises Unreadable with all that is wrong with its text."""
    preset = presets.read(text, file)
    if row is None:
        return records.create(OwnPreset, institution=institution, name=preset.name, text=text)
    records.update(row, version, name=preset.name, text=text)
    return row


def origins(institution: Institution) -> dict[str, Origin]:
    """Where the parts of the policy in force came from, by key."""
    return {row.part: row for row in Origin.select().where(Origin.institution == institution)}


def in_force(institution: Institution, name: str = "") -> Preset:
    """The institution's present policy as a preset, each part with the articles it came with."""
    known = {key: (row.value, tuple(row.rules.split())) for key, row in origins(institution).items()}
    return presets.present(institution, known, name)


def decoded(data: bytes, file: str) -> str:
    """The text of an uploaded file. Raises Unreadable for what is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable([Problem(file, "", _("This is no text in UTF-8."))]) from error


def begin_with(institution: Institution, code: str) -> None:
    """Put all of a shipped preset in force in an institution that has just been made, which has nothing of its own.

    Offices and roles it names are added as they are called. Raises NotFound for a code there is none of.
    """
    with acting_as(system(institution)):
        preset = presets.find(institution, code)
        found = plan(preset, institution)
        answers = {question.asked.key: question.chosen or NEW for question in found.questions}
        ticked = {change.part.key for change in found.new}
        apply(preset, institution, ticked, answers, reason=_("Preset: %(name)s", name=preset.name))
