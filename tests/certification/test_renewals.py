"""Renewals: due as the verification lapses, step by step, paid, passed; the next one opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from panel import records
from panel.errors import Refused
from panel.notify.models import Message
from panel.obligations import services as obligations
from panel.obligations.kinds import Evidence
from panel.obligations.models import Obligation
from panel.obligations.remind import Scan
from panel.obligations.reports import by_month as due_by_month
from panel.obligations.settle import Settling
from plugins.accounts import services as accounts
from plugins.accounts.models import Account
from plugins.certification import services
from plugins.certification.models import Outcome, Renewal, RenewalStep, Review, Window
from plugins.certification.statistics import KINDS, punctuality, spending
from tests.cast import World
from tests.certification.conftest import TODAY, ago, ahead, due

Make = Callable[..., Account]
KIND = "certification.renewal"


def remind(world: World) -> None:
    now = datetime.combine(TODAY, time(23, 59), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    Scan(world.uni, now).run()


@pytest.mark.rule("s2-09-r23")
def test_a_verification_that_lapses_is_reminded_of_and_then_late(account: Make, uni: World) -> None:
    soon, late, far = (account(certified_until=d) for d in (ahead(28), ago(2), ahead(300)))
    remind(uni)
    told = {m.subject_id for m in Message.select()}
    assert told >= {due(KIND, soon).id, due(KIND, late).id}
    assert due(KIND, far).id not in told
    assert due(KIND, soon).person_id == uni.people["dave"].id
    assert due(KIND, late).due_on < TODAY
    assert "高级接口" in Message.get(Message.subject_id == due(KIND, soon).id).details["lost"]


@pytest.mark.rule("s0-04-r01")
def test_an_account_whose_verification_is_applied_for_is_listed_as_pending(
    account: Make, client_of: Callable[..., Any], uni: World
) -> None:
    row = account(name="城市之窗", certified_until=None, certification=None)
    services.begin_renewal(row)
    page = client_of(uni.user("alice")).get("/certification/renewal/?cols=account,outcome,began_on").text
    assert "城市之窗" in page
    assert "办理中" in page
    assert TODAY.isoformat() in page


@pytest.mark.rule("s2-09-r23")
def test_renewed_with_a_paper_the_next_year_opens(account: Make) -> None:
    row = account(certified_until=ahead(20))
    with pytest.raises(Refused) as refusal:
        obligations.complete(due(KIND, row), Evidence(TODAY))
    assert refusal.value.field == "until"
    following = obligations.complete(
        due(KIND, row), Evidence(TODAY, file="a.pdf", file_name="通知书.pdf", until=ahead(385))
    )
    assert following is not None
    assert following.due_on == ahead(385)
    assert Account.get_by_id(row.id).certified_until == ahead(385)
    renewal = Renewal.get()
    assert (renewal.outcome, renewal.file_name, renewal.paid) == ("passed", "通知书.pdf", 30000)


def test_a_corrected_date_moves_it_and_closing_the_account_cancels_it(account: Make) -> None:
    row = account(certified_until=ahead(20))
    first = due(KIND, row)
    accounts.change_account(row, None, {"certified_until": ahead(50)})
    assert due(KIND, row).id == first.id
    assert due(KIND, row).due_on == ahead(50)
    accounts.change_status(row, "closing")
    assert Obligation.get_by_id(first.id).state == "cancelled"


def test_a_renewal_step_by_step(account: Make, uni: World) -> None:
    row = account(certified_until=ahead(60))
    renewal = services.begin_renewal(row, {"pay": uni.people["bob"]})
    steps = {s.kind: s for s in RenewalStep.select()}
    assert list(steps) == ["collect", "pay", "submit", "review", "result"]
    assert all(TODAY < s.due_on < ahead(60) for s in steps.values())
    assert due("certification.step", steps["pay"]).person_id == uni.people["bob"].id
    with pytest.raises(Refused):
        services.begin_renewal(row)
    obligations.complete(due("certification.step", steps["pay"]), Evidence(TODAY))
    assert Renewal.get().paid == 30000
    with pytest.raises(Refused):
        services.finish_step(RenewalStep.get_by_id(steps["pay"].id))
    with pytest.raises(Refused):
        services.finish_step(steps["result"])
    services.finish_renewal(renewal, Outcome.PASSED, TODAY, ahead(425))
    assert Obligation.select().where(Obligation.kind == "certification.step", Obligation.state == "open").count() == 0
    assert due(KIND, row).due_on == ahead(425)


def test_not_passed_the_fee_is_spent_and_the_obligation_stays(account: Make) -> None:
    row = account(certified_until=ahead(30))
    renewal = services.begin_renewal(row)
    services.finish_step(RenewalStep.get(RenewalStep.kind == "pay"), paid=30000)
    services.finish_renewal(renewal, Outcome.FAILED, TODAY, note="主体名称不符")
    assert due(KIND, row).due_on == ahead(30)
    assert services.begin_renewal(row).id != renewal.id


def test_not_before_the_platform_takes_it_nor_to_an_earlier_day(account: Make) -> None:
    with pytest.raises(Refused):
        services.begin_renewal(account(certified_until=ahead(200)))
    renewal = services.begin_renewal(account(certified_until=ahead(30)))
    for until in (None, ahead(30), ago(1)):
        with pytest.raises(Refused) as refusal:
            services.finish_renewal(renewal, Outcome.PASSED, TODAY, until)
        assert refusal.value.field == "until"


@pytest.mark.rule("s0-07-r07")
def test_the_annual_review_is_late_a_year_and_a_day_after_the_last(account: Make) -> None:
    row, other = account(), account()
    services.review(row, ago(366), "keep", rank=1)
    services.review(other, ago(100), "merge", rank=2)
    assert due("certification.review", row).due_on <= TODAY
    assert due("certification.review", other).due_on > TODAY
    following = obligations.complete(due("certification.review", row), Evidence(TODAY, note="保留"))
    assert following is not None
    assert following.due_on > ahead(360)
    assert Review.select().where(Review.account == row).count() == 2


def test_statistics(account: Make, uni: World) -> None:
    first, second = account(certified_until=ahead(10)), account(certified_until=ago(10))
    for row in (first, second):
        obligations.complete(due(KIND, row), Evidence(TODAY, until=ahead(400)))
    services.records.create(
        services_budget(), institution=uni.uni, unit=uni.faculty, year=ahead(10).year, amount=100000
    )
    assert punctuality(uni.uni, ago(30), ahead(30)) == (1, 1)
    (line,) = [s for s in spending(uni.uni, ahead(10).year) if s.unit == uni.faculty]
    assert line.budget == 100000
    assert line.spent >= 30000
    bars = due_by_month(uni.identity("alice"), KINDS)
    assert [sum(bar.values[series] for bar in bars) for series in (0, 1)] == [1, 1]


def services_budget() -> type:
    from plugins.certification.models import Budget

    return Budget


def test_rules_of_platforms_are_facts_with_a_source(uni: World) -> None:
    rule = Window.select().where(Window.fee == 30000).first()
    assert rule.source
    before = Window.select().count()
    services.on_enable(uni.uni)
    assert Window.select().count() == before
    records.update(rule, fee=0)
    services.on_enable(uni.uni)
    assert Window.get_by_id(rule.id).fee == 0


def test_settling_at_night_finds_what_was_written_past_the_verbs(account: Make, uni: World) -> None:
    row = account(certified_until=ahead(30))
    Obligation.delete().execute()
    counts = Settling(uni.uni).all()
    assert counts["opened"] >= 3
    assert due(KIND, row).due_on == ahead(30)
