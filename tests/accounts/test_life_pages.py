"""The pages of the life cycle: what is typed stays, what is missing is said, the register leads to the application."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from panel import records
from plugins.accounts.life.models import Application, HandIn, Paper
from plugins.accounts.models import Account
from plugins.accounts.policy import Quota
from tests.accounts.life import Life, fresh
from tests.accounts.test_life import office_chain
from tests.security.pages import main_form
from tests.security.places import picture


@pytest.fixture
def alice(life: Life, client_of: Callable[..., FlaskClient]) -> FlaskClient:
    return client_of(life.world.user("alice"))


def test_from_the_register_to_what_stands_in_the_way(life: Life, alice: FlaskClient) -> None:
    office_chain(life)
    records.create(Quota, institution=life.uni, unit=life.world.faculty, most=0)
    answer = alice.get("/accounts/account/new/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/application/new/")
    typed = {
        "unit": "理学院",
        "name": "燕园书评",
        "platform": "微博",
        "responsible": "韩梅",
        "level": "",
        "entity_kind": "organisation",
        "born_on": "昨天",
        "reason": "读书活动",
    }
    wrong = alice.post("/accounts/application/new/", data=typed)
    assert wrong.status_code == 422
    assert 'value="燕园书评"' in wrong.text
    assert alice.post("/accounts/application/new/", data={**typed, "born_on": ""}).status_code == 302
    application = Application.get()
    assert (application.unit_id, application.level, application.born_on) == (life.world.faculty.id, None, None)
    address = f"/accounts/application/details/?id={application.id}"
    page = alice.get(address).text
    assert "的名额已满：0 个名额已用 0 个" in page
    assert "disabled" in page[page.index("btn-seal") :][:40]
    alice.post(f"/accounts/application/submit/?id={application.id}", data={"declared": "y"})
    assert fresh(application).state == "draft"
    for file, kept in ((None, 0), ((io.BytesIO(b"MZ virus"), "a.exe"), 0), ((io.BytesIO(picture()), "a.png"), 1)):
        data = {"kind": "report", **({"file": file} if file else {})}
        alice.post(f"/accounts/application/attach/?id={application.id}", data=data)
        assert Paper.select().count() == kept
        assert ("alert-danger" in alice.get(address).text) is (kept == 0)
    assert alice.post(f"/accounts/application/give_up/?id={application.id}").status_code == 302
    assert fresh(application).state == "dropped"


def test_editing_what_is_filed_opens_an_application_for_it(life: Life, alice: FlaskClient) -> None:
    account = life.account()
    office_chain(life, "change")
    address = f"/accounts/account/edit/?id={account.id}"
    sent = {**main_form(alice.get(address).text).values, "name": "燕园新书评", "note": "一并改"}
    answer = alice.post(address, data=sent)
    draft = Application.get()
    assert answer.headers["Location"] == f"/accounts/application/amend/?id={draft.id}"
    assert (fresh(account).name, fresh(account).note) == ("燕园书评", "")
    assert (draft.name, draft.publishing_scope, draft.state) == ("燕园新书评", None, "draft")
    page = alice.get(answer.headers["Location"]).text
    assert "须经申请批准" in page
    assert 'value="燕园新书评"' in page
    amended = {**main_form(page).values, "reason": "改版", "version": "999"}
    assert alice.post(answer.headers["Location"], data=amended).status_code == 422
    amended["version"] = str(fresh(draft).version)
    assert alice.post(answer.headers["Location"], data=amended).status_code == 302
    alice.post(f"/accounts/application/submit/?id={draft.id}", data={"declared": "y"})
    assert fresh(draft).state == "waiting"
    assert "批准之前仍以备案的为准" in alice.get(f"/accounts/account/details/?id={account.id}").text
    life.sign(draft, "宣传")
    assert fresh(account).name == "燕园新书评"


def test_handing_in_asks_for_what_shows_it(life: Life, alice: FlaskClient) -> None:
    account = life.account()
    life.about("closing", account)
    for item in list(HandIn.select().order_by(HandIn.id)):
        address = f"/accounts/application/hand_in/?id={item.id}"
        assert alice.post(address, data={"note": ""}).status_code == 422
        assert alice.post(address, data={"file": (io.BytesIO(picture()), "移交单.png")}).status_code == 302
    assert Account.get().status == "closed"
    shown = alice.get(f"/accounts/application/evidence/?id={item.id}")
    assert shown.data == picture()
