"""Fees in the sample university: one month approved and paid, the next open with things to decide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from panel import records
from panel.access.identity import acting_as, identify
from panel.access.models import User
from panel.approvals.chains import import_text
from panel.approvals.models import Chain
from panel.checks.saving import recording
from panel.i18n import today
from panel.org.models import Institution, Person, Unit

CHAIN = """
[[chain]]
subject = "stipend.settlement"
name = "稿费发放审批"
[[chain.steps]]
name = "宣传部负责人审批"
who = "role"
role = "publicity"
"""
PIECES = (
    ("开学典礼隆重举行", "original", 1260, 6),
    ("我校在数学建模竞赛中获佳绩", "original", 820, 3),
    ("转载：全省高校教学工作会议召开", "reprint", 1500, 0),
    ("图书馆延长开放时间", "original", 430, 1),
    ("“名师讲堂”第三十一期回顾", "original", 1980, 5),
    ("校友企业设立助学金", "original", 760, 2),
)


def fill(university: Institution) -> None:
    """A rate card, released pieces of two months, a settlement of each."""
    from plugins.accounts.models import Account
    from plugins.content.models import Contribution, Release, Submission
    from plugins.stipend import services

    def add(model: Any, **values: Any) -> Any:
        return records.create(model, institution=university, **values)

    if not Chain.select().where(Chain.institution == university, Chain.subject == "stipend.settlement").exists():
        import_text(university, CHAIN)
    account = Account.select().where(Account.institution == university, Account.status == "active").first()
    people = list(Person.select().where(Person.institution == university).order_by(Person.id).limit(4))
    units = list(
        Unit.select().where(Unit.institution == university, Unit.parent.is_null(False)).order_by(Unit.id).limit(3)
    )
    if account is None or len(people) < 3 or not units:
        return
    this = today().replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    card = services.take_example(university, "company", date(before.year, 1, 1))
    services.change_card(
        card, None, {"name": "新媒体稿费标准", "basis_note": "财务处：稿费按月合并计税", "month_cap": 100_000}
    )
    made = []
    for month in (before, last):
        for number, (title, source, words, photos) in enumerate(PIECES):
            day = month + timedelta(days=3 + 4 * number)
            with recording():
                row = add(
                    Submission,
                    headline=title,
                    body=f"<p>{title}。</p>",
                    unit=units[number % len(units)],
                    source=source,
                    source_name="省教育厅网站" if source == "reprint" else "",
                    consent="official" if source == "reprint" else "none",
                    state="released",
                    print=f"demo{month:%m}{number}",
                    frozen=f"demo{month:%m}{number}",
                    released_on=day,
                )
                records.derive(Submission, Submission.id == row.id, words=words, photos=photos)
                who = people[number % len(people)]
                add(Contribution, submission=row, part="author", position=0, person=who)
                if number == 4:
                    other = people[(number + 1) % len(people)]
                    add(Contribution, submission=row, part="author", position=1, person=other)
                if number == 5:
                    add(Contribution, submission=row, part="photo", position=0, name="郑晓", unit_name="市摄影家协会")
                add(Release, submission=row, account=account, released_on=day)
            made.append(row)
    services.decide(_proposed(made[0], 300, "全校重大活动，当日首发"), True)
    first = services.begin(university, before)
    services.reckon_now(first)
    _pay(services, first)
    services.decide(_proposed(made[len(PIECES) + 1], 200, "数据翔实，被省级媒体转载"), True)
    services.reckon_now(services.begin(university, last))
    _proposed(made[len(PIECES) + 4], 250, "选题新、反响好")


def _proposed(row: Any, value: int, reason: str) -> Any:
    from plugins.stipend import services

    clerk = User.get(User.username == "clerk")
    with acting_as(identify(clerk, row.institution)):
        return services.propose(row, value, reason)


def _pay(services: Any, settlement: Any) -> None:
    from plugins.stipend.models import Payee, Settlement

    for number, payee in enumerate(Payee.select().where(Payee.institution == settlement.institution_id).limit(3)):
        services.set_account(payee, "中国工商银行示例支行", f"62220212345678{number:05d}")
    services.approved(Settlement.get_by_id(settlement.id))
    services.mark_paid(Settlement.get_by_id(settlement.id), today())
