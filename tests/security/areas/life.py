"""The life of an account: applications, papers, what is handed in, filings."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from panel import files, records
from panel.i18n import today
from plugins.accounts import services as accounts
from plugins.accounts.life.models import FilingRecord, Nominee
from plugins.accounts.models import Platform
from tests.security.cases import Case, unit_of
from tests.security.places import Place, enter, picture


def fill(place: Place, name: str) -> list[Any]:
    """A draft with a paper and a person; an account that is being closed, with all there is to hand in; a filing."""
    owned = {"institution": place.institution}
    closing = accounts.draft("closing", {"reason": name}, _account(place, f"{name}-closing", "douyin"))
    accounts.submit(closing, declared=True)
    items = accounts.still_out(closing.account)
    accounts.hand_in(items[0], note=name, file=files.save_paper(picture(), place.institution.id), file_name="a.png")
    draft = accounts.draft("opening", _wanted(place, name))
    paper = files.save_paper(picture(), place.institution.id)
    place.rows["hand_in.done"], place.rows["hand_in.open"] = items[0], items[1]
    place.rows["application.closing"] = closing
    place.rows["account.changing"] = _account(place, f"{name}-changing", "bilibili")
    return [
        draft,
        accounts.attach(draft, "report", paper, f"{name}.png"),
        Nominee.get(Nominee.application == draft),
        items[1],
        records.create(
            FilingRecord,
            **owned,
            account=place.row("accounts.account"),
            event="change",
            office=place.unit,
            text=name,
            owed_on=today(),
        ),
    ]


def _account(place: Place, name: str, platform: str) -> Any:
    return enter(place, name, platform, place.people[0])


def _wanted(place: Place, name: str) -> dict[str, Any]:
    return {
        "unit": place.unit,
        "name": f"{name}-new",
        "platform": Platform.get(Platform.institution == place.institution, Platform.code == "weibo"),
        "responsible": place.people[0],
        "operators": [place.people[0]],
        "reason": name,
    }


def _opening(place: Place) -> dict[str, Any]:
    platform = Platform.get(Platform.institution == place.institution, Platform.code == "weibo")
    return {
        **unit_of(place),
        "name": "applied for",
        "platform": platform.name,
        "platform-id": str(platform.id),
        "responsible": place.people[0].name,
        "responsible-id": str(place.people[0].id),
        "entity_kind": "organisation",
        "level": "",
        "reason": "needed",
    }


NEW: dict[str, Callable[[Place], Case]] = {
    "accounts.application": lambda p: Case("", form=_opening(p), also=(p.unit,)),
}


def _stays(place: Place) -> dict[str, Any]:
    return {
        "to_unit": place.unit.name,
        "to_unit-id": str(place.unit.id),
        "level": "",
        "entity_kind": "organisation",
    }


def _post(row: str, **form: Any) -> Callable[[Place], list[Case]]:
    """A page that takes a POST alone, about a row."""
    return lambda p: [Case("", {"id": p.rows[row].id}, form, (p.rows[row],))]


def _file() -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture()), "paper.png"


DRAFT, CLOSING = "accounts.application", "application.closing"
OTHERS: dict[str, Callable[[Place], Any]] = {
    "accounts_application.apply": lambda p: [
        Case("", {"kind": kind, "id": p.rows["account.changing"].id}, form, (p.rows["account.changing"],))
        for kind, form in (
            ("change", {**_stays(p), "name": "other", "reason": "x"}),
            ("closing", {"reason": "x"}),
            ("appointment", {"reason": "x"}),
        )
    ],
    "accounts_application.amend": lambda p: [
        Case("", {"id": p.rows[DRAFT].id}, {**_opening(p), "version": str(p.rows[DRAFT].version)}, (p.rows[DRAFT],))
    ],
    "accounts_application.submit": _post(DRAFT, declared="y"),
    "accounts_application.give_up": _post(DRAFT),
    "accounts_application.attach": lambda p: [
        Case("", {"id": p.rows[DRAFT].id}, {"kind": "other", "file": _file}, (p.rows[DRAFT],))
    ],
    "accounts_application.detach": _post("accounts.paper"),
    "accounts_application.paper": _post("accounts.paper"),
    "accounts_application.accept_name": _post(DRAFT),
    "accounts_application.accept_identity": _post(DRAFT),
    "accounts_application.carry_out": _post(CLOSING),
    "accounts_application.break_off": _post(CLOSING, reason="kept"),
    "accounts_application.hand_in": _post("hand_in.open", note="handed in"),
    "accounts_application.evidence": _post("hand_in.done"),
    "accounts_filing_record.settle": _post("accounts.filing_record", note="filed"),
    "accounts_filing_record.confirm": _post("account.changing", number="1"),
    "accounts_state.page": lambda p: [
        Case("", {"act": act, "id": p.rows["account.changing"].id}, {"reason": "why"}, (p.rows["account.changing"],))
        for act in ("suspend", "resume")
    ],
}
