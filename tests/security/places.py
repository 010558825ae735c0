"""Rows of every kind in three places: the faculty, another unit of the same institution, another institution."""

from __future__ import annotations

import csv
import importlib
import io
import pkgutil
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from PIL import Image

from panel import files, records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.admin.imports import services as imports
from panel.admin.models import SavedFilter
from panel.audit.models import Entry
from panel.checks.models import Finding, Waiver
from panel.checks.saving import recording
from panel.database import key_of, transaction, utcnow
from panel.i18n import today
from panel.jobs.models import Run
from panel.notify import services as notify
from panel.notify.models import Delivery
from panel.obligations import services as obligations
from panel.obligations.models import Obligation
from panel.org.models import Institution, Person, Unit
from plugins.accounts import services as accounts
from plugins.accounts.models import Custodian, Operator, Platform
from plugins.accounts.policy import NamePermit, NameWord, Quota
from tests.cast import World


def areas() -> list[Any]:
    """The modules of `tests/security/areas`, one an area: `fill(place, name)`, and `NEW` and `OTHERS` of its pages."""
    package = importlib.import_module("tests.security.areas")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"tests.security.areas.{name}") for name in names]


@dataclass
class Place:
    """One row of every kind. `near` is bob's faculty, `far` lies outside it, `foreign` is another institution's."""

    name: str
    institution: Institution
    unit: Unit  # where the rows belong
    user: User  # who entered them
    role: Role  # one that can be granted
    rows: dict[str, Any] = field(default_factory=dict)  # by key of the model
    people: list[Person] = field(default_factory=list)  # staff in service who hold nothing
    spare: Any = None  # an account nothing was done with yet

    def add(self, *rows: Any) -> None:
        self.rows |= {key_of(type(row)): row for row in rows}

    def row(self, model: Any) -> Any:
        """The row of a model. A model without one is a test to complete."""
        key = model if isinstance(model, str) else key_of(model)
        assert key in self.rows, f"tests/security/places.py makes no row of {key}: add one to `fill` for the matrix"
        return self.rows[key]


def build(app: Flask, world: World, word: str = "") -> list[Place]:
    """The three places, near, far and foreign; `word` is part of whatever has a name there."""
    uni, users = world.uni, world.users
    places = [
        Place("near", uni, world.faculty, users["bob"], world.roles["read"]),
        Place("far", uni, world.office, users["alice"], world.roles["read"]),
        Place("foreign", world.other, world.other_unit, users["oscar"], world.roles["other"]),
    ]
    for place in places:
        entered_by = User.get_by_id(place.user.id)
        with app.test_request_context(), acting_as(identify(entered_by, place.institution)):
            with recording(), transaction():  # as one: what watches each write looks once
                fill(place, word)
            place.add(*opened(place, f"{word}{place.name}"))
    return places


def fill(place: Place, word: str) -> None:
    """Enter the rows, through the verbs people use."""
    code, name, owned = place.name, f"{word}{place.name}", {"institution": place.institution}
    staff = [
        records.create(Person, **owned, unit=place.unit, name=f"{name}-{n}", kind="staff", number=f"{code}{n}")
        for n in range(8)
    ]
    responsible, keeper, operator, linked, *place.people = staff
    records.update(responsible, leads_unit=True)
    unit = records.create(Unit, **owned, parent=place.unit, name=f"{name}-unit", path=f"{place.unit.path}{code}/")
    records.derive(Unit, Unit.id == unit.id, path=f"{place.unit.path}{unit.id}/")
    user = records.create(User, **owned, username=f"{code}-user", display_name=f"{name}-user", person=linked)
    account = enter(place, f"{name}-account", "wechat_subscription", responsible, [keeper], [operator])
    place.spare = enter(place, f"{name}-spare", "weibo", responsible)
    accounts.set_qr_code(account, picture())
    place.add(
        place.institution,
        unit,
        staff[-1],
        user,
        records.create(Role, **owned, name=f"{name}-role", permissions=[]),
        records.create(Grant, **owned, user=user, role=place.role, unit=place.unit),
        records.create(Platform, **owned, name=f"{name}-platform", family=code, icon="p-site"),
        account,
        Custodian.get(Custodian.account == account),
        Operator.get(Operator.account == account),
        accounts.add_device(account, f"{name}-device", "desktop"),
        accounts.seal_copy(account, place=f"{name}-safe", number="1", sealed_by=keeper),
        Entry.get((Entry.subject_type == "accounts.account") & (Entry.subject_id == account.id)),
        imports.upload("accounts.account", f"{name}.csv", sheet(name, place.unit.name)),
        records.create(SavedFilter, **owned, user=place.user, view="accounts_account", name=name, query="q=x"),
        obligations.add_duty(
            {"name": f"{name}-duty", "unit": place.unit, "person": place.people[0], "first_due_on": today()}
        ),
        *channel_rows(place, name),
        *name_rows(place, name),
    )
    for area in areas():
        place.add(*area.fill(place, name))


def enter(place: Place, name: str, platform: str, responsible: Person, *held: list[Person]) -> Any:
    """An account of the place's unit, with custodians and operators."""
    custodians, operators = held or ([], [])
    return accounts.register_account(
        {
            "name": name,
            "platform": Platform.get(Platform.institution == place.institution, Platform.code == platform),
            "identifier": f"{place.name}_{platform}",
            "unit": place.unit,
            "responsible": responsible,
            "custodians": custodians,
            "operators": operators,
            "status": "active",
            "bound_phone": "13800138000",
        }
    )


def opened(place: Place, name: str) -> list[Any]:
    """What the panel opened by itself once all was written: a finding, and what is due; a waiver, a paper."""
    account, duty = place.row("accounts.account"), place.row("obligations.duty")
    due = Obligation.get((Obligation.subject_type == "obligations.duty") & (Obligation.subject_id == duty.id))
    due.file, due.file_name = files.save_paper(picture(), place.institution.id, "file"), f"{name}.png"
    due.save()
    waiver = records.create(
        Waiver,
        institution=place.institution,
        code="accounts.incomplete",
        subject_type="accounts.account",
        subject_id=account.id,
        unit=place.unit,
        reason=f"{name}-reason",
        since=today(),
        until=today() + timedelta(days=9),
    )
    about = (Finding.subject_type == "accounts.account") & (Finding.subject_id == account.id)
    return [due, waiver, Finding.get(about & (Finding.code != waiver.code))]


def channel_rows(place: Place, name: str) -> list[Any]:
    """A channel, a delivery that failed, and a run that failed."""
    channel = notify.add_channel({"kind": "folder", "name": f"{name}-channel"})
    delivery = Delivery.create(
        institution=place.institution, channel=channel, key=name, state="parked", due_at=utcnow(), error=name
    )
    run = Run.create(task="accounts.lapse_short_terms", institution=place.institution, slot=name, state="failed")
    return [channel, delivery, run]


def name_rows(place: Place, name: str) -> list[Any]:
    """A word, who may bear it, and a quota."""
    owned = {"institution": place.institution}
    word = records.create(NameWord, **owned, word=f"{name}-word")
    permit = records.create(NamePermit, **owned, word=word, unit=place.unit, document=f"{name}-paper", since=today())
    return [word, permit, records.create(Quota, **owned, unit=place.unit, most=99, note=name)]


def sheet(*cells: str) -> bytes:
    """A small register as CSV: the name and the unit of one account."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["账号名称", "平台", "账号ID", "主办部门"])
    writer.writerow([cells[0], "微信订阅号", cells[0], cells[1]])
    return out.getvalue().encode()


def picture() -> bytes:
    """A PNG."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()
