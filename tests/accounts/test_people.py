"""Operators, custodians, handovers, sealed copies, devices."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from panel import records
from panel.errors import NotFound, Refused
from panel.org.models import Person
from plugins.accounts import services
from plugins.accounts.models import Account, Custodian, Handover, Operator, PasswordChange, Platform, SealedCopy
from plugins.accounts.operators import months_after
from tests.accounts.conftest import TODAY
from tests.accounts.test_register import refused
from tests.cast import World

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def stored(account: Account) -> Account:
    return Account.get_by_id(account.id)


class TestOperators:
    @pytest.mark.rule("s0-07-r13")
    def test_staff_and_enrolled_students_operate_and_nobody_else(
        self, account: Account, person: Callable[..., Person], graduate: Person
    ) -> None:
        services.assign_operator(account, person("林敏", kind="student", in_service_until=TODAY))
        for other in (graduate, person("家长", kind="parent"), person("外包", kind="contractor")):
            refused("person", services.assign_operator, account, other)

    @pytest.mark.rule("s1-10-r01")
    def test_each_operator_has_a_kind(self, account: Account, person: Callable[..., Person]) -> None:
        with pytest.raises(ValueError, match="nonsense"):
            services.assign_operator(account, person("林敏"), "nonsense")

    def test_somebody_of_another_institution_does_not_exist(self, account: Account, world: World) -> None:
        with pytest.raises(NotFound):
            services.assign_operator(account, world.people["oscar"])

    def test_one_open_term_a_person(self, account: Account, person: Callable[..., Person]) -> None:
        someone = person("林敏")
        term = services.assign_operator(account, someone)
        refused("person", services.assign_operator, account, someone, "administrator")
        values = {"institution": account.institution_id, "account": account, "person": someone}
        with pytest.raises(Refused, match="already is an operator"):
            records.create(Operator, **values)
        services.end_operator(term)
        refused(None, services.end_operator, Operator.get_by_id(term.id))
        services.assign_operator(account, someone, "administrator")

    @pytest.mark.parametrize(("kind", "limit"), [("administrator", 1), ("long", 5), ("short", 20)])
    def test_wechat_allows_one_administrator_five_long_and_twenty_short(
        self, account: Account, person: Callable[..., Person], kind: str, limit: int
    ) -> None:
        terms = [services.assign_operator(account, person(f"甲{n}"), kind) for n in range(limit)]
        message = refused("kind", services.assign_operator, account, person("多一个"), kind).message
        assert str(limit) in str(message)
        services.end_operator(terms[0])
        services.assign_operator(account, person("补上"), kind)

    @pytest.mark.rule("s0-11-r02")
    def test_the_limits_are_the_platforms_to_edit(self, account: Account, person: Callable[..., Person]) -> None:
        services.change_platform(account.platform, None, {"max_administrators": 2})
        for name in ("甲", "乙"):
            services.assign_operator(account, person(name), "administrator")
        refused("kind", services.assign_operator, account, person("丙"), "administrator")

    def test_a_platform_without_limits_takes_any_number(
        self, register: Callable[..., Account], platform: Callable[..., Platform], person: Callable[..., Person]
    ) -> None:
        entered = register(platform=platform("weibo"))
        for n in range(8):
            services.assign_operator(entered, person(f"甲{n}"), "administrator")

    def test_a_term_begins_by_today_and_ends_after_it_began(
        self, account: Account, person: Callable[..., Person]
    ) -> None:
        refused("since", services.assign_operator, account, person("甲"), since=TOMORROW)
        term = services.assign_operator(account, person("乙"))
        refused("until", services.end_operator, term, TOMORROW)
        with pytest.raises(Refused, match="before it begins"):
            services.end_operator(term, YESTERDAY)


class TestShortTerms:
    def test_they_lapse_after_a_month_and_the_job_may_run_twice(
        self, account: Account, person: Callable[..., Person], uni: World
    ) -> None:
        since = TODAY - timedelta(days=5)
        short = services.assign_operator(account, person("甲"), "short", since)
        long = services.assign_operator(account, person("乙"), "long", since)
        due = months_after(since, 1)
        assert short.lapses_on == due
        midnight = datetime(due.year, due.month, due.day, tzinfo=UTC) - timedelta(hours=8)  # Shanghai's
        assert services.lapse_short_terms(uni.uni, midnight - timedelta(seconds=1)) == 0
        assert services.lapse_short_terms(uni.other, midnight) == 0
        assert services.lapse_short_terms(uni.uni, midnight) == 1
        assert services.lapse_short_terms(uni.uni, midnight) == 0
        assert Operator.get_by_id(short.id).until == due
        assert Operator.get_by_id(long.id).until is None

    def test_one_that_would_be_over_is_not_entered(self, account: Account, person: Callable[..., Person]) -> None:
        refused("since", services.assign_operator, account, person("甲"), "short", TODAY - timedelta(days=40))

    @given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), months=st.integers(1, 30))
    def test_months_end_where_the_month_does(self, day: date, months: int) -> None:
        later = months_after(day, months)
        assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
        last = calendar.monthrange(later.year, later.month)[1]
        assert later.day == min(day.day, last)


def test_no_sequence_of_verbs_breaks_the_limits_of_the_platform(
    account: Account, person: Callable[..., Person]
) -> None:
    people = [person(f"人{n}") for n in range(8)]

    class Operators(RuleBasedStateMachine):
        """Any assigning and ending; the counts never pass the platform's, and nobody is entered twice."""

        @rule(who=st.sampled_from(people), kind=st.sampled_from(["administrator", "long"]))
        def assign(self, who: Person, kind: str) -> None:
            running = list(Operator.select().where(Operator.until.is_null()))
            full = sum(o.kind == kind for o in running) >= {"administrator": 1, "long": 5}[kind]
            twice = who.id in {o.person_id for o in running}
            try:
                services.assign_operator(account, who, kind)
            except Refused:
                assert full or twice
            else:
                assert not full
                assert not twice

        @rule(who=st.sampled_from(people))
        def end(self, who: Person) -> None:
            for term in Operator.select().where(Operator.person == who, Operator.until.is_null()):
                services.end_operator(term)

        @invariant()
        def within_limits(self) -> None:
            running = list(Operator.select().where(Operator.until.is_null()))
            assert sum(o.kind == "administrator" for o in running) <= 1
            assert sum(o.kind == "long" for o in running) <= 5
            assert len({o.person_id for o in running}) == len(running)

    run_state_machine_as_test(
        Operators,
        settings=settings(
            max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


class TestCustodians:
    @pytest.mark.rule("s2-04-r11", "s2-01-r18")
    def test_the_record_holds_holder_since_and_undertaking(
        self, account: Account, person: Callable[..., Person]
    ) -> None:
        term = services.add_custodian(
            account, person("何苗"), since=date(2024, 9, 1), undertaking_on=date(2024, 9, 1), way="sealed"
        )
        row = Custodian.get_by_id(term.id)
        assert (str(row), row.since, row.undertaking_on, row.way) == (
            "何苗",
            date(2024, 9, 1),
            date(2024, 9, 1),
            "sealed",
        )

    def test_who_has_left_or_keeps_it_already_is_refused(
        self, account: Account, person: Callable[..., Person], graduate: Person, world: World
    ) -> None:
        refused("person", services.add_custodian, account, graduate)
        keeper = person("黄娜")
        services.add_custodian(account, keeper)
        refused("person", services.add_custodian, account, keeper)
        with pytest.raises(NotFound):
            services.add_custodian(account, world.people["oscar"])
        with pytest.raises(Refused, match="already keeps"):
            records.create(Custodian, institution=account.institution_id, account=account, person=keeper)

    @pytest.mark.rule("s3-01-r08")
    def test_who_leaves_knows_the_password_until_it_is_changed(
        self, account: Account, person: Callable[..., Person]
    ) -> None:
        term = services.add_custodian(account, person("孟凡"), since=date(2020, 1, 1))
        services.end_custodian(term, YESTERDAY)
        assert stored(account).password_due_on == YESTERDAY
        services.record_password_change(account, YESTERDAY - timedelta(days=1))
        assert stored(account).password_due_on == YESTERDAY
        services.record_password_change(account, YESTERDAY, why="换人")
        assert stored(account).password_due_on is None
        assert stored(account).password_changed_on == YESTERDAY
        assert PasswordChange.select().count() == 2

    def test_an_older_change_entered_late_does_not_turn_back_the_clock(self, account: Account) -> None:
        services.record_password_change(account, TODAY)
        services.record_password_change(account, YESTERDAY)
        assert stored(account).password_changed_on == TODAY
        refused("on", services.record_password_change, account, TOMORROW)


class TestHandover:
    @pytest.fixture
    def leaving(self, account: Account, person: Callable[..., Person]) -> Person:
        keeper = person("董子涵")
        services.add_custodian(account, keeper, since=date(2022, 9, 20))
        return keeper

    @pytest.mark.rule("s3-01-r08", "s3-03-r21")
    def test_one_act_ends_one_begins_another_and_seals_anew(
        self, account: Account, leaving: Person, person: Callable[..., Person]
    ) -> None:
        taking, witness = person("林敏"), person("周雅琴")
        made = services.hand_over(
            account,
            leaving,
            taking,
            witness,
            password_changed_on=TODAY,
            sealed={"place": "宣传部保险柜 3 号格", "number": "MF-2026-031"},
        )
        terms = {t.person_id: t.until for t in Custodian.select()}
        assert terms == {leaving.id: TODAY, taking.id: None}
        assert made.sealed_copy.number == "MF-2026-031"
        after = stored(account)
        assert (after.password_changed_on, after.password_due_on) == (TODAY, None)

    @pytest.mark.rule("s3-01-r08")
    def test_without_a_new_password_one_is_owed(
        self, account: Account, leaving: Person, person: Callable[..., Person]
    ) -> None:
        services.hand_over(account, leaving, person("林敏"), person("周雅琴"), on=YESTERDAY)
        assert stored(account).password_due_on == YESTERDAY

    def test_the_three_are_different_people(
        self, account: Account, leaving: Person, person: Callable[..., Person]
    ) -> None:
        taking = person("林敏")
        refused("taking", services.hand_over, account, leaving, leaving)
        refused("witness", services.hand_over, account, leaving, taking, leaving)
        refused("witness", services.hand_over, account, leaving, taking, taking)
        values = {"institution": account.institution_id, "account": account, "leaving": leaving, "taking": taking}
        with pytest.raises(Refused, match="three different"):
            records.create(Handover, witness=taking, **values)

    def test_what_cannot_be_is_refused_and_leaves_no_trace(
        self, account: Account, leaving: Person, person: Callable[..., Person], graduate: Person, world: World
    ) -> None:
        taking, witness = person("林敏"), person("周雅琴")
        before = Custodian.select().count()
        refused("taking", services.hand_over, account, leaving, graduate, witness)
        refused("witness", services.hand_over, account, leaving, taking, graduate)
        refused("leaving", services.hand_over, account, witness, taking)
        refused("on", services.hand_over, account, leaving, taking, witness, on=TOMORROW)
        refused("on", services.hand_over, account, leaving, taking, witness, on=date(2022, 1, 1))
        refused(
            "password_changed_on", services.hand_over, account, leaving, taking, witness, password_changed_on=YESTERDAY
        )
        refused("place", services.hand_over, account, leaving, taking, witness, sealed={"place": " "})
        with pytest.raises(NotFound):
            services.hand_over(account, leaving, taking, world.people["oscar"])
        assert Custodian.select().count() == before
        assert not Handover.select().exists()
        assert stored(account).password_due_on is None

    def test_who_keeps_it_already_may_take_over(
        self, account: Account, leaving: Person, person: Callable[..., Person]
    ) -> None:
        second = person("林敏")
        services.add_custodian(account, second)
        services.hand_over(account, leaving, second, person("周雅琴"))
        assert [t.person_id for t in Custodian.select().where(Custodian.until.is_null())] == [second.id]

    def test_all_accounts_of_a_custodian_pass_in_one_go_or_not_at_all(
        self, register: Callable[..., Account], person: Callable[..., Person], graduate: Person
    ) -> None:
        keeper, taking, witness = person("孙雨桐"), person("林敏"), person("周雅琴")
        entered = [register(custodians=[keeper]) for _ in range(3)]
        terms = services.custodian.held_by([keeper])
        refused("taking", services.hand_over_all, terms, graduate, witness=witness)
        assert len(services.custodian.held_by([keeper])) == 3
        assert len(services.hand_over_all(terms, taking, witness=witness)) == 3
        assert not services.custodian.held_by([keeper])
        assert {stored(a).password_due_on for a in entered} == {TODAY}


class TestSealedCopies:
    @pytest.mark.rule("s3-03-r21")
    def test_a_new_envelope_retires_the_one_before(self, account: Account, person: Callable[..., Person]) -> None:
        keeper = person("黄娜")
        first = services.seal_copy(account, "柜一", keeper, "MF-1", YESTERDAY)
        second = services.seal_copy(account, "柜一", keeper, "MF-2", keeper=keeper)
        assert SealedCopy.get_by_id(first.id).retired_on == TODAY
        refused("sealed_on", services.seal_copy, account, "柜一", keeper, "MF-0", YESTERDAY)
        values = {"institution": account.institution_id, "account": account, "place": "柜", "sealed_by": keeper}
        with pytest.raises(Refused, match="in force"):
            records.create(SealedCopy, **values)
        assert services.sealed_copy.held_by([keeper]) == [second]

    def test_opening_one_asks_why_and_owes_a_new_password(
        self, account: Account, person: Callable[..., Person]
    ) -> None:
        keeper = person("黄娜")
        copy = services.seal_copy(account, "柜一", keeper)
        refused("why", services.open_sealed_copy, copy, keeper, " ")
        services.open_sealed_copy(copy, keeper, "保管人出差，紧急撤稿")
        assert stored(account).password_due_on == TODAY
        refused(None, services.open_sealed_copy, SealedCopy.get_by_id(copy.id), keeper, "再开")


class TestDevices:
    @pytest.mark.rule("s0-05-r08", "s4-01-r25", "s4-01-r26")
    def test_allowed_checked_withdrawn(self, account: Account, person: Callable[..., Person], graduate: Person) -> None:
        device = services.add_device(account, " 值班手机 ", "phone", "SN-77", person("林敏"), YESTERDAY)
        assert device.label == "值班手机"
        services.record_device_check(device, TODAY)
        services.retire_device(device)
        refused(None, services.retire_device, device)
        refused("label", services.add_device, account, "  ")
        refused("person", services.add_device, account, "电脑", person=graduate)


class TestHoldings:
    KINDS = ("responsible", "operator", "custodian", "device", "sealed_copy", "bound_phone", "bound_email")

    @pytest.fixture
    def laden(self, register: Callable[..., Account], person: Callable[..., Person]) -> Person:
        """Somebody who holds one of everything, and two passwords."""
        someone = person("孙雨桐", phone="13800002210", email="syt@example.edu.cn")
        entered = register(
            responsible=someone,
            operators=[someone],
            custodians=[someone],
            bound_phone="13800002210",
            bound_phone_owner=someone,
            bound_email="syt@example.edu.cn",
            bound_email_owner=someone,
        )
        services.add_device(entered, "值班手机", "phone", person=someone)
        services.seal_copy(entered, "柜一", someone, keeper=someone)
        register(custodians=[someone])
        return someone

    def test_all_that_a_person_holds_is_listed_and_named(self, laden: Person) -> None:
        held = {kind: getattr(services, kind).held_by([laden]) for kind in self.KINDS}
        assert {kind: len(rows) for kind, rows in held.items()} == dict.fromkeys(self.KINDS, 1) | {"custodian": 2}
        for kind, rows in held.items():
            holding = getattr(services, kind)
            assert holding.kind == f"accounts.{kind}"
            for row in rows:
                assert holding.holder(row) == laden.id
                assert "理学院之声" in holding.subject(row)

    def test_everything_passes_to_a_successor(self, laden: Person, person: Callable[..., Person]) -> None:
        successor = person("林敏", phone="13900000000")
        for kind in self.KINDS:
            holding = getattr(services, kind)
            for row in holding.held_by([laden]):
                holding.hand_over(row, successor, "调离")
            assert not holding.held_by([laden])
            assert holding.held_by([successor])
        account = services.bound_phone.held_by([successor])[0]
        assert (account.bound_phone, account.bound_email) == ("13900000000", "")
        assert account.password_due_on == TODAY

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_successor_who_has_left_is_refused(self, laden: Person, graduate: Person, kind: str) -> None:
        holding = getattr(services, kind)
        for row in holding.held_by([laden]):
            with pytest.raises(Refused):
                holding.hand_over(row, graduate, "")
        assert holding.held_by([laden])

    def test_what_can_stay_vacant_ends(self, laden: Person) -> None:
        for kind in self.KINDS:
            holding = getattr(services, kind)
            if holding.end is None:
                assert kind == "sealed_copy"
                continue
            for row in holding.held_by([laden]):
                holding.end(row, "离职")
            assert not holding.held_by([laden])

    def test_listing_costs_one_query_a_kind_however_many_rows(
        self, laden: Person, register: Callable[..., Account], count_queries: Callable[..., Any]
    ) -> None:
        for _ in range(4):
            register(responsible=laden, operators=[laden], custodians=[laden])
        for kind in self.KINDS:
            holding = getattr(services, kind)
            with count_queries() as seen:
                assert all(holding.subject(row) for row in holding.held_by([laden]))
            assert len(seen) == 1

    def test_what_a_closed_account_had_is_nobodys(self, laden: Person) -> None:
        for account in services.responsible.held_by([laden]):
            services.change_status(account, "closing")
            services.change_status(account, "closed")
        assert [len(getattr(services, kind).held_by([laden])) for kind in self.KINDS] == [0, 0, 1, 0, 0, 0, 0]
