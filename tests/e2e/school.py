"""Fills an empty instance with a school in which a verification lapses: `python -m tests.e2e.school`."""

from __future__ import annotations

from datetime import timedelta

from panel import audit, config, create_app, migrate
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.checks.saving import recording
from panel.database import db
from panel.i18n import today
from panel.org import services as org
from panel.org.models import Institution, Unit
from plugins.accounts import services as accounts
from plugins.accounts.models import Platform

PASSWORD = "correct horse battery"


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="school"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: object) -> None:
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    plugins = ["accounts", "certification"]
    school = org.create_institution(registry, "示范中学", "school", administrator=administrator, plugins=plugins)
    with acting_as(identify(User.get(), school)):
        unit = org.add_unit({"name": "教务处", "parent": org.root_of(school), "kind": "function"})
        for username, name, role, leads in (("clerk", "马秀英", "clerk", False), ("lead", "高主任", "lead", True)):
            person = org.hire({"name": name, "unit": unit, "kind": "staff", "leads_unit": leads})
            values = {"username": username, "password": PASSWORD, "display_name": name, "person": person}
            access.grant(access.create_user(values), Role.get(Role.code == role), unit)
        register(school, unit)


def register(school: Institution, unit: Unit) -> None:
    """One verification that lapses in nine days, and one that lapsed ten days ago; the clerk answers for both."""
    platform = Platform.get(Platform.institution == school, Platform.family == "wechat")
    clerk = User.get(User.username == "clerk").person
    for name, days in (("教务处公众号", 9), ("招生公众号", -10)):
        accounts.register_account(
            {
                "name": name,
                "platform": platform,
                "identifier": name,
                "unit": unit,
                "responsible": clerk,
                "status": "active",
                "certified_until": today() + timedelta(days=days),
            }
        )


if __name__ == "__main__":
    main()
