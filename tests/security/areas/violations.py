"""Breaches, commendations and assessments: their rows and pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from panel import files, records
from panel.i18n import today
from plugins.groupchat.models import Case as ChatCase
from plugins.violations import acts
from plugins.violations.models import (
    Assessment,
    Case,
    Commendation,
    Evidence,
    Measure,
    Party,
    Referral,
    Report,
    Round,
    Sanction,
    Supervision,
)
from plugins.violations.policy import BreachKind, Criterion, SanctionStep
from tests.security.cases import Case as Ask
from tests.security.cases import person_of, today_text, unit_of
from tests.security.places import Place, picture


def fill(place: Place, name: str) -> list[Any]:
    """A case that is being investigated, with all that can belong to one; a sanction; the rules; an assessment."""
    owned, person = {"institution": place.institution}, place.people[0]
    kind = records.create(BreachKind, **owned, name=f"{name}违规")
    case = records.create(
        Case,
        **owned,
        unit=place.unit,
        kind=kind,
        facts=name,
        about=name,
        state="investigating",
        findings=name,
        handler=person,
        due_on=date(2035, 1, 1),
    )
    inside = {**owned, "case": case}
    paper = {"file": files.save_paper(picture(), place.institution.id, "file"), "file_name": f"{name}.png"}
    owner = place.user
    round_ = Round.get_or_none(Round.institution == place.institution) or records.create(
        Round, **owned, name=f"{name}轮", since=date(2026, 1, 1), until=date(2026, 3, 31)
    )
    return [
        kind,
        case,
        records.create(Report, **inside, reporter=owner, text=name),
        records.create(Evidence, **inside, **paper),
        records.create(Measure, **inside, kind="stop", due_on=date(2035, 1, 1), text=name),
        records.create(Party, **inside, role="direct", person=place.people[1]),
        records.create(Referral, **inside, authority=name, on=date(2026, 1, 1)),
        records.create(
            Sanction, **inside, unit=place.unit, name=name, proposed=name, effect="warn", due_on=date(2035, 1, 1)
        ),
        records.create(SanctionStep, **owned, name=f"{name}处理", effect="warn"),
        records.create(Criterion, **owned, name=f"{name}指标"),
        records.create(Commendation, **owned, unit=place.unit, reason=name, on=today()),
        round_,
        records.create(Assessment, **owned, round=round_, unit=place.unit, grade=name),
        records.create(Supervision, **owned, unit=place.unit, text=name, on=date(2026, 1, 1)),
    ]


def _kind(place: Place) -> dict[str, Any]:
    kind = place.row(BreachKind)
    return {"kind-id": kind.id, "kind": kind.name}


NEW: dict[str, Callable[[Place], Ask]] = {
    "violations.case": lambda p: Ask(
        "",
        form={**_kind(p), **unit_of(p), "facts": "事", "source": "other", "severity": ""},
        also=(p.unit, p.row(BreachKind)),
    ),
    "violations.breach_kind": lambda p: Ask(
        "", form={"name": "新种类", "severity": "minor", "demand": "", "active": "1"}, whole=True
    ),
    "violations.sanction_step": lambda p: Ask(
        "",
        form={
            "name": "新处理", "position": "1", "effect": "warn", "breach": "", "whom": "any", "least": "minor",
            "most": "serious",
        },
        whole=True,
    ),
    "violations.criterion": lambda p: Ask(
        "", form={"name": "新指标", "weight": "1", "measured": "hand", "each": "1"}, whole=True
    ),
    "violations.commendation": lambda p: Ask(
        "", form={**unit_of(p), "reason": "好", "on": today_text()}, also=(p.unit,)
    ),
    "violations.round": lambda p: Ask(
        "", form={"name": "新轮", "since": "2027-01-01", "until": "2027-03-31"}, whole=True
    ),
    "violations.supervision": lambda p: Ask(
        "", form={**unit_of(p), "about": "use", "on": today_text(), "text": "看了"}, also=(p.unit,)
    ),
}  # fmt: skip

FORMS: dict[str, dict[str, Callable[[Place], dict[str, Any]]]] = {
    "case": {
        "take": lambda p: person_of(p.people[2], "handler"),
        "findings": lambda p: {"findings": "属实", "severity": "minor"},
        "measure": lambda p: {"kind": "delete", "due_on": "2035-01-01"},
        "done": lambda p: {"note": "已办"},
        "party": lambda p: {"role": "leader", **person_of(p.people[2])},
        "evidence": lambda p: {"file": lambda: (io.BytesIO(picture()), "a.png")},
        "superior": lambda p: {"superior": "校长"},
        "liability": lambda p: {"liability": "保留"},
        "refer": lambda p: {"authority": "公安机关"},
        "appeal": lambda p: {"text": "不服"},
    },
    "decide": {
        "decide": lambda p: {"verdict": "founded", "reasons": "属实"},
        "sanction": lambda p: {"target": "case", "name": "警告"},
        "carry": lambda p: {"note": "已办"},
        "lift": lambda p: {"reason": "改正"},
        "rectified": lambda p: {},
        "turn_down": lambda p: {"reason": "无理"},
        "reopen": lambda p: {"reason": "新证据"},
        "close": lambda p: {},
    },
    "round": {"result": lambda p: {**person_of(p.people[1])}, "close": lambda p: {}},
    "assess": {"mark": lambda p: {"grade": "优", "basis": "依据"}},
}
ACTS = {"case": acts.EDIT_ACTS, "decide": acts.DECIDE_ACTS, "round": acts.ROUND_ACTS, "assess": acts.ASSESS_ACTS}


def _acts(area: str) -> Callable[[Place], Iterator[Ask]]:
    def made(place: Place) -> Iterator[Ask]:
        for name, act in ACTS[area].items():
            row, form = place.row(act.model), FORMS[area][name](place)
            people = tuple(p for p in place.people if p.id in (form.get("person-id"), form.get("handler-id")))
            # What an act refuses by the state the row happens to be in is said on its page.
            yield Ask(
                "", {"act": name, "id": row.id}, form, (row, *people), act=name, done=(302, 422), whole=area == "round"
            )
        missing: dict[str, Any] = {"seen": (404,), "done": (404,), "whole": area == "round"}
        yield Ask("", {"act": "no-such", "id": place.row(Case).id}, act="unknown", **missing)

    return made


OTHERS: dict[str, Callable[[Place], Any]] = {
    "violations_case.reporter": lambda p: [Ask("", {"id": p.row(Report).id}, rows=(p.row(Report),), notes="GET")],
    "violations_case.paper": lambda p: [
        Ask("", {"of": "evidence", "id": p.row(Evidence).id}, rows=(p.row(Evidence),)),
        Ask("", {"of": "no-such", "id": p.row(Evidence).id}, seen=(404,), act="unknown"),
    ],
    "violations_reporting.index": lambda p: [Ask("", form={"text": "有人违规", "anonymous": "1"})],
    "violations_take_over.index": lambda p: [
        Ask("", whole=True, method="GET"),
        Ask("", {}, {"id": p.row(ChatCase).id}, (p.row(ChatCase),), whole=True, done=(302, 422), method="POST"),
    ],
    "violations_case_acts.index": _acts("case"),
    "violations_decide_acts.index": _acts("decide"),
    "violations_round_acts.index": _acts("round"),
    "violations_assess_acts.index": _acts("assess"),
}
