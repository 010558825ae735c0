"""Fills an empty instance with a school that publishes: `python -m tests.e2e.press`."""

from __future__ import annotations

from datetime import date

from panel import audit, config, create_app, migrate
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.approvals.chains import import_text
from panel.checks.saving import recording
from panel.database import db
from panel.org import services as org
from plugins.accounts import services as accounts
from plugins.accounts.models import Platform
from plugins.stipend import services as stipend
from tests.e2e.school import PASSWORD

CHAIN = """
[[chain]]
subject = "content.submission"
name = "重要稿件"
when = [{field = "class", is = ["important"]}]
[[chain.steps]]
name = "单位负责人审核"
who = "role"
role = "lead"
[[chain.steps]]
name = "宣传部审核"
who = "role"
role = "publicity"

[[chain]]
subject = "stipend.settlement"
name = "稿费发放审批"
[[chain.steps]]
name = "财务审核"
who = "role"
role = "finance"
"""


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="press"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: object) -> None:
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    school = org.create_institution(
        registry, "示范中学", "school", administrator=administrator, plugins=["accounts", "content", "stipend"]
    )
    with acting_as(identify(User.get(), school)):
        root = org.root_of(school)
        unit = org.add_unit({"name": "教务处", "parent": root, "kind": "function"})
        people = (
            ("clerk", "马秀英", "clerk", unit),
            ("lead", "高建国", "lead", unit),
            ("chief", "周雅琴", "publicity", root),
            ("editor", "许静", "publicity", root),
            ("finance", "方正", "finance", root),
        )
        for username, name, role, where in people:
            person = org.hire({"name": name, "unit": where, "kind": "staff", "leads_unit": role == "lead"})
            values = {"username": username, "password": PASSWORD, "display_name": name, "person": person}
            access.grant(access.create_user(values), Role.get(Role.code == role), where)
        accounts.register_account(
            {
                "name": "示范中学",
                "platform": Platform.get(Platform.institution == school, Platform.family == "wechat"),
                "identifier": "school",
                "unit": root,
                "responsible": User.get(User.username == "chief").person,
                "status": "active",
            }
        )
        import_text(school, CHAIN)
        stipend.take_example(school, "company", date(2020, 1, 1))


if __name__ == "__main__":
    main()
