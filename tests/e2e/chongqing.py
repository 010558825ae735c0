"""Fills an empty instance with a company that publishes: `python -m tests.e2e.chongqing`.

Nothing of its policy is in force yet: that is what its administrator does with the Chongqing preset, in the panel.
"""

from __future__ import annotations

from datetime import date
from typing import Any

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

PEOPLE = (  # user name, name, unit, post, heads it, role
    ("clerk", "马秀英", "总装车间", "信息员", False, "clerk"),
    ("lead", "高建国", "总装车间", "主任", True, "lead"),
    ("above", "沈国强", "制造事业部", "总经理", True, "lead"),
    ("director", "顾明", "示范公司", "副总经理", False, ""),  # the preset's 分管领导, a role that is not there yet
    ("chief", "周雅琴", "宣传部", "部长", True, "publicity"),
    ("editor", "许静", "宣传部", "编辑", False, "publicity"),
    ("finance", "方正", "示范公司", "会计", False, "finance"),
)
FEES = """
[[chain]]
subject = "stipend.settlement"
name = "稿费发放审批"
[[chain.steps]]
name = "财务审核"
who = "role"
role = "finance"
"""  # the preset says nothing of fees


def main() -> None:
    app = create_app(config.load())
    registry = app.extensions["zhangyin"].registry
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="chongqing"):
        migrate.up(registry)
        with recording():
            fill(registry)


def fill(registry: Any) -> None:
    administrator = {"username": "admin", "password": PASSWORD, "display_name": "管理员", "site_admin": True}
    company = org.create_institution(
        registry, "示范公司", "company", administrator=administrator, plugins=["accounts", "content", "stipend"]
    )
    with acting_as(identify(User.get(), company)):
        root = org.root_of(company)
        units = {root.name: root}
        for name, parent in (("制造事业部", "示范公司"), ("总装车间", "制造事业部"), ("宣传部", "示范公司")):
            units[name] = org.add_unit({"name": name, "parent": units[parent], "kind": "function"})
        for username, name, unit, post, heads, role in PEOPLE:
            values = {"name": name, "unit": units[unit], "kind": "staff", "post": post, "leads_unit": heads}
            login = {"username": username, "password": PASSWORD, "display_name": name, "person": org.hire(values)}
            user = access.create_user(login)
            if role:
                access.grant(user, Role.get(Role.code == role), root if role == "publicity" else units[unit])
        chief = User.get(User.username == "chief").person
        accounts.register_account(
            {
                "name": "示范公司",
                "platform": Platform.get(Platform.institution == company, Platform.family == "wechat"),
                "identifier": "company",
                "level": "institution",
                "unit": units["宣传部"],
                "responsible": chief,
                "status": "active",
            }
        )
        import_text(company, FEES)
        stipend.take_example(company, "company", date(2020, 1, 1))


if __name__ == "__main__":
    main()
