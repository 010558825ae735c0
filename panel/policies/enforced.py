"""How each rule of the catalogue is enforced here, derived from what checks, kinds, chains and pages cite."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import url_for

from panel.access.identity import current
from panel.approvals import declare
from panel.approvals.models import Chain, ChainStep
from panel.checks import policy
from panel.checks.engine import today_in
from panel.checks.registry import checks
from panel.database import key_of
from panel.i18n import _, _l
from panel.obligations import kinds as obligations
from panel.obligations.models import Duty
from panel.org.models import Institution, InstitutionKind
from panel.policies import catalogue, presets
from panel.policies.catalogue import Document, Rule
from panel.policies.coverage import CITED
from panel.runtime import runtime

PAGE = 40  # rules of a page

WAYS = (
    ("check", _l("Check")),
    ("parameter", _l("Parameter")),
    ("obligation", _l("Obligation")),
    ("approval", _l("Approval")),
    ("record", _l("Record")),
    ("built_in", _l("Built in")),
    ("elsewhere", _l("Not judged by the machine")),
    ("human", _l("Left to people")),
    ("preset", _l("Not in force: a preset has it")),
    ("open", _l("Not enforced yet")),
)
STYLES = {"elsewhere": "", "human": "", "preset": "badge-warning", "open": "badge-danger"}


@dataclass(frozen=True)
class Means:
    """One thing that enforces a rule: how, what it is called, where it is."""

    way: str
    title: str
    address: str = ""
    note: str = ""
    off: bool = False  # there, but not in force

    @property
    def style(self) -> str:
        return "" if self.off else STYLES.get(self.way, "badge-success")


@dataclass(frozen=True)
class Enforced:
    """A rule with all that enforces it here."""

    rule: Rule
    means: list[Means]

    @property
    def way(self) -> str:
        """The strongest way; `open` where there is none."""
        return self.means[0].way if self.means else "open"


@dataclass(frozen=True)
class Asked:
    """What the address of the page asks for."""

    document: str = ""
    area: str = ""
    kind: str = ""
    way: str = ""
    q: str = ""
    page: int = 1

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Asked:
        """What is unknown is not asked for."""
        known = {
            "document": catalogue.documents(),
            "area": areas(),
            "kind": dict(kinds()),
            "way": dict(WAYS),
        }
        chosen = {name: value for name in known if (value := args.get(name, "")) in known[name]}
        number = args.get("page", "")
        page = int(number) if number.isdecimal() and 0 < len(number) < 4 else 1
        return cls(**chosen, q=args.get("q", "").strip()[:80], page=max(page, 1))

    @property
    def any(self) -> bool:
        return bool(self.document or self.area or self.kind or self.way or self.q)

    def address(self, page: int) -> str:
        """The same question, another page."""
        values = {name: getattr(self, name) or None for name in ("document", "area", "kind", "way", "q")}
        return url_for("policies_articles.page", page=page if page > 1 else None, **values)


@dataclass(frozen=True)
class Found:
    """A page of rules, by document; without a question only the documents with what enforces their rules."""

    groups: list[tuple[Document, list[Enforced]]] = field(default_factory=list)
    summary: list[tuple[Document, dict[str, int]]] = field(default_factory=list)
    count: int = 0
    pages: int = 1


def found(institution: Institution, asked: Asked) -> Found:
    """What the page shows."""
    known = means(institution)
    if not asked.any:
        return Found(summary=_summary(known), count=len(catalogue.rules()))
    hits = [Enforced(rule, known.get(rule.id, [])) for rule in catalogue.rules().values() if _asked(rule, asked)]
    if asked.way:
        hits = [hit for hit in hits if hit.way == asked.way or any(m.way == asked.way for m in hit.means)]
    shown = hits[(asked.page - 1) * PAGE : asked.page * PAGE]
    groups: dict[str, list[Enforced]] = {}
    for hit in shown:
        groups.setdefault(hit.rule.document, []).append(hit)
    titled = [(catalogue.documents()[document], rows) for document, rows in groups.items()]
    return Found(groups=titled, count=len(hits), pages=max(1, -(-len(hits) // PAGE)))


def _asked(rule: Rule, asked: Asked) -> bool:
    document = catalogue.documents()[rule.document]
    text = f"{rule.id} {rule.article} {rule.rule} {document.title} {document.institution}".casefold()
    return (
        asked.document in ("", rule.document)
        and asked.area in ("", rule.area)
        and asked.kind in ("", document.kind)
        and all(word in text for word in asked.q.casefold().split())
    )


def _summary(known: Mapping[str, list[Means]]) -> list[tuple[Document, dict[str, int]]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for rule in catalogue.rules().values():
        counts[rule.document][Enforced(rule, known.get(rule.id, [])).way] += 1
        counts[rule.document]["rules"] += 1
    return [(document, counts[name]) for name, document in catalogue.documents().items()]


# ── what enforces what ─────────────────────────────────────────────────────────────────────────


def means(institution: Institution) -> dict[str, list[Means]]:
    """Rule id → all that enforces it in an institution, the strongest first."""
    known: dict[str, list[Means]] = defaultdict(list)
    for ids, found_means in _declared(institution):
        for rule_id in dict.fromkeys(ids):
            if rule_id in catalogue.rules():
                known[rule_id].append(found_means)
    offered = _offered()
    order = [way for way, _label in WAYS]
    for rule in catalogue.rules().values():
        if not known.get(rule.id):
            if rule.id in catalogue.elsewhere():
                belongs, why = catalogue.elsewhere_worded(rule.id)
                known[rule.id].append(Means("elsewhere", belongs, note=why))
            elif rule.enforce == "human":
                known[rule.id].append(Means("human", _("No machine can judge it.")))
            else:
                known[rule.id] += offered.get(rule.id, [])
        found = sorted(known[rule.id], key=lambda one: (one.off, order.index(one.way)))
        known[rule.id] = [one for one in found if one.way != "built_in" or one is found[0]]
    return known


def _declared(institution: Institution) -> Iterator[tuple[Iterable[str], Means]]:
    on = _areas_on()
    yield from _checks(on)
    yield from _parameters(institution, on)
    yield from _obligations(institution, on)
    yield from _approvals(institution, on)
    yield from _pages(on)
    yield from _built_in(on)


def _areas_on() -> set[str]:
    """The core's areas, and the plugins that are on."""
    who, registry = current(), runtime().registry
    return {area.name for area in registry.core} | {
        a.name for a in registry if who is not None and who.plugin_on(a.name)
    }


