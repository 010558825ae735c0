"""Oversight in the sample university: rules and their revision, a management group, an inspection half answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel import records
from panel.i18n import today
from panel.org.models import Institution, Person

DUTIES: tuple[tuple[str, int, int, str, dict[str, Any]], ...] = (
    ("组长", 0, 1, "统筹全校新媒体建设\n审定管理制度", {"head_of": "党委宣传部", "inspects": True}),
    ("副组长", 1, 1, "协助组长工作", {}),
    ("成员", 2, 2, "审核内容\n检查账号运行情况", {"inspects": True}),
    ("技术人员", 3, 1, "平台安全与技术支持", {}),
)
ITEMS = (
    ("两篇推文未见三审记录", "补办审核手续，今后先审后发", "breach"),
    ("账号简介仍为旧部门名称", "修改简介", "defect"),
    ("互动留言回复不够及时", "明确留言回复责任人", "remark"),
)


def fill(university: Institution, person: Person) -> None:
    """Everything through the verbs people use."""
    from plugins.accounts.models import Account
    from plugins.oversight import services
    from plugins.oversight.policy import DocumentKind, DutyKind

    owned = {"institution": university}
    office, day = person.unit, today()
    kinds = {k.name: k for k in DocumentKind.select().where(DocumentKind.institution == university)}
    common = {**owned, "unit": office, "interpreter": "党委宣传部"}
    older = services.draft(
        {**common, "name": "新媒体账号管理办法（试行）", "kind": kinds["管理办法"], "number": "宣发〔2021〕3 号"}
    )
    services.issue(older, day - timedelta(days=1700))
    newer = services.draft(
        {**common, "name": "新媒体账号管理办法", "kind": kinds["管理办法"], "supersedes": older, "audience": "keepers"}
    )
    services.make_known(
        newer, {"way": "meeting", "on": day - timedelta(days=45), "evidence": "教职工代表大会纪要第 6 号"}
    )
    services.issue(newer, day - timedelta(days=30), day - timedelta(days=20))
    services.tell_addressees(newer)
    trial = {"trial_until": day + timedelta(days=25), "parent": newer, "audience": "keepers"}
    detail = services.draft({**common, **trial, "name": "内容三审三校实施细则（试行）", "kind": kinds["实施细则"]})
    services.issue(detail, day - timedelta(days=340))
    services.draft({**common, "name": "新媒体应急处置规程", "kind": kinds["操作规程"]})
    colleagues = list(
        Person.select().where(Person.institution == university, Person.id != person.id).order_by(Person.id).limit(3)
    )
    for (name, position, least, tasks, more), holder in zip(DUTIES, [None, person, colleagues[0], None], strict=True):
        values: dict[str, Any] = {"group": "新媒体管理小组", "position": position, "least": least, "tasks": tasks}
        kind = records.create(DutyKind, **owned, name=name, **values, **more)
        if holder is not None:
            services.appoint(
                {**owned, "kind": kind, "unit": holder.unit, "person": holder, "since": day - timedelta(days=400)}
            )
    account = Account.select().where(Account.institution == university, Account.status == "active").first()
    if account is None:
        return
    held = services.plan(
        {
            **owned,
            "unit": account.unit,
            "account": account,
            "by_unit": office,
            "inspector": person,
            "planned_on": day - timedelta(days=20),
            "subject": "内容审核与账号信息",
        }
    )
    found = [
        {"finding": text, "advice": advice, "gravity": gravity, "due_on": day + timedelta(days=late)}
        for (text, advice, gravity), late in zip(ITEMS, (-3, 4, 9), strict=True)
    ]
    items = services.carry_out(held, day - timedelta(days=18), "运行总体规范，内容审核记录不全。", found)
    services.answer(items[1], "已于检查次日改为现部门名称。", day - timedelta(days=10))
    services.plan(
        {
            **owned,
            "unit": account.unit,
            "outside": "省委网信办",
            "planned_on": day + timedelta(days=12),
            "subject": "政务新媒体年度检查",
        }
    )
