"""Writing chains: by hand in the panel, or from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomli_w

from panel import records
from panel.access.models import Role
from panel.approvals import conditions
from panel.approvals.declare import Subject, all_subjects, subject_of
from panel.approvals.models import Act, Chain, ChainStep, Of, Request, Who
from panel.database import transaction
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution, Person, Unit

MOST_STEPS = 30
CHAIN_FIELDS = ("subject", "name", "position", "active", "when", "own", "bulk", "rules")
STEP_FIELDS = (
    *("name", "who", "role", "office", "person", "of", "with_previous"),
    *("when", "days", "proof", "opinion", "act", "rules"),
)
CHAIN_KEYS = {"subject", "name", "when", "own", "bulk", "rules", "steps"}


# ── the verbs ──────────────────────────────────────────────────────────────────────────────────


def save_chain(
    institution: Institution, values: Mapping[str, Any], chain: Chain | None = None, version: int | None = None
) -> Chain:
    """Write a chain with its steps: values of CHAIN_FIELDS and `steps`, a list of values of STEP_FIELDS.

    What was given no value keeps its default. A changed chain holds for requests from now on; running ones keep their
    steps. Raises Refused, naming step and field, for what cannot be; Stale where it was changed since.
    """
    subject = subject_of(str(values.get("subject") or (chain and chain.subject) or ""))
    head = {name: values[name] for name in CHAIN_FIELDS if name in values}
    if chain is None or "name" in head:
        head["name"] = str(head.get("name") or "").strip()
        if not 0 < len(head["name"]) <= 120:
            raise Refused(_("Give the chain a name of at most 120 characters."), "name")
    if "when" in head:
        head["when"] = conditions.checked(head["when"], subject)
    head["rules"] = _rules(head.get("rules", chain.rules if chain else ""))
    steps = [_step(position, step, subject) for position, step in enumerate(values["steps"], 1)]
    if not steps:
        raise Refused(_("A chain has at least one step."), "steps")
    if len(steps) > MOST_STEPS:
        raise Refused(_("A chain has at most %(count)s steps.", count=MOST_STEPS), "steps")
    with transaction():
        if chain is None:
            head.setdefault("position", _last(institution, subject) + 1)
            chain = records.create(Chain, institution=institution, **head)
            _write_steps(chain, steps)
            return chain
        changed = bool(records.update(chain, version, **head))
        if _write_steps(chain, steps) or changed:
            records.update(chain, revision=chain.revision + 1)
    return chain


def delete_chain(chain: Chain) -> None:
    """Delete a chain nothing was ever decided by. Raises InUse otherwise: it can be put out of force."""
    with transaction():
        if not Request.select().where(Request.chain == chain).exists():
            for step in ChainStep.select().where(ChainStep.chain == chain):
                records.delete(step)
        records.delete(chain)


def _last(institution: Institution, subject: Subject) -> int:
    return Chain.select().where(Chain.institution == institution, Chain.subject == subject.name).count()


def _write_steps(chain: Chain, steps: Sequence[dict[str, Any]]) -> bool:
    """Bring the chain's steps to these; gives whether anything changed."""
    stored = list(ChainStep.select().where(ChainStep.chain == chain).order_by(ChainStep.position))
    changed = len(stored) != len(steps)
    for row in stored[len(steps) :]:
        records.delete(row)
    for position, values in enumerate(steps):
        if position < len(stored):
            changed |= bool(records.update(stored[position], **values))
        else:
            records.create(
                ChainStep, institution=chain.__data__["institution"], chain=chain, position=position + 1, **values
            )
    return changed


def _step(position: int, given: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """All columns of a step, checked. Raises Refused with the number of the step."""
    try:
        return _checked_step({**given}, subject)
    except Refused as refusal:
        name = given.get("name") or ""
        message = _("Step %(position)s “%(name)s”: %(why)s", position=position, name=name, why=refusal.message)
        raise Refused(message, f"steps-{position - 1}-{refusal.field}" if refusal.field else "steps") from refusal


def _checked_step(given: dict[str, Any], subject: Subject) -> dict[str, Any]:
    name = str(given.get("name") or "").strip()
    if not name:
        raise Refused(_("Give the step a name."), "name")
    who = _one_of(Who, given.get("who") or Who.ROLE, "who")
    if who == Who.PERSON and not given.get("person"):
        raise Refused(_("Name the person."), "person")
    if who == Who.OFFICE and not given.get("office"):
        raise Refused(_("Name the unit."), "office")
    if who != Who.PERSON and not given.get("role"):
        raise Refused(_("Choose the role that signs."), "role")
    days = given.get("days") or None
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 365):
        raise Refused(_("A time limit is 1 to 365 days."), "days")
    return {
        "name": name[:120],
        "who": who,
        "role": given["role"] if who != Who.PERSON else None,
        "office": given["office"] if who == Who.OFFICE else None,
        "person": given["person"] if who == Who.PERSON else None,
        "of": _one_of(Of, given.get("of") or Of.ANY, "of"),
        "act": _one_of(Act, given.get("act") or Act.APPROVE, "act"),
        "when": conditions.checked(given.get("when") or [], subject),
        "days": days,
        "rules": _rules(given.get("rules", "")),
        **{flag: bool(given.get(flag)) for flag in ("with_previous", "proof", "opinion")},
    }


def _one_of(choice: Any, value: Any, field: str) -> str:
    if value not in [m.value for m in choice]:
        known = "、".join(m.value for m in choice)
        raise Refused(_("“%(value)s” is none of: %(known)s.", value=value, known=known), field)
    return str(value)


def _rules(given: Any) -> str:
    words = given.split() if isinstance(given, str) else [str(rule) for rule in given or ()]
    return " ".join(dict.fromkeys(words))[:300]


