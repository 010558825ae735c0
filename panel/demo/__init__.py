"""The sample university: its register, imported by the real importer, and a few weeks of life on top of it."""

from __future__ import annotations

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from panel import audit, records
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.admin.imports import services as imports
from panel.admin.imports.resolve import Answers
from panel.checks.jobs import judge
from panel.checks.saving import recording
from panel.database import db, transaction
from panel.demo import content, groupchat, life, oversight, sealed, stipend, violations
from panel.i18n import today
from panel.notify.services import add_channel
from panel.obligations import presets
from panel.obligations.services import add_duty
from panel.org import services as org
from panel.org.models import Institution, Person, Unit

REGISTER = Path(__file__).with_name("register.xlsx")
LOGIN_FILE = "demo-login.json"
UNIVERSITY = "示范大学"


def login(instance: Path) -> dict[str, str]:
    """User name and password of the sample administrator; made once, readable by the owner of the files alone."""
    path = instance / LOGIN_FILE
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump({"username": "zhouyaqin", "password": f"demo-{secrets.token_hex(4)}"}, out)
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def load(app: Flask) -> bool:
    """Fill an empty panel; gives whether it was empty. One that has an institution is left alone."""
    runtime = app.extensions["zhangyin"]
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="panel demo"):
        if Institution.select().exists():
            return False
        with recording(), transaction():  # a register as it is found: what breaks the policy becomes a finding
            _fill(app, login(runtime.settings.instance))
        for institution in Institution.select():
            judge(institution)  # as the first night would
    return True


def _fill(app: Flask, who: dict[str, str]) -> None:
    registry = app.extensions["zhangyin"].registry
    administrator = {**who, "display_name": "周雅琴", "site_admin": True}
    university = org.create_institution(
        registry, UNIVERSITY, "university", administrator=administrator, plugins=[e.name for e in registry]
    )
    user = User.get(User.username == who["username"])
    with acting_as(identify(user, university)):
        run = imports.upload(
            "accounts.account", "新媒体账号备案表.xlsx", REGISTER.read_bytes(), answers=Answers(skip=True)
        )
        imports.confirm(run, run.digest)
        office = Unit.get(Unit.institution == university, Unit.name == "党委宣传部")
        person = org.hire({"name": "周雅琴", "unit": office, "kind": "staff", "post": "副部长", "number": "19980017"})
        access.change_user(User.get_by_id(user.id), None, {"person": person})
        _colleagues(university, who["password"])
    user = User.get_by_id(user.id)
    with acting_as(identify(user, university)):
        _live(university, person)
        _reminded(university, person)
        life.fill(university)
        sealed.seal(university)
        content.fill(university, user)
        groupchat.groups(university, person)
        stipend.fill(university)
        violations.fill(university)
        oversight.fill(university, person)
    school = org.create_institution(registry, f"{UNIVERSITY}附属中学", "school", plugins=["accounts"])
    root = org.root_of(school)
    with acting_as(identify(user, school)):
        for name in ("校办公室", "德育处", "高一年级"):
            org.add_unit({"name": name, "parent": root, "kind": "function"})


def _colleagues(university: Institution, password: str) -> None:
    """A unit clerk and an auditor, with the administrator's password."""
    for name, unit_name, code in (("马秀英", "教务处", "clerk"), ("梁志远", UNIVERSITY, "auditor")):
        unit = Unit.get(Unit.institution == university, Unit.name == unit_name)
        person = Person.get_or_none(Person.institution == university, Person.name == name)
        person = person or org.hire({"name": name, "unit": unit, "kind": "staff"})
        user = access.create_user({"username": code, "password": password, "display_name": name, "person": person})
        access.grant(user, Role.get(Role.institution == university, Role.code == code), unit)


def _live(university: Institution, witness: Person) -> None:
    """Years of custody, sealed copies, a rotation and a handover, so that every page has something to show."""
    from plugins.accounts import services as accounts
    from plugins.accounts.models import Account, Custodian

    chosen: list[Any] = list(Account.select().where(Account.institution == university).order_by(Account.id).limit(24))
    for number, account in enumerate(chosen):
        open_terms = Custodian.select(Custodian, Person).join(Person)
        terms = list(open_terms.where(Custodian.account == account, Custodian.until.is_null()))
        began = max(account.opened_on or today() - timedelta(days=900), today() - timedelta(days=1500 - 40 * number))
        for rank, term in enumerate(terms):
            records.update(term, since=min(began + timedelta(days=200 * rank), today() - timedelta(days=60)))
        if not terms:
            continue
        if number % 3 == 0:
            accounts.seal_copy(
                account,
                place="宣传部保险柜 3 号格",
                number=f"MF-2026-{number + 1:03d}",
                sealed_by=terms[0].person,
                sealed_on=today() - timedelta(days=200 - number),
                keeper=witness,
            )
        if number % 4 == 1:
            accounts.record_password_change(account, today() - timedelta(days=90 + number), terms[0].person, "例行更换")
        if number % 4 == 2:
            others = Person.select().where(Person.unit == account.unit, Person.id.not_in([t.person_id for t in terms]))
            taking = others.order_by(Person.id).first()
            if taking is not None:
                day = today() - timedelta(days=30 - number)
                changed = day if number % 8 == 2 else None
                accounts.hand_over(
                    account,
                    terms[0].person,
                    taking,
                    witness=witness,
                    on=day,
                    password_changed_on=changed,
                    note="岗位调整",
                )


def _reminded(university: Institution, person: Person) -> None:
    """Mail goes into a folder of the instance; the administrator has something to do today, and standing duties."""
    records.update(person, email="zhouyaqin@example.edu.cn")
    add_channel({"kind": "folder", "name": "试用邮件文件夹（instance/outgoing）"})
    presets.take_over(["training", "rules", "content"], person.unit)
    add_duty(
        {
            "name": "整理新媒体账号季度台账",
            "unit": person.unit,
            "person": person,
            "first_due_on": today(),
            "every_months": 3,
        }
    )


__all__ = ["UNIVERSITY", "load", "login"]
