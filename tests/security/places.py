"""Rows of every kind in three places: the faculty, another unit of the same institution, another institution."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from PIL import Image

from panel import records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.admin.imports import services as imports
from panel.admin.models import SavedFilter
from panel.audit.models import Entry
from panel.database import key_of
from panel.org.models import Institution, Person, Unit
from plugins.accounts import services as accounts
from plugins.accounts.models import Custodian, Operator, Platform
from tests.cast import World

REGISTER = "账号名称,平台,账号ID,主办部门\n{name},微信订阅号,{name},{unit}\n"


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

    def row(self, model: Any) -> Any:
        """The row of a model. A model without one is a test to complete."""
        key = model if isinstance(model, str) else key_of(model)
        assert key in self.rows, f"tests/security/places.py makes no row of {key}: add one to `fill` for the matrix"
        return self.rows[key]


def build(app: Flask, world: World) -> list[Place]:
    """The three places, near, far and foreign."""
    uni, users = world.uni, world.users
    places = [
        Place("near", uni, world.faculty, users["bob"], world.roles["read"]),
        Place("far", uni, world.office, users["alice"], world.roles["read"]),
        Place("foreign", world.other, world.other_unit, users["oscar"], world.roles["other"]),
    ]
    for place in places:
        entered_by = User.get_by_id(place.user.id)
        with app.test_request_context(), acting_as(identify(entered_by, place.institution)):
            fill(place)
    return places


def fill(place: Place) -> None:
    """Enter the rows, through the verbs people use."""
    name, owned = place.name, {"institution": place.institution}
    staff = [
        records.create(Person, **owned, unit=place.unit, name=f"{name}-{n}", kind="staff", number=f"{name}{n}")
        for n in range(8)
    ]
    responsible, keeper, operator, linked, *place.people = staff
    records.update(responsible, leads_unit=True)
    user = records.create(User, **owned, username=f"{name}-user", display_name=f"{name}-user", person=linked)
    account = accounts.register_account(
        {
            "name": f"{name}-account",
            "platform": Platform.get(Platform.institution == place.institution, Platform.code == "wechat_subscription"),
            "identifier": f"{name}_1",
            "unit": place.unit,
            "responsible": responsible,
            "custodians": [keeper],
            "operators": [operator],
            "status": "active",
            "bound_phone": "13800138000",
        }
    )
    accounts.set_qr_code(account, picture())
    made = [
        place.institution,
        records.create(Unit, **owned, parent=place.unit, name=f"{name}-unit", path=f"{place.unit.path}{name}/"),
        staff[-1],
        user,
        records.create(Role, **owned, name=f"{name}-role", permissions=[]),
        records.create(Grant, **owned, user=user, role=place.role, unit=place.unit),
        records.create(Platform, **owned, name=f"{name}-platform", family=name, icon="p-site"),
        account,
        Custodian.get(Custodian.account == account),
        Operator.get(Operator.account == account),
        accounts.add_device(account, f"{name}-device", "desktop"),
        accounts.seal_copy(account, place=f"{name}-safe", number="1", sealed_by=keeper),
        Entry.get((Entry.subject_type == "accounts.account") & (Entry.subject_id == account.id)),
        imports.upload("accounts.account", f"{name}.csv", REGISTER.format(name=name, unit=place.unit.name).encode()),
        records.create(SavedFilter, **owned, user=place.user, view="accounts_account", name=name, query="q=x"),
    ]
    records.derive(Unit, Unit.id == made[1].id, path=f"{place.unit.path}{made[1].id}/")
    place.rows = {key_of(type(row)): row for row in made}


def picture() -> bytes:
    """A PNG."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()
