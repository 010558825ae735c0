"""Oversight: its rows and pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel import files, records
from panel.i18n import today
from plugins.oversight import services
from plugins.oversight.models import Duty, Inspection, Item, MadeKnown, Reading, RuleDocument
from plugins.oversight.policy import DocumentKind, DutyKind
from tests.security.cases import Case, today_text, unit_of
from tests.security.places import Place, picture


def fill(place: Place, name: str) -> list[Any]:
    """A draft that was made known, a duty, an inspection that is done with an item to answer; papers of all."""
    owned = {"institution": place.institution}
    paper: dict[str, Any] = {
        "file": files.save_paper(picture(), place.institution.id, "file"),
        "file_name": f"{name}.png",
    }
    kind = records.create(DocumentKind, **owned, name=f"{name}-kind")
    duty_kind = records.create(DutyKind, **owned, group=name, name=f"{name}-duty", inspects=True)
    document = services.draft({**owned, "name": f"{name}-rules", "kind": kind, "unit": place.unit, "interpreter": name})
    records.update(document, **paper)
    known = services.make_known(document, {"way": "notice", "on": today(), "evidence": name, **paper})
    reading = records.create(Reading, **owned, document=document, person=place.people[0], told_on=today())
    duty = services.appoint({**owned, "kind": duty_kind, "unit": place.unit, "person": place.people[0]})
    held = services.plan({**owned, "unit": place.unit, "by_unit": place.unit, "planned_on": today(), "subject": name})
    (item,) = services.carry_out(held, today(), name, [{"finding": name}], **paper)
    records.update(item, **paper)
    return [kind, duty_kind, document, known, reading, duty, held, item]


def _kind(place: Place, model: Any) -> dict[str, Any]:
    return {"kind-id": place.row(model).id, "kind": str(place.row(model))}


NEW: dict[str, Callable[[Place], Case]] = {
    "oversight.document_kind": lambda p: Case("", form={"name": "新种类"}, whole=True),
    "oversight.duty_kind": lambda p: Case("", form={"name": "新职责", "least": "1", "position": "0"}, whole=True),
    "oversight.rule_document": lambda p: Case(
        "",
        form={**unit_of(p), **_kind(p, DocumentKind), "name": "新办法", "audience": "staff"},
        also=(p.unit,),
    ),
    "oversight.inspection": lambda p: Case(
        "", form={**unit_of(p), "outside": "上级单位", "planned_on": "2026-12-01"}, also=(p.unit,)
    ),
    "oversight.duty": lambda p: Case(
        "",
        form={
            **unit_of(p),
            **_kind(p, DutyKind),
            "person-id": p.people[1].id,
            "person": p.people[1].name,
            "since": today_text(),
        },
        also=(p.unit,),
    ),
}


def _on(model: Any, form: dict[str, Any] | None = None, **more: Any) -> Callable[[Place], Any]:
    return lambda p: [Case("", {"id": p.row(model).id}, form or {}, (p.row(model),), **more)]


def _anybody(place: Place) -> dict[str, int]:
    """A draft somebody else was told of is nobody's to read here."""
    roles = ("alice", "bob", "carol", "dave", "oscar", "root")
    return {"anonymous": 302, **dict.fromkeys(roles, 404)}


OTHERS: dict[str, Callable[[Place], Any]] = {
    "oversight_rule_document.known": _on(RuleDocument, {"way": "notice", "on": today_text()}),
    "oversight_rule_document.tell": _on(RuleDocument),
    "oversight_rule_document.issue": _on(RuleDocument, {"issued_on": today_text()}),
    "oversight_rule_document.confirm": _on(RuleDocument, {"on": today_text()}, done=(422,)),
    "oversight_rule_document.review": _on(RuleDocument, {"on": today_text()}, done=(422,)),
    "oversight_rule_document.repeal": _on(RuleDocument, {"until": today_text(), "reason": "x"}, done=(422,)),
    "oversight_rule_document.attach": _on(RuleDocument),
    "oversight_rule_document.paper": lambda p: [
        Case("", {"id": p.row(RuleDocument).id}, rows=(p.row(RuleDocument),)),
        Case("", {"known": p.row(MadeKnown).id}, rows=(p.row(MadeKnown),), act="known"),
    ],
    "oversight_rules.index": lambda p: [Case("")],
    "oversight_rules.text": lambda p: [Case("", {"id": p.row(RuleDocument).id}, only=_anybody(p))],
    "oversight_rules.read": lambda p: [Case("", form={"id": p.row(RuleDocument).id}, only=_anybody(p))],
    "oversight_inspection.plan_for": lambda p: [Case("", {"id": p.unit.id}, rows=(p.unit,), seen=(302,))],
    "oversight_inspection.edit_view": lambda p: [
        Case("", {"id": p.row(Inspection).id}, None, (p.row(Inspection),), seen=(302,), done=(422,))  # it is done
    ],
    "oversight_inspection.carry_out": _on(Inspection, {"on": today_text(), "result": "x"}, done=(422,)),
    "oversight_inspection.add": _on(Inspection, {"finding": "x", "gravity": "remark"}),
    "oversight_inspection.drop": _on(Inspection, {"reason": "x"}, done=(422,)),
    "oversight_inspection.paper": _on(Inspection),
    "oversight_item.answer": _on(Item, {"answer": "x", "on": today_text()}),
    "oversight_item.accept": _on(Item, {"note": "x"}, done=(422,)),
    "oversight_item.give_back": _on(Item, {"reason": "x", "due_on": today_text()}, done=(422,)),
    "oversight_item.paper": _on(Item),
    "oversight_duty.hand_over": lambda p: [
        Case(
            "",
            {"id": p.row(Duty).id},
            {"successor-id": p.people[2].id, "successor": p.people[2].name},
            (p.row(Duty),),
        )
    ],
    "oversight_duty.end": _on(Duty, {"until": today_text()}),
    "oversight_groups.index": lambda p: [Case("", whole=True)],
    "oversight_card.index": lambda p: [
        Case(""),
        Case("", {"id": p.row("accounts.account").id}, rows=(p.row("accounts.account"),), act="one"),
    ],
}
