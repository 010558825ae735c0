"""Fills an empty instance with a school and its work group: `python -m tests.e2e.groups`."""

from __future__ import annotations

from panel import audit, config, create_app, migrate
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.checks.saving import recording
from panel.database import db
from panel.org import services as org
from plugins.groupchat import services
from tests.e2e.school import PASSWORD


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="groups"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: object) -> None:
    """A teacher who owns the group, a colleague who takes it over, and one more; the colleague heads the office."""
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    school = org.create_institution(registry, "示范小学", "school", administrator=administrator, plugins=["groupchat"])
    with acting_as(identify(User.get(), school)):
        unit = org.add_unit({"name": "德育处", "parent": org.root_of(school), "kind": "function"})
        people = {
            name: org.hire({"name": name, "unit": unit, "kind": "staff", "leads_unit": name == "赵接任"})
            for name in ("马老师", "赵接任", "冯老师")
        }
        values = {"username": "lead", "password": PASSWORD, "display_name": "赵接任", "person": people["赵接任"]}
        access.grant(access.create_user(values), Role.get(Role.code == "lead"), unit)
        base = {"institution": school, "unit": unit, "kind": "department", "purpose": "德育工作"}
        group = services.open_group({**base, "name": "德育群", "owner": people["马老师"]})
        services.import_members(group, "\n".join(["群昵称", *people]).encode(), "members.csv")


if __name__ == "__main__":
    main()