# ── TOML ───────────────────────────────────────────────────────────────────────────────────────


def chains_from_toml(text: str) -> list[dict[str, Any]]:
    """The chains of a TOML text as plain data. Raises Refused, with the line, where it cannot be read."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(_("This is not TOML: %(why)s", why=error)) from error
    chains = data.get("chain", [])
    if not isinstance(chains, list) or not chains:
        raise Refused(_("The file holds no [[chain]]."))
    for number, chain in enumerate(chains, 1):
        if not isinstance(chain, dict) or not isinstance(chain.get("steps"), list):
            raise Refused(_("Chain %(number)s has no [[chain.steps]].", number=number))
        strange = sorted(set(chain) - CHAIN_KEYS)
        strange += sorted({key for step in chain["steps"] for key in step} - set(STEP_FIELDS))
        if strange:
            raise Refused(
                _("Chain “%(name)s” says what is not known: %(keys)s.", name=chain.get("name"), keys="、".join(strange))
            )
    return chains


def chain_as_dict(chain: Chain) -> dict[str, Any]:
    """A chain as the format has it: without what is the default, roles by code, units and persons by name."""
    data: dict[str, Any] = {"subject": chain.subject, "name": chain.name}
    data |= _said(chain, ("own", "bulk"))
    if chain.rules:
        data["rules"] = chain.rules.split()
    if chain.when:
        data["when"] = chain.when
    steps = ChainStep.select().where(ChainStep.chain == chain).order_by(ChainStep.position)
    data["steps"] = [_step_as_dict(step) for step in steps]
    return data


def _step_as_dict(step: ChainStep) -> dict[str, Any]:
    data: dict[str, Any] = {"name": step.name, "who": step.who}
    if step.role is not None:
        data["role"] = step.role.code or step.role.name
    if step.office is not None:
        data["office"] = step.office.name
    if step.person is not None:
        data["person"] = step.person.number or step.person.name
    if step.of != Of.ANY:
        data["of"] = step.of
    if step.act != Act.APPROVE:
        data["act"] = step.act
    if step.days:
        data["days"] = step.days
    data |= _said(step, ("with_previous", "proof", "opinion"))
    if step.when:
        data["when"] = step.when
    if step.rules:
        data["rules"] = step.rules.split()
    return data


def _said(row: Any, flags: Iterable[str]) -> dict[str, Any]:
    return {flag: True for flag in flags if getattr(row, flag)}


def chains_as_toml(chains: Iterable[Chain]) -> str:
    """The chains as TOML that `chains_from_toml` reads."""
    return tomli_w.dumps({"chain": [chain_as_dict(chain) for chain in chains]}, multiline_strings=True)


class Places:
    """Roles, units and people of an institution by what a file calls them. `chosen` answers for units: name → unit."""

    def __init__(self, institution: Institution, chosen: Mapping[str, Unit] | None = None) -> None:
        self.institution = institution
        self.chosen = chosen or {}

    def missing(self, chain: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(what, name) of everything a chain names that is not here: role, office, person, subject."""
        found = [] if chain.get("subject") in all_subjects() else [("subject", str(chain.get("subject")))]
        for step in chain["steps"]:
            for what in _named(step):
                if getattr(self, what)(str(step.get(what, ""))) is None:
                    found.append((what, str(step.get(what, ""))))
        return list(dict.fromkeys(found))

    def role(self, name: str) -> Role | None:
        here = Role.institution == self.institution
        by_code = Role.get_or_none(here, Role.code == name) if name else None
        return by_code or Role.get_or_none(here, Role.name == name)

    def office(self, name: str) -> Unit | None:
        if name in self.chosen:
            return self.chosen[name]
        here = (Unit.institution == self.institution) & Unit.archived_at.is_null()
        found = list(Unit.select().where(here, Unit.name == name).limit(2))
        return found[0] if len(found) == 1 else None

    def person(self, name: str) -> Person | None:
        here = Person.institution == self.institution
        by_number = Person.get_or_none(here, Person.number == name) if name else None
        found = [by_number] if by_number else list(Person.select().where(here, Person.name == name).limit(2))
        return found[0] if len(found) == 1 else None

    def step(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """A step's values with rows for names."""
        return {**step, **{what: getattr(self, what)(str(step.get(what, ""))) for what in _named(step)}}


def _named(step: Mapping[str, Any]) -> list[str]:
    """What a step refers to by name."""
    who = step.get("who", Who.ROLE)
    if who == Who.PERSON:
        return ["person"]
    return ["role", "office"] if who == Who.OFFICE else ["role"]


def import_chain(institution: Institution, data: Mapping[str, Any], chosen: Mapping[str, Unit] | None = None) -> Chain:
    """Write a chain of `chains_from_toml`; one of the same subject and name is brought to it.

    `chosen` says which units the file's offices are here. Raises Refused naming all that is not found.
    """
    places = Places(institution, chosen)
    if missing := places.missing(data):
        words = {"role": _("role"), "office": _("unit"), "person": _("person"), "subject": _("subject")}
        names = "、".join(f"{words[what]} “{name}”" for what, name in missing)
        raise Refused(_("“%(chain)s” names what is not here: %(names)s.", chain=data.get("name"), names=names))
    values = {"when": [], "own": False, "bulk": False, "rules": "", **data}
    values["steps"] = [places.step(step) for step in data["steps"]]
    there = Chain.get_or_none(
        Chain.institution == institution, Chain.subject == data["subject"], Chain.name == data["name"]
    )
    return save_chain(institution, values, there)


def import_text(institution: Institution, text: str) -> list[Chain]:
    """Write all chains of a TOML text, or none. Raises Refused as `chains_from_toml` and `import_chain` do."""
    with transaction():
        return [import_chain(institution, data) for data in chains_from_toml(text)]
