"""Fills an empty instance with a school that has rules of its own: `python -m tests.e2e.oversight`."""

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
from plugins.oversight import services
from plugins.oversight.policy import DocumentKind
from tests.e2e.school import PASSWORD


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="school"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: object) -> None:
    """An office with the administrator, a unit with its head, and rules in force since a year ago."""
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    school = org.create_institution(
        registry, "示范中学", "school", administrator=administrator, plugins=["accounts", "oversight"]
    )
    with acting_as(identify(User.get(), school)):
        root = org.root_of(school)
        office = org.add_unit({"name": "宣传处", "parent": root, "kind": "function"})
        unit = org.add_unit({"name": "教务处", "parent": root, "kind": "function"})
        head = org.hire({"name": "高主任", "unit": unit, "kind": "staff", "leads_unit": True})
        user = access.create_user({"username": "lead", "password": PASSWORD, "display_name": "高主任", "person": head})
        access.grant(user, Role.get(Role.code == "lead"), unit)
        kind = DocumentKind.select().order_by(DocumentKind.id).get()
        values = {"institution": school, "kind": kind, "unit": office, "interpreter": "宣传处"}
        services.issue(services.draft({**values, "name": "公众号管理办法"}), today() - timedelta(days=365))


if __name__ == "__main__":
    main()
