"""The sample university's applications: one that is being written, and an account that is being closed."""

from __future__ import annotations

from panel.access.identity import acting_as, identify
from panel.access.models import User
from panel.org.models import Institution, Person, Unit


def fill(university: Institution) -> None:
    """A clerk writes an application to open an account; the office closes one that nobody needs any more."""
    from plugins.accounts import services as accounts
    from plugins.accounts.models import Account, Platform

    clerk = User.get_or_none(User.username == "clerk")
    unit = Unit.get(Unit.institution == university, Unit.name == "教务处")
    head = Person.select().where(Person.institution == university, Person.unit == unit).order_by(Person.id).first()
    wanted = {
        "unit": unit,
        "name": "示范大学选课助手",
        "platform": Platform.get(Platform.institution == university, Platform.code == "wechat_mini"),
        "purpose": "查询课程、提交选课志愿，只提供服务，不发布文章。",
        "publishing_scope": "全校学生",
        "responsible": head,
        "operators": [head],
        "entity": str(university),
        "reason": "每学期选课期间电话咨询上千次，现有公众号菜单不能查询余量。",
    }
    if clerk is not None:
        with acting_as(identify(clerk, university)):
            accounts.draft("opening", wanted)
    idle = (
        Account.select()
        .where(Account.institution == university, Account.status.in_(["idle", "active"]))
        .order_by(Account.status.desc(), Account.id)
        .first()
    )
    if idle is not None:
        closing = accounts.apply_for("closing", idle, "连续一年没有更新，内容已由校级账号承接。")
        accounts.submit(closing, declared=True)
        accounts.hand_in(accounts.still_out(idle)[0], note="内容导出后交档案馆，登记号 2026-117。")
