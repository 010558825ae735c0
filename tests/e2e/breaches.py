"""Fills an empty instance with a college that handles breaches: `python -m tests.e2e.breaches`."""

from __future__ import annotations

from typing import Any

from panel import audit, config, create_app, migrate, records
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.checks.saving import recording
from panel.database import db
from panel.org import services as org
from plugins.violations.policy import SanctionStep

PASSWORD = "correct horse battery"
STEPS: tuple[dict[str, Any], ...] = (
    {"name": "批评教育", "position": 1, "effect": "warn"},
    {"name": "通报批评", "position": 2, "effect": "circulate"},
    {"name": "暂停运营资格", "position": 3, "effect": "suspend", "days": 30},
)


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="college"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: object) -> None:
    """A teacher who reports, the office that handles, and whom it is about."""
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    plugins = ["accounts", "violations"]
    college = org.create_institution(registry, "示范学院", "university", administrator=administrator, plugins=plugins)
    with acting_as(identify(User.get(), college)):
        root = org.root_of(college)
        office = org.add_unit({"name": "宣传部", "parent": root, "kind": "function"})
        faculty = org.add_unit({"name": "文学院", "parent": root, "kind": "faculty"})
        for username, name, role, unit in (("office", "周部长", "publicity", root), ("teacher", "林老师", "", faculty)):
            person = org.hire({"name": name, "unit": office if role else faculty, "kind": "staff"})
            values = {"username": username, "password": PASSWORD, "display_name": name, "person": person}
            user = access.create_user(values)
            if role:
                access.grant(user, Role.get(Role.code == role), unit)
        org.hire({"name": "贾广告", "unit": faculty, "kind": "staff"})
        for step in STEPS:
            records.create(SanctionStep, institution=college, **step)


if __name__ == "__main__":
    main()