def _checks(on: set[str]) -> Iterator[tuple[Iterable[str], Means]]:
    for check in checks.of(on):
        yield check.rules, Means("check", str(check.title), _to("checks_finding.index_view", code=check.code))


def _parameters(institution: Institution, on: set[str]) -> Iterator[tuple[Iterable[str], Means]]:
    address = _to("checks_policy.page")
    for model in policy.models(runtime().registry.areas):
        if key_of(model).partition(".")[0] not in on:
            continue
        row = policy.in_force(model, institution, today_in(institution))
        for name, parameter in model.parameters().items():
            value = getattr(row, name) if row else None
            off = value is None or value is False or value == ""
            note = _("not in force") if off else "" if value is True else str(value)
            yield parameter.rules, Means("parameter", str(model._meta.fields[name].verbose_name), address, note, off)


def _obligations(institution: Institution, on: set[str]) -> Iterator[tuple[Iterable[str], Means]]:
    for kind in obligations.all_kinds().values():
        if kind.area in on:
            address = _to("obligations_ladder.edit", kind=kind.name)
            yield kind.rules, Means("obligation", str(kind.title), address)
    duties = Duty.select(Duty.id, Duty.name, Duty.rules).where(
        Duty.institution == institution, Duty.ended_on.is_null(), Duty.rules != ""
    )
    for duty in duties:
        yield duty.rules.split(), Means("obligation", duty.name, _to("obligations_duty.details_view", id=duty.id))


