"""The register through the real importer: what is entered, changed, left alone and refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from panel import records
from panel.admin.imports import services as imports
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow
from panel.org.models import Person
from plugins.accounts import services
from plugins.accounts.models import Account, Custodian, FormerName, Operator, Platform
from plugins.accounts.reading import load_people
from tests.accounts.conftest import TODAY
from tests.cast import World

DATA = Path(__file__).parents[1] / "data"
FIELDS = {
    "unit": "部门",
    "platform": "平台",
    "name": "账号名称",
    "identifier": "账号ID",
    "responsible": "责任人",
    "operators": "运营人",
    "custodians": "密码保管人",
    "opened_on": "开通时间",
    "followers": "粉丝数",
    "note": "备注",
    "status": "状态",
    "closed_on": "注销日期",
}
LINE = {"unit": "理学院", "platform": "公众号", "name": "物理之声", "identifier": "wlzs", "responsible": "Bob"}


def sheet(*lines: dict[str, Any]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(FIELDS.values())
    for line in lines:
        writer.writerow([{**LINE, **line}.get(field, "") for field in FIELDS])
    return out.getvalue().encode("utf-8-sig")


@pytest.fixture
def take_in(uni: World, app: Any) -> Callable[..., dict[str, int]]:
    """Imports a sheet, refused rows left out; gives how many rows had which outcome."""

    def run(data: bytes, name: str = "台账.csv") -> dict[str, int]:
        with app.app_context():
            upload = imports.upload("accounts.account", name, data, answers=Answers(skip=True))
            counts = {outcome: n for outcome, n in upload.counts.items() if n and outcome != "cells"}
            imports.confirm(upload, upload.digest)
        run.last = upload  # type: ignore[attr-defined]
        return counts

    return run


def problems(take_in: Any) -> list[str]:
    rows = ImportRow.select().where(ImportRow.run == take_in.last, ImportRow.outcome == "refused")
    return [p["message"] if isinstance(p, dict) else p[-1] for row in rows for p in row.problems]


def only() -> Account:
    (account,) = Account.select()
    load_people([account])
    return account


def names(people: list[Any]) -> list[str]:
    return [str(p) for p in people]


class TestTheSample:
    @pytest.fixture
    def expected(self) -> dict[str, Any]:
        return json.loads((DATA / "register.expected.json").read_text("utf-8"))

    def test_it_comes_in_exactly_and_a_second_time_changes_nothing(
        self, take_in: Any, expected: dict[str, Any], uni: World
    ) -> None:
        data = (DATA / "register.xlsx").read_bytes()
        refused = {p["sheet_row"] for p in expected["problems"]}
        wanted = [row for row in expected["rows"] if row["sheet_row"] not in refused]
        assert take_in(data, "register.xlsx") == {"created": len(wanted), "refused": len(refused)}
        accounts = list(Account.select().where(Account.institution == uni.uni))
        load_people(accounts)
        stored = {a.register_key: a for a in accounts}
        for row in wanted:
            account = stored[f"{row['platform']}:{row['identifier']}"]
            assert {
                "unit": account.unit.name,
                "name": account.name,
                "responsible": account.responsible.name,
                "phone": account.contact_phone or None,
                "operators": names(account.operators),
                "custodians": names(account.custodians),
                "opened_on": account.opened_on and account.opened_on.isoformat(),
                "certified_until": account.certified_until and account.certified_until.isoformat(),
            } == {key: value for key, value in row.items() if key not in ("sheet_row", "platform", "identifier")}
        over = {row["sheet_row"] for row in wanted if len(set(row["custodians"])) > 2}
        assert over == set(expected["over_two_custodians"]) - refused
        again = take_in(data, "register.xlsx")
        assert again == {"unchanged": len(wanted), "refused": len(refused)}


class TestMatching:
    def test_family_and_id_make_one_account(self, take_in: Any) -> None:
        assert take_in(sheet({"platform": "订阅号"})) == {"created": 1}
        assert take_in(sheet({"platform": "微信公众号", "identifier": " ｗｌｚｓ "})) == {"unchanged": 1}
        assert take_in(sheet({"identifier": "WLZS"})) == {"changed": 1}
        assert take_in(sheet({"platform": "服务号"})) == {"changed": 1}
        assert only().platform.code == "wechat_service"
        assert take_in(sheet({"platform": "微博"})) == {"created": 1}

    def test_without_an_id_family_name_and_unit_do(self, take_in: Any) -> None:
        line = {"identifier": ""}
        assert take_in(sheet(line)) == {"created": 1}
        assert take_in(sheet(line)) == {"unchanged": 1}
        assert take_in(sheet({**line, "unit": "物理实验室"})) == {"created": 1}

    def test_two_lines_for_one_account_the_first_stands(self, take_in: Any) -> None:
        assert take_in(sheet({}, {"name": "又一个"})) == {"created": 1, "refused": 1}
        assert only().name == "物理之声"

    def test_a_platform_the_institution_added_is_understood(self, take_in: Any, uni: World) -> None:
        assert take_in(sheet({"platform": "校内论坛"})) == {"refused": 1}
        records.create(Platform, institution=uni.uni, name="论坛", family="forum", synonyms="校内论坛、BBS")
        assert take_in(sheet({"platform": "校内论坛"})) == {"created": 1}
        assert only().register_key == "forum:wlzs"


class TestChanging:
    def test_only_what_differs_changes_and_blank_cells_clear_nothing(self, take_in: Any) -> None:
        take_in(sheet({"followers": "1.2万", "opened_on": "2019年3月12日", "note": "与学院官网同步"}))
        before = only()
        assert (before.followers, before.followers_on, before.opened_on) == (12000, TODAY, date(2019, 3, 12))
        assert take_in(sheet({"followers": "13000"})) == {"changed": 1}
        after = only()
        assert (after.followers, after.opened_on, after.note) == (13000, date(2019, 3, 12), "与学院官网同步")
        assert after.version == before.version + 1

    def test_a_new_name_keeps_the_old_one(self, take_in: Any) -> None:
        take_in(sheet({}))
        take_in(sheet({"name": "物理新声"}))
        assert FormerName.get().name == "物理之声"

    def test_people_no_longer_named_end_and_a_password_is_owed(self, take_in: Any) -> None:
        take_in(sheet({"operators": "甲乙、丙丁", "custodians": "甲乙"}))
        take_in(sheet({"operators": "丙丁、戊己", "custodians": "丙丁"}))
        account = only()
        assert names(account.operators) == ["丙丁", "戊己"]
        assert names(account.custodians) == ["丙丁"]
        assert account.password_due_on == TODAY
        assert Custodian.select().where(Custodian.until == TODAY).count() == 1
        assert take_in(sheet({"operators": "戊己、丙丁", "custodians": "丙丁"})) == {"unchanged": 1}


class TestStatus:
    @pytest.mark.parametrize(
        ("note", "status"),
        [("停更", "idle"), ("拟注销", "closing"), ("已更名", "active"), ("", "active"), ("与官网同步；停更", "idle")],
    )
    def test_the_notes_tell_the_state(self, take_in: Any, note: str, status: str) -> None:
        take_in(sheet({"note": note}))
        assert only().status == status

    def test_a_column_of_its_own_goes_first(self, take_in: Any) -> None:
        take_in(sheet({"note": "停更", "status": "在用"}))
        assert only().status == "active"

    def test_a_change_the_machine_does_not_know_is_refused(self, take_in: Any) -> None:
        take_in(sheet({"status": "在用"}))
        line = {"status": "已注销", "closed_on": "2026-01-05"}
        assert take_in(sheet(line)) == {"refused": 1}
        assert "cannot become" in problems(take_in)[0]
        take_in(sheet({"status": "拟注销"}))
        assert take_in(sheet(line)) == {"changed": 1}
        assert (only().status, only().closed_on) == ("closed", date(2026, 1, 5))

    def test_closed_accounts_come_in_closed_and_stay_as_they_are(self, take_in: Any) -> None:
        line = {"status": "已注销", "closed_on": "2024-06-30", "operators": "甲乙", "custodians": "甲乙"}
        assert take_in(sheet({**line, "closed_on": ""})) == {"refused": 1}
        assert take_in(sheet(line)) == {"created": 1}
        assert not Operator.select().where(Operator.until.is_null()).exists()
        assert take_in(sheet(line)) == {"unchanged": 1}
        assert take_in(sheet({**line, "followers": "5"})) == {"refused": 1}


class TestPeople:
    @pytest.mark.rule("s0-07-r11")
    def test_a_student_cannot_answer_for_an_account(self, take_in: Any, person: Callable[..., Person]) -> None:
        person("陈晨", kind="student")
        assert take_in(sheet({"responsible": "陈晨"})) == {"refused": 1}
        assert "陈晨" in problems(take_in)[0]

    @pytest.mark.rule("s0-07-r13")
    def test_who_has_left_can_be_left_alone_but_not_named_anew(
        self, take_in: Any, person: Callable[..., Person]
    ) -> None:
        someone = person("董子涵", kind="student")
        assert take_in(sheet({"operators": "董子涵"})) == {"created": 1}
        records.update(someone, in_service_until=TODAY - timedelta(days=1))
        assert take_in(sheet({"operators": "董子涵"})) == {"unchanged": 1}
        assert take_in(sheet({"operators": "董子涵", "followers": "9"})) == {"changed": 1}
        assert take_in(sheet({"identifier": "other", "operators": "董子涵"})) == {"refused": 1}

    def test_more_operators_than_the_platform_allows_are_refused(self, take_in: Any) -> None:
        six = "、".join(f"运营{c}" for c in "甲乙丙丁戊己")
        assert take_in(sheet({"operators": six})) == {"refused": 1}
        assert take_in(sheet({"operators": six, "platform": "微博"})) == {"created": 1}


def test_another_institution_has_nothing_of_it(take_in: Any, uni: World) -> None:
    take_in(sheet({}))
    assert not Account.select().where(Account.institution == uni.other).exists()
    assert services.responsible.held_by([uni.people["bob"]]) == [only()]
