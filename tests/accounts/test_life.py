"""The life of an account, from the application to the last thing handed in; each rule by the example it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from panel import records
from panel.admin.imports import services as imports
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow
from panel.approvals import services as approvals
from panel.checks.models import Finding
from panel.checks.sweep import sweep
from panel.errors import Refused
from panel.i18n import today
from panel.obligations.models import Obligation
from plugins.accounts import services
from plugins.accounts.governing import NeedsApproval
from plugins.accounts.life import judging
from plugins.accounts.life.models import Application, FilingRecord, HandIn
from plugins.accounts.models import Account, FormerName, Operator
from plugins.accounts.policy import NameWord, Quota
from plugins.certification import services as certification
from tests.accounts.life import Life, fresh


def refused(field: str | None, verb: Callable[..., Any], *given: Any, **named: Any) -> Refused:
    """The refusal, which names the field."""
    with pytest.raises(Refused) as caught:
        verb(*given, **named)
    assert caught.value.field == field, caught.value
    return caught.value


def office_chain(life: Life, subject: str = "opening") -> None:
    """One signature, of the publicity office, by `宣传`."""
    if not life.roles:
        life.signer("publicity", life.world.office, "宣传")
    life.chain(subject, {"role": "publicity", "office": life.world.office, "name": "党委宣传部"})


class TestOpening:
    @pytest.mark.rule("s0-09-r17", "s3-01-r03", "s1-02-r02")
    def test_no_account_exists_before_the_last_signature(self, life: Life) -> None:
        life.signer("lead", life.world.office, "综合")
        life.signer("head", life.world.root_unit, "院领导")
        life.chain("opening", {"role": "lead", "office": life.world.office}, {"role": "head"})
        refused(None, services.register_account, life.wanted(institution=life.uni))
        one, other = life.apply(), life.apply(name="公诉之窗")
        life.sign(one, "综合")
        life.sign(other, "综合")
        assert not Account.select().exists()
        life.sign(one, "院领导", "reject", "与已有账号重复")
        assert not Account.select().exists()
        assert fresh(one).state == "rejected"
        life.sign(other, "院领导")
        account = Account.get()
        assert (account.name, account.unit_id, account.responsible_id) == (
            "公诉之窗",
            life.world.faculty.id,
            life.head.id,
        )
        assert fresh(other).account_id == account.id
        assert fresh(other).state == "done"

    @pytest.mark.rule("s0-07-r08")
    def test_an_approved_account_is_entered_with_its_people_filed_and_owes_what_accounts_owe(self, life: Life) -> None:
        office_chain(life)
        life.lay_down(filing_scheme="宣备〔{year}〕{number:2}号")
        operators = [life.person("林敏"), life.person("周涛", kind="student")]
        people = {
            "operators": operators,
            "administrators": [life.person("吴涛")],
            "custodians": [life.person("孙雨桐")],
        }
        first, second = life.apply(**people), life.apply(name="文史楼")
        life.sign(first, "宣传")
        life.sign(second, "宣传")
        account = Account.get(Account.name == "燕园书评")
        kinds = {o.person.name: o.kind for o in Operator.select().where(Operator.account == account)}
        assert kinds == {"林敏": "long", "周涛": "long", "吴涛": "administrator"}
        assert [c.person.name for c in account.custodian_terms] == ["孙雨桐"]
        year = today().year
        assert (account.filing, account.filing_number, account.filed_on) == ("filed", f"宣备〔{year}〕01号", today())
        assert Account.get(Account.name == "文史楼").filing_number == f"宣备〔{year}〕02号"
        record = FilingRecord.get(FilingRecord.account == account)
        assert (record.event, record.application_id, record.number) == ("opening", first.id, account.filing_number)
        due = {
            o.kind
            for o in Obligation.select().where(
                Obligation.subject_type == "accounts.account", Obligation.subject_id == account.id
            )
        }
        assert {"accounts.identifier", "accounts.confirmation", "accounts.security"} <= due

    @pytest.mark.rule("s0-01-r03", "s1-19-r02", "s2-03-r08", "s1-05-r03", "s3-03-r03", "s3-03-r26", "s1-02-r01")
    def test_what_is_required_is_refused_by_name_and_truth_is_declared(self, life: Life) -> None:
        office_chain(life)
        life.lay_down(application_required="licence,identity,publishing_scope,operators")
        application = life.apply(submit=False, publishing_scope=None)
        with life.as_("bob"):
            assert {n.field for n in judging.notices(application) if n.stops} == {
                *("licence", "identity", "publishing_scope", "operators")
            }
            for field, value in (
                ("licence", "12100000400000000X"),
                ("identity", "身份证，尾号 0017"),
                ("publishing_scope", "全校"),
            ):
                before = {n.field for n in judging.notices(fresh(application)) if n.stops}
                assert field in before
                services.amend(application, None, {field: value})
                assert field not in {n.field for n in judging.notices(fresh(application)) if n.stops}
            assert "operators" in str(refused("operators", services.submit, application, True).field)
            services.amend(application, None, {"operators": [life.person("林敏")], "reason": ""})
            refused("reason", services.submit, application, True)
            services.amend(application, None, {"reason": "读书活动"})
            refused("declared", services.submit, application, False)
            refused("unit", services.draft, "opening", life.wanted(unit=None))
            assert services.submit(application, True).state == "waiting"

    @pytest.mark.rule("s0-03-r08", "s3-03-r24")
    def test_other_media_take_the_form_signed_and_sealed_too(self, life: Life) -> None:
        office_chain(life)
        life.lay_down(application_required="paper")
        application = life.apply(submit=False, name="学工部QQ群", platform=life.platform("weibo"))
        with life.as_("bob"):
            refused("paper", services.submit, application, True)
            life.attach(application)
            services.submit(application, True)
        life.sign(application, "宣传")
        assert Account.get().platform.code == "weibo"
        refused(None, services.register_account, life.wanted(institution=life.uni, platform=life.platform("douyin")))

    @pytest.mark.rule("s0-07-r03", "s0-07-r05", "s3-04-r05")
    def test_a_hosted_body_applies_through_its_host(self, life: Life) -> None:
        league = life.unit("校团委", "mass")
        club = life.unit("山鹰社", "student", league)
        life.signer("lead", league, "团委书记")
        life.chain("opening", {"role": "lead"})
        life.lay_down(second_level_only=True)
        with life.as_("alice"):
            own = services.draft("opening", life.wanted(unit=club))
            assert "山鹰社" in str(refused("unit", services.submit, own, True).message)
        application = life.apply("alice", unit=league, body=club)
        assert life.request(application).unit_id == league.id
        life.sign(application, "团委书记")
        account = Account.get()
        assert (account.unit_id, account.body_id) == (league.id, club.id)

    @pytest.mark.rule("s0-07-r02", "s0-01-r02", "s1-09-r03")
    def test_long_term_organisations_or_people_of_age_with_a_valid_licence(self, life: Life) -> None:
        office_chain(life)
        stops = lambda **v: {n.field for n in judging.notices(life.apply(submit=False, **v)) if n.stops}  # noqa: E731
        with life.as_("alice"):
            assert stops(unit=life.unit("学术会议", "temporary")) == {"unit"}
            assert stops(entity_kind="individual") == {"entity_kind"}
            life.lay_down(organisations_only=False)
            of_age = date(today().year - 18, today().month, min(today().day, 28))
            assert stops(entity_kind="individual", born_on=of_age + timedelta(days=31)) == {"born_on"}
            assert stops(entity_kind="individual", born_on=of_age) == set()
            assert stops(licence_until=today() - timedelta(days=1)) == {"licence_until"}
            assert stops(licence_until=today()) == set()

    @pytest.mark.rule("s0-07-r06")
    def test_a_full_quota_lets_in_a_new_account_only_for_one_that_is_closed(self, life: Life) -> None:
        old = life.account("旧号", entity="")
        records.create(Quota, institution=life.uni, unit=life.world.faculty, most=1)
        office_chain(life)
        application = life.apply(submit=False)
        with life.as_("bob"):
            assert "1 of 1" in str(refused("replaces", services.submit, application, True).message)
            services.amend(application, None, {"replaces": old})
            services.submit(application, True)
        life.sign(application, "宣传")
        assert fresh(application).state == "approved"
        assert Account.select().count() == 1
        waits = Obligation.get(Obligation.kind == "accounts.carry_out")
        assert waits.state == "open"
        refused(None, services.carry_out, application)
        closing = life.about("closing", old)
        for item in HandIn.select().where(HandIn.application == closing):
            services.hand_in(item, note="已移交")
        services.carry_out(application)
        assert Account.get(Account.name == "燕园书评").filing == "filed"
        refused(None, services.carry_out, application)

    @pytest.mark.rule("s0-11-r01")
    def test_the_applicant_sees_what_looks_the_same(self, life: Life) -> None:
        life.account("燕园书评", identifier="yyshuping")
        office_chain(life)
        twin = life.apply(submit=False, identifier=" YYshuping")
        with life.as_("bob"):
            found = {n.field: n for n in judging.notices(twin)}
            assert found["identifier"].stops
            assert not found["name"].stops
            assert found["name"].account == Account.get()
            refused("identifier", services.submit, twin, True)

    @pytest.mark.rule("s1-09-r04")
    def test_a_doubtful_name_is_looked_at_before_the_last_signature(self, life: Life) -> None:
        office_chain(life)
        records.create(NameWord, institution=life.uni, word="权威", kind="review")
        records.create(NameWord, institution=life.uni, word="国家级", kind="forbidden")
        with life.as_("bob"):
            refused("name", services.submit, services.draft("opening", life.wanted(name="国家级书评")), True)
        application = life.apply(name="官方第一权威")
        assert "accepted first" in str(refused(None, life.sign, application, "宣传").message)
        assert fresh(application).state == "waiting"
        services.accept_name(fresh(application))
        life.sign(application, "宣传")
        assert Account.get().name == "官方第一权威"

    @pytest.mark.rule("s0-04-r02")
    def test_a_licence_of_another_name_is_looked_at_before_the_last_signature(self, life: Life) -> None:
        office_chain(life)
        same = life.apply(name="同名", entity="示例大学（本部）", licence_name="示例大学 (本部)")
        life.sign(same, "宣传")
        assert fresh(same).state == "done", "width and spaces make no other name"
        application = life.apply(name="城市之窗", entity="示例大学", licence_name="某某文化公司")
        assert [n.field for n in judging.notices(application) if "s0-04-r02" in n.rules] == ["licence_name"]
        assert "made out to" in str(refused(None, life.sign, application, "宣传").message)
        assert fresh(application).state == "waiting"
        services.accept_identity(fresh(application))
        other = fresh(application)
        other.entity = "别的单位"
        assert judging.identity_waits(other), "what was confirmed holds for these two names alone"
        life.sign(application, "宣传")
        assert Account.get(Account.name == "城市之窗").entity == "示例大学"

    def test_what_signatures_decided_is_entered_and_found_not_refused(self, life: Life) -> None:
        office_chain(life)
        life.lay_down(official_unit="党委宣传部")
        application = life.apply(level="institution")
        life.sign(application, "宣传")
        assert fresh(application).state == "done"
        open_now = Finding.select().where(Finding.code == "accounts.official_elsewhere", Finding.closed_at.is_null())
        assert [f.subject_id for f in open_now] == [Account.get().id]

    def test_without_a_chain_it_is_entered_at_once_and_stays_unfiled(self, life: Life) -> None:
        assert life.apply().state == "done"
        account = Account.get()
        assert (account.filing, account.filing_number) == ("unfiled", "")
        services.confirm_filing(account, "旧备 7 号", today() - timedelta(days=40))
        assert (fresh(account).filing, fresh(account).filing_number) == ("filed", "旧备 7 号")
        refused(None, services.confirm_filing, account)

    def test_what_came_back_is_edited_and_submitted_again_and_what_waits_is_not(self, life: Life) -> None:
        office_chain(life)
        application = life.apply()
        with life.as_("bob"):
            refused(None, services.amend, application, None, {"name": "新名"})
            refused(None, life.attach, application)
        life.sign(application, "宣传", "return", "名称过泛")
        assert fresh(application).state == "returned"
        with life.as_("bob"):
            services.amend(application, None, {"name": "理学院书评"})
            services.submit(application, True)
            approvals.withdraw(life.request(application))
            assert fresh(application).state == "draft"
            services.submit(application, True)
        life.sign(application, "宣传")
        assert Account.get().name == "理学院书评"
        with life.as_("bob"):
            refused(None, services.give_up, application)


class TestChange:
    @pytest.mark.rule("s2-01-r04", "s4-01-r21", "s2-09-r20")
    def test_the_filed_value_stays_until_it_is_approved(self, life: Life) -> None:
        account = life.account()
        office_chain(life, "change")
        application = life.about("change", account, name="燕园新书评", description="新的简介")
        assert fresh(account).name == "燕园书评"
        held = {"name": "偷改", "description": "偷改", "note": "可以直接改"}
        with pytest.raises(NeedsApproval) as caught:
            services.change_account(fresh(account), None, held)
        assert caught.value.held_back == {"name": "偷改", "description": "偷改"}
        services.change_account(fresh(account), None, {"note": "可以直接改"})
        filed_on = fresh(account).filed_on
        records.update(fresh(account), filed_on=filed_on - timedelta(days=90))
        life.sign(application, "宣传")
        assert (fresh(account).name, fresh(account).description) == ("燕园新书评", "新的简介")
        assert fresh(account).filed_on == today()
        assert FormerName.get().name == "燕园书评"
        assert [r.event for r in FilingRecord.select().order_by(FilingRecord.id)] == ["confirmation", "change"]

    @pytest.mark.rule("s3-03-r04", "s2-04-r01")
    def test_principal_and_administrator_change_by_a_new_form_only(self, life: Life) -> None:
        account, new, administrator = life.account(), life.person("新负责人"), life.person("田甜")
        office_chain(life, "change")
        with pytest.raises(NeedsApproval):
            services.change_responsible([account], new)
        refused(None, services.assign_operator, account, administrator, "administrator")
        refused("operators", services.change_account, account, None, {"operators": [administrator]})
        kept = services.keep_back(account, {"responsible": new})
        assert services.keep_back(account, {"description": "新简介"}).id == kept.id
        services.amend(kept, None, {"reason": "换届"})
        services.submit(kept, True)
        appointment = life.about("appointment", account, administrators=[administrator])
        assert life.request(appointment).subject == "accounts.change"
        life.sign(kept, "宣传")
        assert fresh(account).responsible_id == new.id
        assert not Operator.select().exists()
        life.sign(appointment, "宣传")
        assert Operator.get().kind == "administrator"

    @pytest.mark.rule("s0-07-r14")
    def test_a_change_past_all_chains_is_filed_with_each_office(self, life: Life) -> None:
        secrecy = life.unit("保密办")
        life.lay_down(filing_offices="保密办、党委宣传部、早已撤销的部门", changes_filed_days=3)
        account = life.account()
        services.assign_operator(account, life.person("林敏"))
        owed = list(FilingRecord.select().where(FilingRecord.filed_on.is_null()).order_by(FilingRecord.id))
        assert {r.__data__["office"] for r in owed} == {secrecy.id, life.world.office.id}
        tasks = Obligation.select().where(Obligation.kind == "accounts.filing", Obligation.state == "open")
        assert {t.__data__["unit"] for t in tasks} == {secrecy.id, life.world.office.id}
        services.change_account(account, None, {"name": "燕园新书评"})
        assert FilingRecord.select().where(FilingRecord.filed_on.is_null()).count() == 2
        records.update(fresh(account), filed_on=today() - timedelta(days=30))
        services.settle_filing(owed[0])
        assert tasks.count() == 1
        assert fresh(account).filed_on == today() - timedelta(days=30)
        services.settle_filing(owed[1])
        assert tasks.count() == 0
        assert fresh(account).filed_on == today()
        refused(None, services.settle_filing, owed[1])

    @pytest.mark.rule("s1-19-r03")
    def test_a_registered_account_is_not_transferred(self, life: Life) -> None:
        account = life.account("海边小店", entity="海边贸易有限公司")
        life.lay_down(transfers_forbidden=True)
        refused("entity", services.change_account, account, None, {"entity": "别家有限公司"})
        application = life.about("change", account, submit=False, entity="别家有限公司")
        refused("entity", services.submit, application, True)

    def test_moving_between_units_and_what_changed_meanwhile(self, life: Life) -> None:
        account = life.account()
        office_chain(life, "change")
        application = life.about("change", account, to_unit=life.world.office)
        assert life.request(application).unit_id == life.world.faculty.id
        records.update(fresh(account), unit=life.world.lab)  # past everybody, as an import of old could
        with pytest.raises(Refused, match="void"):
            life.sign(application, "宣传")
        assert fresh(application).state == "returned"
        assert fresh(account).unit_id == life.world.lab.id
        with life.as_("alice"):
            services.submit(fresh(application), True)
        life.sign(application, "宣传")
        assert fresh(account).unit_id == life.world.office.id


class TestClosing:
    @pytest.mark.rule("s0-09-r18", "s2-03-r04")
    def test_closing_takes_an_approval_and_everything_handed_in(self, life: Life) -> None:
        account = life.account("青春校园")
        services.add_device(account, "编辑部电脑", "desktop")
        services.seal_copy(account, place="保险柜", sealed_by=life.head)
        office_chain(life, "closing")
        life.lay_down(application_required="necessity")
        with pytest.raises(NeedsApproval):
            services.change_status(account, "closing")
        with life.as_("bob"):
            draft = services.draft("closing", {"reason": "合并"}, account)
            refused("necessity", services.submit, draft, True)
            services.amend(draft, None, {"necessity": "品牌由校级账号承接"})
            services.submit(draft, True)
        assert fresh(account).status == "active"
        life.sign(draft, "宣传")
        assert fresh(account).status == "closing"
        items = list(HandIn.select().order_by(HandIn.id))
        assert [i.kind for i in items] == ["archive", "password", "device", "sealed", "platform"]
        assert Obligation.select().where(Obligation.kind == "accounts.hand_in", Obligation.state == "open").count() == 5
        assert "Not everything" in str(refused("status", services.change_status, account, "closed").message)
        refused("note", services.hand_in, items[0])
        for item in items:
            assert fresh(account).status == "closing"
            services.hand_in(item, note="已移交信息化办公室")
        refused(None, services.hand_in, items[0], note="再来一次")
        assert (fresh(account).status, fresh(account).closed_on) == ("closed", today())
        assert fresh(draft).state == "done"
        assert FilingRecord.select().where(FilingRecord.event == "closing").count() == 1

    def test_a_closing_that_is_broken_off_leaves_the_account_in_use(self, life: Life) -> None:
        account = life.account()
        application = life.about("closing", account)
        services.hand_in(HandIn.get(), note="已归档")
        refused("reason", services.break_off, application, " ")
        services.break_off(application, "决定保留")
        assert fresh(account).status == "active"
        assert HandIn.select().count() == 1
        assert fresh(application).state == "dropped"


class TestChecks:
    def test_what_is_unfiled_or_overdue_is_found(self, life: Life) -> None:
        account = life.account(filed=False, filing_number="旧备 3 号")
        found = lambda: {f.code for f in Finding.select().where(Finding.closed_at.is_null())}  # noqa: E731
        assert "accounts.filing_unconfirmed" in found()
        assert "accounts.not_filed" not in found()
        services.confirm_filing(account)
        assert "accounts.filing_unconfirmed" not in found()
        life.lay_down(filing_offices="党委宣传部")
        services.change_account(fresh(account), None, {"name": "改名"})
        application = life.about("closing", fresh(account))
        sweep(life.uni, day=today() + timedelta(days=60))
        assert {"accounts.filing_owed", "accounts.not_handed_in"} <= found()
        for item in HandIn.select():
            services.hand_in(item, note="已移交")
        assert "accounts.not_handed_in" not in found()
        assert fresh(application).state == "done"
        office_chain(life)
        sent = life.apply()
        life.lay_down(application_required="paper")
        sweep(life.uni)
        assert "accounts.application_without_paper" in found()
        assert Application.get_by_id(sent.id).state == "waiting"


class TestPastTheChain:
    def test_an_import_enters_what_exists_unfiled_and_leaves_alone_what_is_filed(self, life: Life) -> None:
        office_chain(life)
        office_chain(life, "change")
        header = "部门,平台,账号名称,账号ID,责任人,开通时间,发布范围,备案号"
        row = "理学院,公众号,理学院之声,lxyzs,韩梅,2019.3.12,全院,旧备9号"
        assert imported(header, row) == []
        account = Account.get()
        assert (account.filing, account.filing_number) == ("unfiled", "旧备9号")
        assert imported(header, row.replace("全院", "全校")) == []  # unfiled: it is still being cleaned up
        services.confirm_filing(fresh(account))
        assert "approved application" in imported(header, row.replace("全校", "全市").replace("全院", "全市"))[0]
        assert fresh(account).publishing_scope == "全校"

    def test_a_review_that_decides_to_close_drafts_the_application(self, life: Life) -> None:
        account = life.account()
        certification.review(account, today(), "close", 5, "排名末位")
        certification.review(account, today(), "close", 5, "排名末位")
        draft = Application.get()
        assert (draft.kind, draft.state, draft.reason) == ("closing", "draft", "排名末位")


def imported(*lines: str) -> list[str]:
    """Take in a sheet; gives what is wrong with its rows."""
    run = imports.upload("accounts.account", "a.csv", "\n".join(lines).encode(), answers=Answers(skip=True))
    imports.confirm(run, run.digest)
    rows = ImportRow.select().where(ImportRow.run == run, ImportRow.outcome == "refused")
    return [str(problem) for row in rows for problem in row.problems]
