"""Verification: its rows and pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel import files, records
from panel.i18n import today
from plugins.accounts.models import Platform
from plugins.certification import services as certification
from plugins.certification.models import Budget, RenewalStep, Site, Window
from tests.security.cases import Case, today_text, unit_of
from tests.security.places import Place, picture


def fill(place: Place, name: str) -> list[Any]:
    """A renewal under way with its papers, a review, a rule, a budget and a site."""
    owned, account = {"institution": place.institution}, place.row("accounts.account")
    renewal = certification.begin_renewal(account)
    paper = {"file": files.save_paper(picture(), place.institution.id, "file"), "file_name": f"{name}.png"}
    records.update(renewal, **paper)
    platform = records.create(Platform, **owned, name=f"{name}-ruled", family=f"{place.name}2", icon="p-site")
    return [
        renewal,
        RenewalStep.get(RenewalStep.renewal == renewal),
        certification.review(account, today(), "keep", note=name),
        records.create(Window, **owned, platform=platform, lost=name),
        records.create(Budget, **owned, unit=place.unit, year=2031, amount=1),
        records.create(Site, **owned, unit=place.unit, host=f"{place.name}.example.edu"),
    ]


def _spare(place: Place) -> dict[str, Any]:
    return {"account-id": place.spare.id, "account": place.spare.name}


NEW: dict[str, Callable[[Place], Case]] = {
    "certification.renewal": lambda p: Case("", form=_spare(p), also=(p.spare,)),
    "certification.review": lambda p: Case(
        "", form={**_spare(p), "on": "2026-01-05", "verdict": "keep"}, also=(p.spare,)
    ),
    "certification.site": lambda p: Case(
        "", form={**unit_of(p), "host": "new.example.edu", "port": "443"}, also=(p.unit,)
    ),
    "certification.window": lambda p: Case(
        "",
        form={
            "platform-id": p.row(Platform).id,
            "platform": p.row(Platform).name,
            "months": "12",
            "opens_days": "30",
            "fee": "300",
        },
        also=(p.row(Platform),),
        whole=True,
    ),
    "certification.budget": lambda p: Case("", form={**unit_of(p), "year": "2027", "amount": "100"}, also=(p.unit,)),
}

OTHERS: dict[str, Callable[[Place], Any]] = {
    "certification_renewal.step": lambda p: [
        Case("", {"id": p.row(RenewalStep).id}, {"on": today_text()}, (p.row(RenewalStep),))
    ],
    "certification_renewal.result": lambda p: [
        Case(
            "",
            {"id": p.row("certification.renewal").id},
            {"outcome": "failed", "on": today_text()},
            (p.row("certification.renewal"),),
        )
    ],
    "certification_renewal.paper": lambda p: [
        Case("", {"id": p.row("certification.renewal").id}, rows=(p.row("certification.renewal"),))
    ],
    "certification_statistics.index": lambda p: [Case("", whole=True)],
}
