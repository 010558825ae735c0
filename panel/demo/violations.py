"""Breaches in the sample university: one closed, one decided and waiting, one new; a ladder, commendations, a round."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from panel import records
from panel.i18n import today
from panel.org.models import Institution, Person, Unit

LADDER: tuple[dict[str, Any], ...] = (
    {"name": "批评教育", "position": 1, "effect": "warn", "most": "medium"},
    {"name": "通报批评", "position": 2, "effect": "circulate"},
    {"name": "暂停账号更新", "position": 3, "effect": "suspend", "whom": "account", "days": 30},
    {"name": "暂停运营资格", "position": 3, "effect": "suspend", "whom": "person", "days": 90},
    {"name": "扣发当月新媒体津贴", "position": 4, "effect": "pay", "whom": "person", "ceiling": 100_000},
    {"name": "关闭账号", "position": 5, "effect": "close", "whom": "account", "least": "serious"},
    {"name": "取消运营资格", "position": 5, "effect": "loss", "whom": "person", "least": "serious"},
)
CRITERIA = (("运营更新", 40, "hand"), ("内容质量", 40, "hand"), ("遵守规定", 20, "breaches"))


def fill(university: Institution) -> None:
    """Cases in each of their states, and what belongs to them."""
    from plugins.accounts.models import Account
    from plugins.violations import services
    from plugins.violations.policy import Criterion, SanctionStep

    owned = {"institution": university}
    for step in LADDER:
        records.create(SanctionStep, **owned, **step, article="《示范大学新媒体管理办法》第二十一条")
    active = Account.select().where(Account.institution == university, Account.status == "active")
    accounts = list(active.order_by(Account.id.desc()).limit(3))
    staff = Person.select().where(Person.institution == university, Person.kind == "staff")
    people = list(staff.order_by(Person.id.desc()).limit(6))
    if len(accounts) < 3 or len(people) < 6:
        return

    def found(case: Any, findings: str, **values: Any) -> None:
        services.take_up(case)
        services.record_findings(case, findings, severity=case.severity, **values)
        services.decide(case, "founded", "事实清楚，证据确凿，本人对事实无异议。")

    def opened(kind: str, facts: str, **values: Any) -> Any:
        return services.open_case({**owned, "kind": services.kind_called(university, kind), "facts": facts, **values})

    closed = opened("发布广告", "在学院公众号推文末尾插入商家优惠券。", person=people[0], account=accounts[0])
    found(closed, "经核实，推文由运营人员个人接单发布，阅读量 312，已删除。")
    services.do_measure(services.order_measure(closed, "delete", person=people[1]), "推文已于当日删除")
    services.carry_out(services.sanction(closed, "批评教育"), "已谈话并记录")
    services.close(closed, "经查属实，已处理，感谢监督。")
    again = opened("发布广告", "再次在推文中推广培训机构课程。", person=people[0], account=accounts[0])
    found(again, "本人承认第二次接受推广，收取费用 800 元。", loss=80_000, liability="所收费用责令退还。")
    services.carry_out(services.sanction(again, "通报批评"), "校内通报〔2026〕7 号")
    services.order_measure(again, "correct", today() + timedelta(days=3), people[1], "在原账号发布更正说明")
    facts = {"severity": "serious", "source": "inspection", "source_text": "季度抽查"}
    leak = opened("泄露个人信息", "公示名单含学生身份证号。", account=accounts[1], **facts)
    services.take_up(leak)
    services.order_measure(leak, "delete", today(), people[2], "撤下附件并换上隐去证件号的名单")
    services.name_party(leak, "direct", people[3])
    opened(
        "未经批准开设账号",
        "发现以学校名义运营的视频号，未在台账登记。",
        about="示范大学生活圈（视频号）",
        link="https://example.com/channels/life",
        partner="某文化传媒公司",
        platform="视频号",
    )
    services.report_breach(university, "有同事把未定稿的会议纪要发到了校外微信群。", about="会议纪要", anonymous=True)
    services.commend(
        {**owned, "person": people[4], "on": today() - timedelta(days=40), "award": "新媒体工作先进个人",
         "reason": "及时发现并处置账号被盗风险。", "document": "校宣〔2026〕12 号"}
    )  # fmt: skip
    for name, weight, measured in CRITERIA:
        records.create(Criterion, **owned, name=name, weight=weight, measured=measured)
    _round(university)


def _round(university: Institution) -> None:
    from plugins.violations import services
    from plugins.violations.models import Round

    last = date(today().year, (today().month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)
    first = date(last.year, last.month - 2, 1)
    name = f"{first.year} 年第{'一二三四'[first.month // 3]}季度"
    round_ = records.create(Round, institution=university, name=name, since=first, until=last)
    units = Unit.select().where(Unit.institution == university, Unit.parent.is_null(False)).order_by(Unit.id).limit(3)
    for number, unit in enumerate(units):
        row = services.begin_assessment(round_, unit)
        services.mark(row, {"运营更新": 92.0 - 4 * number, "内容质量": 88.0}, "季度抽查和台账记录", "良好")
