"""Fills an empty instance with a university on the Peking University preset: `python -m tests.e2e.peking`."""

from __future__ import annotations

from panel import audit, config, create_app, migrate
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.checks.saving import recording
from panel.database import db
from panel.org import services as org
from panel.org.models import Institution
from panel.policies import applying, presets
from tests.e2e.school import PASSWORD

PEOPLE = (  # user name, name, unit, post, heads it, role
    ("clerk", "林敏", "历史学系", "教务员", False, "clerk"),
    ("secretary", "陈国华", "历史学系", "党委书记", True, "lead"),
    ("dean", "赵文远", "历史学系", "系主任", True, "lead"),
    ("secrecy", "冯静", "保密办公室", "主任", True, "lead"),
    ("head", "韩梅", "党委宣传部", "部长", True, "lead"),
    ("publicity", "周雅琴", "党委宣传部", "干事", False, "publicity"),
)


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="peking"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: object) -> None:
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    plugins = ["accounts", "certification"]
    university = org.create_institution(
        registry, "示范大学", "university", administrator=administrator, plugins=plugins
    )
    with acting_as(identify(User.get(), university)):
        root = org.root_of(university)
        units = {
            name: org.add_unit({"name": name, "parent": root, "kind": kind})
            for name, kind in (("历史学系", "faculty"), ("保密办公室", "function"), ("党委宣传部", "function"))
        }
        for username, name, unit, post, leads, role in PEOPLE:
            person = org.hire({"name": name, "unit": units[unit], "kind": "staff", "post": post, "leads_unit": leads})
            values = {"username": username, "password": PASSWORD, "display_name": name, "person": person}
            place = root if role == "publicity" else units[unit]
            access.grant(access.create_user(values), Role.get(Role.code == role), place)
    with acting_as(identify(User.get(), university)):
        put_in_force(university)


def put_in_force(university: Institution) -> None:
    """Everything the preset says of accounts; the research office, which nobody needs here, is made."""
    preset = presets.find(university, "peking-university")
    plan = applying.plan(preset, university)
    answers = {q.asked.key: q.chosen or applying.NEW for q in plan.questions}
    ticked = [change.part.key for change in plan.changes if change.open and change.part.area != "content"]
    applying.apply(preset, university, ticked, answers)


if __name__ == "__main__":
    main()
