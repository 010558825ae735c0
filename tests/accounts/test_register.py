"""Entering and changing accounts: identity, rules on people, states, names."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from panel import audit, files, records
from panel.access.identity import acting_as
from panel.errors import NotFound, Refused, Stale
from panel.org.models import Person
from plugins.accounts import services
from plugins.accounts.choices import CHANGES, Status
from plugins.accounts.models import Account, Custodian, FormerName, Operator, Platform
from plugins.accounts.register import register_key
from tests.accounts.conftest import TODAY
from tests.cast import World


def refused(field: str | None, call: Callable[..., Any], *args: Any, **values: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*args, **values)
    assert caught.value.field == field
    return caught.value


class TestPlatforms:
    def test_switching_on_again_adds_nothing_and_keeps_edits(
        self, uni: World, platform: Callable[..., Platform]
    ) -> None:
        before = Platform.select().where(Platform.institution == uni.uni).count()
        services.change_platform(platform("weibo"), None, {"name": "微博（新浪）"})
        services.on_enable(uni.uni)
        assert Platform.select().where(Platform.institution == uni.uni).count() == before
        assert platform("weibo").name == "微博（新浪）"

    def test_a_shipped_platform_that_was_deleted_comes_back_at_the_next_switching_on(
        self, uni: World, platform: Callable[..., Platform]
    ) -> None:
        records.delete(platform("zhihu"))
        services.on_enable(uni.uni)
        assert platform("zhihu").name == "知乎"

    def test_the_family_stays_while_there_are_accounts(self, account: Account) -> None:
        refused("family", services.change_platform, account.platform, None, {"family": "other"})

    @pytest.mark.rule("s1-09-r01")
    def test_the_three_kinds_of_wechat_account_are_offered(self, platform: Callable[..., Platform]) -> None:
        codes = ("wechat_subscription", "wechat_service", "wecom")
        assert {c: platform(c).name for c in codes} == {
            "wechat_subscription": "公众号（原订阅号）",
            "wechat_service": "服务号",
            "wecom": "企业微信",
        }

    @pytest.mark.parametrize("column", ["max_administrators", "max_long_term", "max_short_term", "short_term_months"])
    def test_the_database_refuses_negative_limits(self, platform: Callable[..., Platform], column: str) -> None:
        with pytest.raises(Refused):
            records.update(platform(), **{column: -1})


class TestIdentity:
    @pytest.mark.rule("s0-11-r01")
    def test_one_account_for_an_id_within_a_family(
        self, register: Callable[..., Account], platform: Callable[..., Platform]
    ) -> None:
        register(identifier="SFDX_youth")
        message = refused(
            "identifier", register, identifier=" ｓfdx_youth ", platform=platform("wechat_service")
        ).message
        assert "理学院之声1" in message
        register(identifier="sfdx_youth", platform=platform("weibo"))

    def test_accounts_without_an_id_do_not_collide(self, register: Callable[..., Account]) -> None:
        assert register(identifier="").register_key is None
        assert register(identifier="  ").register_key is None

    def test_the_database_holds_the_line_under_the_service(self, account: Account) -> None:
        values = {f: account.__data__[f] for f in ("institution", "platform", "unit", "identifier", "register_key")}
        refused("register_key", records.create, Account, name="另一个", **values)
        refused(None, records.create, Account, name="另一个", **{**values, "register_key": None})

    def test_the_same_id_in_another_institution_is_another_account(self, account: Account, world: World) -> None:
        elsewhere = Platform.get(Platform.institution == world.other, Platform.code == "wechat_subscription")
        with acting_as(world.identity("oscar")):
            made = services.register_account(
                {
                    "name": "别处之声",
                    "platform": elsewhere,
                    "identifier": account.identifier,
                    "unit": world.other_unit,
                    "responsible": world.people["oscar"],
                }
            )
        assert made.register_key == account.register_key

    def test_whoever_cannot_see_the_twin_does_not_learn_its_name(
        self, register: Callable[..., Account], uni: World
    ) -> None:
        register(identifier="secret_id", unit=uni.office, name="宣传部秘密号")
        with acting_as(uni.identity("bob")):
            message = refused("identifier", register, identifier="secret_id").message
        assert "宣传部秘密号" not in str(message)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("sfdx", "SFDX"), ("ｓｆｄｘ", "sfdx"), ("s f d x", "sfdx"), ("https://X.edu.cn/", "x.edu.cn")],
    )
    def test_spellings_of_one_id(self, one: str, other: str) -> None:
        platform = Platform(family="site")
        assert register_key(platform, one) == register_key(platform, other)

    def test_editing_an_id_moves_the_key_and_frees_the_old_one(
        self, account: Account, register: Callable[..., Account]
    ) -> None:
        old = account.identifier
        services.change_account(account, account.version, {"identifier": "moved"})
        assert Account.get_by_id(account.id).register_key == "wechat:moved"
        register(identifier=old)

    def test_changing_the_platform_moves_the_key(self, account: Account, platform: Callable[..., Platform]) -> None:
        services.change_account(account, None, {"platform": platform("douyin")})
        assert Account.get_by_id(account.id).register_key == f"douyin:{account.identifier}"


class TestPeople:
    @pytest.mark.rule("s0-07-r10")
    def test_an_account_is_not_entered_without_a_responsible_person(self, register: Callable[..., Account]) -> None:
        refused("responsible", register, responsible=None)
        assert not Account.select().exists()

    @pytest.mark.rule("s0-07-r11")
    @pytest.mark.parametrize("kind", ["student", "parent", "contractor"])
    def test_only_staff_answer_for_an_account(
        self, register: Callable[..., Account], person: Callable[..., Person], kind: str
    ) -> None:
        message = refused("responsible", register, responsible=person("陈晨", kind=kind)).message
        assert "陈晨" in str(message)

    @pytest.mark.rule("s0-07-r11")
    def test_somebody_who_left_cannot_take_responsibility(
        self, account: Account, person: Callable[..., Person]
    ) -> None:
        left = person("离职者", in_service_until=TODAY - timedelta(days=1))
        refused("responsible", services.change_account, account, None, {"responsible": left})
        future = person("新人", in_service_from=TODAY + timedelta(days=1))
        refused("responsible", services.change_account, account, None, {"responsible": future})

    def test_an_account_whose_responsible_person_left_can_still_be_edited(self, account: Account) -> None:
        records.update(account.responsible, in_service_until=TODAY - timedelta(days=1))
        services.change_account(account, account.version, {"responsible": account.responsible, "note": "待交接"})
        assert Account.get_by_id(account.id).note == "待交接"

    def test_a_vacancy_is_a_verb_and_the_form_cannot_make_one(self, account: Account) -> None:
        refused("responsible", services.change_account, account, None, {"responsible": None})
        services.leave_vacant(account)
        assert Account.get_by_id(account.id).responsible_id is None

    @pytest.mark.parametrize("field", ["responsible", "bound_phone_owner", "bound_email_owner", "unit", "platform"])
    def test_rows_of_another_institution_do_not_exist_here(
        self, account: Account, register: Callable[..., Account], world: World, field: str
    ) -> None:
        foreign = {
            "unit": world.other_unit,
            "platform": Platform.get(Platform.institution == world.other),
        }.get(field, world.people["oscar"])
        with pytest.raises(NotFound):
            register(**{field: foreign})
        with pytest.raises(NotFound):
            services.change_account(account, None, {field: foreign})

    @pytest.mark.rule("s0-07-r13")
    def test_first_operators_and_custodians_come_with_the_entry(
        self, register: Callable[..., Account], person: Callable[..., Person], graduate: Person
    ) -> None:
        student = person("林敏", kind="student")
        entered = register(operators=[student], custodians=[student])
        assert Operator.get(Operator.account == entered).person_id == student.id
        assert Custodian.get(Custodian.account == entered).since == TODAY
        count = Account.select().count()
        refused("operators", register, operators=[graduate])
        refused("custodians", register, custodians=[graduate])
        assert Account.select().count() == count

    def test_the_form_names_all_operators_and_custodians(
        self, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        stays, goes, comes = person("甲"), person("乙"), person("丙")
        entered = register(operators=[stays, goes], custodians=[stays, goes])
        services.change_account(entered, None, {"operators": [stays, comes], "custodians": [stays]})
        for model, expected in ((Operator, {stays.id, comes.id}), (Custodian, {stays.id})):
            assert {t.person_id for t in model.select().where(model.until.is_null())} == expected
        assert Account.get_by_id(entered.id).password_due_on == TODAY
        services.change_account(Account.get_by_id(entered.id), None, {"note": "人员不动"})
        assert Operator.select().where(Operator.until.is_null()).count() == 2


class TestChanges:
    def test_a_stale_form_changes_nothing(self, account: Account) -> None:
        services.change_account(Account.get_by_id(account.id), 1, {"note": "甲"})
        with pytest.raises(Stale) as caught:
            services.change_account(account, 1, {"note": "乙", "status": "closed"})
        assert caught.value.theirs["note"] == "甲"
        assert Account.get_by_id(account.id).note == "甲"

    def test_a_new_name_keeps_the_old_one(self, account: Account) -> None:
        services.change_account(account, None, {"name": "理学院新声"})
        services.change_account(account, None, {"name": "理学院新声"})
        former = FormerName.get(FormerName.account == account)
        assert (former.name, former.until) == ("理学院之声1", TODAY)
        assert FormerName.select().count() == 1

    def test_followers_are_dated(self, account: Account) -> None:
        services.change_account(account, None, {"followers": 7317})
        assert Account.get_by_id(account.id).followers_on == TODAY
        services.change_account(account, None, {"followers": 8000, "followers_on": date(2026, 11, 1)})
        assert Account.get_by_id(account.id).followers_on == date(2026, 11, 1)
        services.change_account(account, None, {"followers": 8000, "followers_on": None})
        assert Account.get_by_id(account.id).followers_on == date(2026, 11, 1)

    def test_days_are_in_order(self, account: Account) -> None:
        refused("certified_until", services.change_account, account, None, {"certified_until": date(2018, 1, 1)})

    def test_every_change_is_in_the_history_of_the_account(
        self, account: Account, person: Callable[..., Person]
    ) -> None:
        services.change_account(account, None, {"note": "改"})
        services.assign_operator(account, person("林敏"))
        actions = [entry.action for entry in audit.history(account)]
        assert actions == ["accounts.operator.create", "accounts.account.update", "accounts.account.create"]


class TestStatus:
    @pytest.mark.parametrize("status", [s.value for s in Status if s != Status.CLOSED])
    def test_closing_takes_two_steps(self, register: Callable[..., Account], status: str) -> None:
        entered = register(status=status)
        if status != "closing":
            refused("status", services.change_status, entered, "closed")
            services.change_status(entered, "closing")
        services.change_status(entered, "closed")
        stored = Account.get_by_id(entered.id)
        assert (stored.status, stored.closed_on) == ("closed", TODAY)

    @pytest.mark.rule("s2-03-r04")
    def test_closing_ends_all_the_account_had(self, account: Account, person: Callable[..., Person]) -> None:
        keeper = person("黄娜")
        services.assign_operator(account, keeper)
        term = services.add_custodian(account, keeper, since=date(2020, 1, 1))
        services.add_device(account, "值班手机", "phone")
        services.seal_copy(account, "保险柜", keeper)
        services.end_custodian(services.add_custodian(account, person("郑勇")))
        services.change_status(account, "closing")
        services.change_status(account, "closed", TODAY)
        assert Custodian.get_by_id(term.id).until == TODAY
        for holding in (services.operator, services.custodian, services.device, services.sealed_copy):
            assert not holding.held_by([keeper])
        assert Account.get_by_id(account.id).password_due_on is None
        for verb in (
            lambda: services.assign_operator(account, keeper),
            lambda: services.add_custodian(account, keeper),
            lambda: services.add_device(account, "电脑"),
            lambda: services.seal_copy(account, "柜", keeper),
        ):
            refused(None, verb)

    def test_the_database_ties_the_day_to_the_state(self, account: Account) -> None:
        for values in ({"status": "closed"}, {"closed_on": TODAY}, {"status": "nonsense"}):
            with pytest.raises(Refused):
                records.update(account, **values)
        refused("status", services.change_account, account, None, {"status": "nonsense"})

    def test_a_day_to_come_is_no_day_of_closing(self, register: Callable[..., Account]) -> None:
        entered = register(status="closing")
        refused("closed_on", services.change_status, entered, "closed", TODAY + timedelta(days=1))

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(wanted=st.lists(st.sampled_from(list(Status)), max_size=8))
    def test_only_the_declared_changes_ever_happen(self, account: Account, wanted: list[Status]) -> None:
        entered = Account.get_by_id(account.id)
        if entered.status == Status.CLOSED:
            with acting_as(None):
                records.update(entered, status="active", closed_on=None)
        for status in wanted:
            before = Status(Account.get_by_id(account.id).status)
            try:
                services.change_status(Account.get_by_id(account.id), status)
            except Refused:
                assert status not in CHANGES[before]
                assert Account.get_by_id(account.id).status == before
            else:
                assert status == before or status in CHANGES[before]
            stored = Account.get_by_id(account.id)
            assert (stored.status == "closed") == (stored.closed_on is not None)


class TestQrCode:
    def test_it_is_kept_replaced_and_taken_away(self, account: Account, app: Flask) -> None:
        out = io.BytesIO()
        Image.new("1", (40, 40)).save(out, "PNG")
        with app.app_context():
            services.set_qr_code(account, out.getvalue())
            stored = Account.get_by_id(account.id)
            assert (files._path(stored.qr_code, account.institution_id)).is_file()
            refused("qr_code", services.set_qr_code, account, b"no image")
            assert Account.get_by_id(account.id).qr_code == stored.qr_code
            services.set_qr_code(account, b"")
        assert Account.get_by_id(account.id).qr_code == ""
