"""Fees: rows and pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from panel import records
from plugins.content.models import Submission
from plugins.stipend import services
from plugins.stipend.models import Adjustment, Exclusion, Factor, Payee, Rate, RateCard, Settlement, TaxTable
from tests.security.cases import Case, today_text
from tests.security.places import Place

MONTHS = ("near", "far", "foreign")


def fill(place: Place, name: str) -> list[Any]:
    """A card with a line, an exclusion, a tax table, a payee, a factor, and an open month with an adjustment."""
    owned = {"institution": place.institution}
    services.on_enable(place.institution)
    piece = place.row("content.submission")
    since = date(2020, 1 + MONTHS.index(place.name), 1)
    card = records.create(RateCard, **owned, name=name, since=since, until=services.month_end(since), most_factor=300)
    payee = records.create(Payee, **owned, name=name)
    ended = place.name == "far"  # only one month of an institution is not approved yet
    month = records.create(
        Settlement,
        **owned,
        month=date(2000 if ended else 2026, 1 + MONTHS.index(place.name), 1),
        unit=place.unit,
        card=card,
        basis="merged",
        state="locked" if ended else "open",
    )
    return [
        card,
        records.create(Rate, **owned, card=card, name=name, amount=2000),
        records.create(Exclusion, **owned, kind="brief", reason=name, since=date(2020, 1, 1)),
        TaxTable.get(TaxTable.institution == place.institution),
        payee,
        records.create(Factor, **owned, submission=piece, value=100, reason=name),
        month,
        records.create(Adjustment, **owned, settlement=month, payee=payee, amount=100, reason=name),
    ]


def _card(place: Place) -> dict[str, Any]:
    card = place.row(RateCard)
    return {"card-id": card.id, "card": card.name}


def _payee(place: Place) -> dict[str, Any]:
    payee = place.row(Payee)
    return {"payee-id": payee.id, "payee": payee.name}


def _month(place: Place, endpoint_form: dict[str, Any], **more: Any) -> list[Case]:
    month = place.row(Settlement)
    return [Case("", {"id": month.id}, endpoint_form, (month,), **more)]


NEW: dict[str, Callable[[Place], Case]] = {
    "stipend.rate_card": lambda p: Case(
        "",
        form={
            "name": "新标准",
            "since": "2030-01-01",
            "split": "equal",
            "basis": "merged",
            "least_factor": "1",
            "most_factor": "1",
            "reads_days": "7",
        },
        whole=True,
        done=(302, 422),
    ),
    "stipend.rate": lambda p: Case(
        "",
        form={**_card(p), "name": "新项", "per": "piece", "amount": "20", "rounding": "up"},
        also=(p.row(RateCard),),
    ),
    "stipend.exclusion": lambda p: Case(
        "", form={"kind": "brief", "reason": "简讯不计", "since": "2030-01-01"}, whole=True
    ),
    "stipend.tax_table": lambda p: Case(
        "",
        form={
            "income": "wages",
            "since": "2030-01-01",
            "threshold": "0",
            "allowance": "0",
            "share": "0",
            "counts": "100",
        },
        whole=True,
    ),
    "stipend.payee": lambda p: Case("", form={"name": "新人", "kind": "outside", "income": "royalty"}, whole=True),
    "stipend.factor": lambda p: Case(
        "",
        form={
            "submission-id": p.row(Submission).id,
            "submission": p.row(Submission).headline,
            "value": "1",
            "reason": "好",
        },
        also=(p.row(Submission),),
        done=(422,),  # the piece is not released, so there is nothing to choose
    ),
    "stipend.settlement": lambda p: Case("", form={"month": today_text()}, whole=False, done=(422,)),
}

OTHERS: dict[str, Callable[[Place], Any]] = {
    "stipend_settlement.submit": lambda p: _month(p, {"note": ""}, done=(422,)),
    "stipend_settlement.settle": lambda p: _month(p, {}, done=(302, 422)),
    "stipend_settlement.reckon": lambda p: _month(p, {}, done=(302, 422)),
    "stipend_settlement.adjust": lambda p: _month(p, {**_payee(p), "amount": "1", "reason": "补"}, done=(302, 422)),
    "stipend_settlement.take_back": lambda p: [
        Case("", {"id": p.row(Adjustment).id}, {}, (p.row(Adjustment),), done=(302, 422))
    ],
    "stipend_settlement.pay": lambda p: _month(p, {"on": today_text()}, done=(422,)),
    "stipend_settlement.payments": lambda p: _month(p, {}, seen=(422,)),
    "stipend_settlement.progress": lambda p: _month(p, {}),
    "stipend_rate_card.example": lambda p: [
        Case("", form={"example": "company", "since": "2031-01-01"}, whole=True, done=(302, 422))
    ],
    "stipend_payee.account": lambda p: [
        Case("", {"id": p.row(Payee).id}, {"bank": "中国银行", "account": "6216610012345678"}, (p.row(Payee),))
    ],
    "stipend_payee.full": lambda p: [Case("", {"id": p.row(Payee).id}, {}, (p.row(Payee),), done=(200,), notes="POST")],
    "stipend_mine.index": lambda p: [Case("")],
    "stipend_year.index": lambda p: [Case("", whole=True)],
}