def _approvals(institution: Institution, on: set[str]) -> Iterator[tuple[Iterable[str], Means]]:
    steps = (
        ChainStep.select(ChainStep.chain, ChainStep.name, ChainStep.rules, Chain.name, Chain.subject, Chain.rules)
        .join(Chain)
        .where(ChainStep.institution == institution, Chain.active)
        .order_by(Chain.id, ChainStep.position)
    )
    seen: set[int] = set()
    for step in steps:
        chain = step.chain
        if chain.subject.partition(".")[0] not in on:
            continue
        address = _to("approvals_chain.edit", id=chain.id) or _to("approvals_chain.index")
        if chain.id not in seen:
            seen.add(chain.id)
            yield chain.rules.split(), Means("approval", chain.name, address, str(declare.title_of(chain.subject)))
        missing = set(step.rules.split()) - set(chain.rules.split())
        if missing:
            yield missing, Means("approval", chain.name, address, step.name)
    for subject in declare.all_subjects().values():
        if subject.area in on:
            yield subject.rules, Means("approval", str(subject.title), _to("approvals_chain.index"))


def _pages(on: set[str]) -> Iterator[tuple[Iterable[str], Means]]:
    """What the forms of registers cite at their fields."""
    for page in runtime().pages:
        cited = getattr(type(page), "rules", None)
        if not isinstance(cited, Mapping) or (page.plugin and page.plugin not in on):
            continue
        for name, ids in cited.items():
            column = page.model._meta.fields.get(name)
            label = page.labels.get(name) or (column.verbose_name if column is not None else "") or ""
            yield ids, Means("record", str(page.label), _to(f"{page.endpoint}.index_view"), str(label))


def _built_in(on: set[str]) -> Iterator[tuple[Iterable[str], Means]]:
    """What the code of an area says it enforces."""
    for area in runtime().registry.areas:
        if area.name in on and area.name != "policies":
            yield _cited_in(area.folder), Means("built_in", _("Held by the panel itself"), note=_called(area))


@functools.cache
def _cited_in(folder: Path) -> frozenset[str]:
    """The rules that the Python files of a folder cite, by their ids."""
    return frozenset(rule for path in folder.rglob("*.py") for rule in re.findall(CITED, path.read_text("utf-8")))


def _called(area: Any) -> str:
    named = runtime().registry
    return str(area.plugin.title) if area.name in named else ""


def _offered() -> dict[str, list[Means]]:
    """Which presets would enforce a rule."""
    offered: dict[str, list[Means]] = defaultdict(list)
    for preset in presets.shipped():
        address = _to("policies_presets.preset", code=preset.code)
        for part in preset.parts:
            rules = {*part.rules, *(rule for step in getattr(part, "steps", ()) for rule in getattr(step, "rules", ()))}
            for rule in rules:
                if not any(one.title == preset.name for one in offered[rule]):
                    offered[rule].append(Means("preset", preset.name, address))
    return offered


def _to(endpoint: str, **values: Any) -> str:
    """The address of a page, where there is one and whoever asks may open it."""
    guard, who = runtime().guards.get(endpoint), current()
    if guard is None or who is None or (guard.permission and not who.may(guard.permission)):
        return ""
    return url_for(endpoint, **values)


# ── what can be asked for ──────────────────────────────────────────────────────────────────────

AREAS = {
    "accounts": _l("Accounts"),
    "custodians": _l("People and passwords"),
    "certification": _l("Verification and review"),
    "groupchat": _l("Work groups"),
    "stipend": _l("Fees"),
    "content": _l("Content"),
    "approvals": _l("Approvals"),
    "feedback": _l("Messages and appeals"),
    "violations": _l("Violations"),
    "assessment": _l("Assessment"),
    "incidents": _l("Incidents"),
    "campaigns": _l("Campaigns"),
    "workplace": _l("Work accounts"),
    "duty": _l("Duty of the day"),
    "training": _l("Training"),
    "sites": _l("Websites"),
    "backup": _l("Backup"),
    "audit": _l("Archive and audit"),
}
KINDS = {
    **{kind.value: kind.label for kind in InstitutionKind},
    "generic": _l("Anybody"),
    "womens_federation": _l("Women's federation"),
    "procuratorate": _l("Procuratorate"),
}


def areas() -> dict[str, Any]:
    """The areas of the catalogue, with their titles."""
    present = dict.fromkeys(rule.area for rule in catalogue.rules().values())
    return {area: AREAS.get(area, area) for area in present}


def documents() -> list[Document]:
    """The source policies."""
    return list(catalogue.documents().values())


def kinds() -> list[tuple[str, Any]]:
    """The kinds of institution the source policies come from."""
    present = dict.fromkeys(document.kind for document in catalogue.documents().values())
    return [(kind, KINDS.get(kind, kind)) for kind in present]
