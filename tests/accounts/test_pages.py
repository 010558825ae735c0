"""The pages, through the browser's door: what they show, what they do, and who is kept out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from panel import audit, records
from panel.access.models import Role
from panel.org.models import Person
from plugins.accounts import services
from plugins.accounts.models import Account, Custodian, Device, Handover, Operator, SealedCopy
from plugins.accounts.permissions import AccountsPermission as P
from tests.accounts.conftest import TODAY
from tests.cast import World

pytestmark = pytest.mark.usefixtures("uni")


@pytest.fixture
def alice(uni: World, client_of: Callable[..., FlaskClient]) -> FlaskClient:
    return client_of(uni.user("alice"))


def page(client: FlaskClient, address: str, status: int = 200, /, **data: Any) -> str:
    response = client.post(address, data=data) if data else client.get(address)
    assert response.status_code == status, re.sub(r"<[^>]*>|\s+", " ", response.text)[-600:]
    return response.text


def ref(name: str, person: Person) -> dict[str, str]:
    """What a form sends for a chosen person."""
    return {name: person.name, f"{name}-id": str(person.id)}


class TestList:
    def test_a_row_says_who_and_until_when(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person], graduate: Person
    ) -> None:
        keeper = person("孙雨桐")
        entered = register(name="示范大学团委", custodians=[keeper], certified_until=TODAY - timedelta(days=3))
        records.create(Custodian, institution=entered.institution_id, account=entered, person=graduate)
        text = page(alice, "/accounts/account/")
        for shown in ("示范大学团委", "公众号（原订阅号）", "孙雨桐", "董子涵", "已离任", "逾期 3 天", "在用"):
            assert shown in text

    def test_a_page_costs_the_same_however_many_rows(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person], count_queries: Any
    ) -> None:
        keeper = person("孙雨桐")
        counts = []
        for _ in range(2):
            for _ in range(6):
                register(custodians=[keeper], operators=[keeper])
            page(alice, "/accounts/account/")
            with count_queries() as seen:
                page(alice, "/accounts/account/")
            counts.append(len([s for s in seen if s.startswith("SELECT")]))
        assert counts[0] == counts[1] <= 4

    def test_the_export_names_the_people(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        register(name="=示范大学团委", custodians=[person("孙雨桐"), person("林敏")])
        response = alice.get("/accounts/account/export/?format=csv&columns=all")
        text = response.data.decode("utf-8-sig")
        assert "孙雨桐、林敏" in text
        assert "公众号（原订阅号）" in text
        assert "'=示范大学团委" in text

    def test_actions_that_ask_for_more_lead_to_their_page(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        entered, successor = [register(), register()], person("新任")
        ids = [str(a.id) for a in entered]
        response = alice.post("/accounts/account/action/", data={"action": "change_responsible", "id": ids})
        assert response.status_code == 302
        assert "理学院之声1" in page(alice, response.location)
        assert alice.post(response.location, data=ref("responsible", successor)).status_code == 302
        assert {a.responsible_id for a in Account.select()} == {successor.id}

    def test_many_change_state_after_asking_or_none_does(
        self, alice: FlaskClient, register: Callable[..., Account]
    ) -> None:
        ids = [str(register().id), str(register(status="closing").id)]
        sent = {"action": "suspend", "id": ids}
        text = alice.post("/accounts/account/action/", data=sent).text
        assert "暂停 2 个账号？" in text
        assert alice.post("/accounts/account/action/", data={**sent, "expected": "2"}).status_code == 409
        assert {a.status for a in Account.select()} == {"active", "closing"}


class TestForm:
    def test_an_account_is_entered_with_its_people(
        self, alice: FlaskClient, uni: World, platform: Callable[..., Any], person: Callable[..., Person]
    ) -> None:
        head, student = person("负责人"), person("林敏", kind="student")
        sent = {
            "name": "理学院之声",
            "platform": platform().name,
            "identifier": "lxyzs",
            "unit": "理学院",
            "opened_on": "2019.3.12",
            "status": "active",
            "entity_kind": "organisation",
            "level": "second",
            **ref("responsible", head),
            "operators-id": str(student.id),
            "operators-sent": "1",
            "custodians": "负责人、林敏",
        }
        assert alice.post("/accounts/account/new/", data=sent).status_code == 302
        (entered,) = Account.select()
        assert (entered.register_key, entered.opened_on.isoformat()) == ("wechat:lxyzs", "2019-03-12")
        assert Operator.select().count() == 1
        assert Custodian.select().count() == 2

    @pytest.mark.rule("s0-07-r11")
    def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
        self, alice: FlaskClient, platform: Callable[..., Any], person: Callable[..., Person]
    ) -> None:
        student = person("陈晨", kind="student")
        sent = {
            "name": "打了很久的名字",
            "platform": platform().name,
            "unit": "理学院",
            "status": "active",
            "entity_kind": "organisation",
            **ref("responsible", student),
        }
        text = page(alice, "/accounts/account/new/", 422, **sent)
        assert "打了很久的名字" in text
        assert "陈晨" in text
        assert not Account.select().exists()

    def test_only_states_that_can_follow_are_offered(self, alice: FlaskClient, account: Account) -> None:
        text = page(alice, f"/accounts/account/edit/?id={account.id}")
        offered = {s for s in ("pending", "active", "idle", "suspended", "closing", "closed") if f'value="{s}"' in text}
        assert offered == {"active", "idle", "suspended", "closing"}

    def test_without_the_right_to_hand_over_the_form_leaves_custody_alone(
        self, uni: World, client_of: Callable[..., FlaskClient], register: Callable[..., Account], person: Any
    ) -> None:
        keeper = person("孙雨桐")
        entered = register(custodians=[keeper], operators=[keeper])
        role = Role.get_by_id(uni.roles["all"].id)
        less = [p for p in role.permissions if p not in (P.CUSTODIAN_HAND_OVER, P.OPERATOR_ASSIGN)]
        records.update(role, permissions=less)
        records.update(uni.uni, access_stamp=99)
        client = client_of(uni.user("alice"))
        address = f"/accounts/account/edit/?id={entered.id}"
        text = page(client, address)
        assert 'name="custodians' not in text
        sent = {
            "version": entered.version,
            "name": "新名字",
            "platform": entered.platform.name,
            "unit": "理学院",
            "status": "active",
            "entity_kind": "organisation",
            **ref("responsible", entered.responsible),
            "custodians-sent": "1",
            "operators-sent": "1",
        }
        assert client.post(address, data=sent).status_code == 302
        assert Account.get_by_id(entered.id).name == "新名字"
        assert Custodian.get(Custodian.account == entered).until is None
        assert Operator.get(Operator.account == entered).until is None


class TestActs:
    def test_the_page_of_an_account_leads_to_every_act(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        keeper, taking, witness = person("孙雨桐"), person("林敏"), person("周雅琴")
        entered = register(custodians=[keeper], bound_phone="13800002210", bound_phone_owner=keeper)
        here = f"id={entered.id}"
        acts = [
            (f"/accounts/operators/assign/?{here}", {**ref("person", taking), "kind": "administrator"}),
            (f"/accounts/custody/add/?{here}", {**ref("person", witness), "way": "sealed"}),
            (f"/accounts/custody/password/?{here}", {"on": TODAY.isoformat(), "why": "例行更换"}),
            (f"/accounts/custody/seal/?{here}", {"place": "保险柜", "number": "MF-1", **ref("sealed_by", keeper)}),
            (f"/accounts/devices/add/?{here}", {"label": "值班手机", "kind": "phone"}),
        ]
        for address, sent in acts:
            assert '<a href="/accounts/account/" aria-current="page">' in page(alice, address)
            response = alice.post(address, data=sent)
            assert response.status_code == 302, response.text[:2000]
        text = page(alice, f"/accounts/account/details/?{here}")
        for shown in ("林敏", "管理员", "保险柜 MF-1", "值班手机", "138****2210", "孙雨桐", "首任保管人"):
            assert shown in text
        assert "13800002210" not in text.split('id="log"')[0]
        second = [
            (f"/accounts/operators/end/?id={Operator.get().id}", {"note": "调离"}),
            (f"/accounts/custody/end/?id={Custodian.get(Custodian.person == witness).id}", {"note": "不再需要"}),
            (f"/accounts/custody/open/?id={SealedCopy.get().id}", {**ref("person", keeper), "why": "紧急撤稿"}),
            (f"/accounts/custody/retire/?id={SealedCopy.get().id}", {"on": TODAY.isoformat()}),
            (f"/accounts/devices/check/?id={Device.get().id}", {"on": TODAY.isoformat()}),
            (f"/accounts/devices/retire/?id={Device.get().id}", {"on": TODAY.isoformat()}),
        ]
        for address, sent in second:
            assert "<form" in page(alice, address)
            assert alice.post(address, data=sent).status_code == 302
            assert alice.post(address, data=sent).status_code in (302, 422)  # a double click breaks nothing
        assert "起须更换密码" in page(alice, f"/accounts/account/details/?{here}")

    def test_an_unknown_act_is_no_page(self, alice: FlaskClient, account: Account) -> None:
        for area in ("operators", "custody", "devices"):
            page(alice, f"/accounts/{area}/nonsense/?id={account.id}", 404)

    def test_a_refused_act_says_why_at_its_field(self, alice: FlaskClient, account: Account, graduate: Person) -> None:
        text = page(alice, f"/accounts/custody/add/?id={account.id}", 422, person="董子涵", way="in_person")
        assert "已于" in text
        assert not Custodian.select().exists()


class TestHandover:
    @pytest.mark.rule("s3-01-r08", "s3-03-r21")
    def test_one_page_does_it_all(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        keeper, taking, witness = person("董子涵"), person("林敏"), person("周雅琴")
        entered = register(custodians=[keeper])
        address = f"/accounts/custody/?id={entered.id}"
        assert "董子涵" in page(alice, address)
        sent = {
            "term": str(Custodian.get().id),
            **ref("taking", taking),
            **ref("witness", witness),
            "way": "in_person",
            "password_changed_on": TODAY.isoformat(),
            "place": "宣传部保险柜 3 号格",
            "number": "MF-2026-031",
        }
        missing = page(alice, address, 422, **{**sent, "witness": "", "witness-id": ""})
        assert "宣传部保险柜 3 号格" in missing
        same = page(alice, address, 422, **{**sent, **ref("witness", taking)})
        assert "监交人不能是卸任人或接任人" in same
        assert alice.post(address, data=sent).status_code == 302
        made = Handover.get()
        assert (made.leaving_id, made.taking_id, made.witness_id) == (keeper.id, taking.id, witness.id)
        assert made.sealed_copy.number == "MF-2026-031"
        text = page(alice, f"/accounts/account/details/?id={entered.id}")
        assert "监交人" in text
        assert alice.post(address, data=sent).status_code == 422  # sent again, it finds nothing left to hand over

    def test_all_that_one_person_keeps(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        keeper, taking, witness = person("孙雨桐"), person("林敏"), person("周雅琴")
        for _ in range(3):
            register(custodians=[keeper])
        address = f"/accounts/custody/?person={keeper.id}"
        assert "保管 3 个账号的密码" in page(alice, address)
        terms = [str(t.id) for t in Custodian.select().order_by(Custodian.id)]
        sent = {"term": terms[:2], **ref("taking", taking), **ref("witness", witness), "way": "reset"}
        assert alice.post(address, data=sent).status_code == 302
        assert len(services.custodian.held_by([keeper])) == 1
        assert len(services.custodian.held_by([taking])) == 2

    def test_nobody_ticked_hands_nothing_over(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        entered = register(custodians=[person("孙雨桐"), person("林敏")])
        sent = {**ref("taking", person("甲")), **ref("witness", person("乙")), "way": "reset"}
        assert "请勾选" in page(alice, f"/accounts/custody/?id={entered.id}", 422, **sent)


class TestQrCode:
    def test_upload_show_download(self, alice: FlaskClient, account: Account) -> None:
        out = io.BytesIO()
        Image.new("1", (40, 40)).save(out, "PNG")
        address = f"/accounts/account/qr/?id={account.id}"
        page(alice, f"/accounts/account/qr.png?id={account.id}", 404)
        assert "<form" in page(alice, address)
        assert "请选择文件" in page(alice, address, 422, remove="")
        wrong = alice.post(address, data={"qr_code": (io.BytesIO(b"<svg onload=alert(1)>"), "a.png")})
        assert wrong.status_code == 422
        assert alice.post(address, data={"qr_code": (io.BytesIO(out.getvalue()), "码.png")}).status_code == 302
        shown = alice.get(f"/accounts/account/qr.png?id={account.id}&download=1")
        assert shown.mimetype == "image/png"
        assert "filename*=UTF-8''" in shown.headers["Content-Disposition"]
        assert alice.post(address, data={"remove": "y"}).status_code == 302
        assert Account.get_by_id(account.id).qr_code == ""


class TestWhoMay:
    PAGES = (
        "/accounts/account/details/?id={account}",
        "/accounts/account/edit/?id={account}",
        "/accounts/account/qr/?id={account}",
        "/accounts/account/contacts/?id={account}",
        "/accounts/operators/assign/?id={account}",
        "/accounts/operators/end/?id={operator}",
        "/accounts/custody/?id={account}",
        "/accounts/custody/?row={custodian}",
        "/accounts/custody/end/?id={custodian}",
        "/accounts/devices/add/?id={account}",
        "/accounts/responsible/?row={account}",
    )

    @pytest.fixture
    def ids(self, register: Callable[..., Account], person: Callable[..., Person], uni: World) -> dict[str, int]:
        keeper = person("孙雨桐", unit=uni.office)
        entered = register(unit=uni.office, custodians=[keeper], operators=[keeper])
        return {"account": entered.id, "operator": Operator.get().id, "custodian": Custodian.get().id}

    @pytest.mark.parametrize("address", PAGES)
    def test_each_page_is_for_who_may_see_the_account(
        self, uni: World, client_of: Callable[..., FlaskClient], ids: dict[str, int], address: str
    ) -> None:
        address = address.format(**ids)
        page(client_of(uni.user("alice")), address, 200)
        for outsider in ("bob", "oscar"):  # another unit, another institution
            client = client_of(uni.user(outsider))
            page(client, address, 404)
            refused = 405 if any(name in address for name in ("details", "contacts")) else 404
            assert client.post(address, data={"name": "x", "remove": "y"}).status_code == refused
        reads = 200 if "details" in address else 403
        page(client_of(uni.user("carol")), address, reads)
        page(client_of(uni.user("dave")), address, 403)
        assert client_of(None).get(address).status_code == 302

    def test_looking_at_the_bound_phone_is_in_the_history(
        self, alice: FlaskClient, register: Callable[..., Account], person: Callable[..., Person]
    ) -> None:
        entered = register(bound_phone="13800002210", bound_phone_owner=person("孙雨桐"))
        assert "13800002210" in page(alice, f"/accounts/account/contacts/?id={entered.id}")
        assert audit.history(entered).first().action == "accounts.account.contacts_shown"

    def test_switched_off_there_is_nothing(self, uni: World, client_of: Callable[..., FlaskClient]) -> None:
        from panel.access.models import PluginSwitch

        for switch in PluginSwitch.select().where(
            PluginSwitch.institution == uni.uni, PluginSwitch.plugin == "accounts"
        ):
            records.update(switch, enabled=False)
        records.update(uni.uni, access_stamp=99)
        client = client_of(uni.user("alice"))
        for address in ("/accounts/account/", "/accounts/custodian/", "/accounts/platform/"):
            page(client, address, 404)


def test_the_nightly_job_ends_short_terms(app: Flask, account: Account, person: Callable[..., Person]) -> None:
    from types import SimpleNamespace

    from plugins.accounts.jobs import lapse_short_terms

    term = services.assign_operator(account, person("甲"), "short", TODAY)
    run: Any = SimpleNamespace(institution=account.institution)
    assert lapse_short_terms(run) == {"ended": 0}
    records.update(term, since=TODAY - timedelta(days=31), lapses_on=TODAY)
    assert lapse_short_terms(run) == {"ended": 1}
    assert lapse_short_terms(run) == {"ended": 0}
