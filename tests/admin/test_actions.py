"""Saved filters, actions on ticked rows, values edited in the list, export."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from urllib.parse import unquote

import pytest
from areas.samples.models import Item
from openpyxl import load_workbook

from panel import records
from panel.admin.export import harmless
from panel.admin.models import SavedFilter
from panel.audit.models import Entry
from panel.i18n import today

ACTION = "/samples/item/action/"
EXPORT = "/samples/item/export/"
SAVED = "/samples/item/saved/"


@pytest.fixture
def alice(items, world, client_of):
    return client_of(world.user("alice"))


# ── actions on ticked rows ─────────────────────────────────────────────────────────────────────


def test_an_action_says_how_many_then_does_them_all(alice, items):
    ids = [item.id for item in items[:3]]
    page = alice.post(ACTION, data={"action": "retire", "id": ids, "list": "sort=name"})
    assert page.status_code == 200
    assert "停用这 3 件物品？" in page.text
    assert not Item.select().where(~Item.active).exists()
    sent = {"action": "retire", "id": ids, "list": "sort=name", "expected": "3", "reason": "报废"}
    answer = alice.post(ACTION, data=sent)
    assert answer.location == "/samples/item/?sort=name"
    assert Item.select().where(~Item.active).count() == 3
    entries = list(Entry.select().where(Entry.action == "samples.item.update", Entry.reason == "报废"))
    assert len(entries) == 3
    assert len({e.correlation for e in entries}) == 1
    assert "停用：已处理 3 条" in alice.get(answer.location).text


def test_all_rows_of_a_list_are_asked_about_again_when_their_number_changed(alice, items):
    sent = {"action": "retire", "all": "1", "list": "kind=used"}
    assert "停用这 4 件物品？" in alice.post(ACTION, data=sent).text
    records.update(items[0], kind="used")
    page = alice.post(ACTION, data=sent | {"expected": "4"})
    assert "停用这 5 件物品？" in page.text
    assert not Item.select().where(~Item.active).exists()
    assert alice.post(ACTION, data=sent | {"expected": "5"}).status_code == 302
    assert Item.select().where(~Item.active).count() == 5


def test_an_action_is_all_or_nothing(alice, items):
    ids = [item.id for item in items[:3]]  # the first has tags: it cannot be deleted
    page = alice.post(ACTION, data={"action": "delete_rows", "id": ids, "expected": "3"})
    assert page.status_code == 409
    assert "“物品00”仍被引用" in page.text
    assert Item.select().count() == 12
    assert alice.post(ACTION, data={"action": "delete_rows", "id": ids[1:], "expected": "2"}).status_code == 302
    assert Item.select().count() == 10


def test_actions_ask_for_their_own_permission_and_know_no_foreign_row(items, world, client_of):
    sent = {"action": "retire", "id": [items[0].id], "expected": "1"}
    assert client_of(world.user("carol")).post(ACTION, data=sent).status_code == 403
    assert client_of(world.user("oscar")).post(ACTION, data=sent).status_code == 404
    bob = client_of(world.user("bob"))
    assert bob.post(ACTION, data=sent | {"id": [items[0].id, items[9].id], "expected": "2"}).status_code == 404
    for hostile in ({"action": "drop"}, {"action": "load"}, {"id": ["x"]}, {"id": ["-1"]}, {"id": ["9" * 30]}):
        assert bob.post(ACTION, data=sent | hostile).status_code == 404
    assert not Item.select().where(~Item.active).exists()
    carol = client_of(world.user("carol")).get("/samples/item/")
    assert 'value="retire"' not in carol.text


def test_nothing_ticked_is_said(alice):
    answer = alice.post(ACTION, data={"action": "retire"}, follow_redirects=True)
    assert "请先勾选" in answer.text


# ── values edited in the list ──────────────────────────────────────────────────────────────────


def cell(item, field):
    return f"/samples/item/cell/?id={item.id}&field={field}"


def test_a_value_is_edited_in_the_list(alice, items):
    item = items[0]
    page = alice.get(cell(item, "kind"))
    assert '<option value="used">' in page.text
    assert "<html" in page.text
    assert "<html" not in alice.get(cell(item, "kind"), headers={"X-Fragment": "cell"}).text
    sent = {"version": item.version, "opened_on": "2019.3.12"}
    answer = alice.post(cell(item, "opened_on"), data=sent, headers={"X-Fragment": "cell"})
    assert answer.status_code == 200
    assert "2019-03-12" in answer.text
    assert Item.get_by_id(item.id).opened_on == date(2019, 3, 12)
    answer = alice.post(cell(item, "amount") + "&list=sort%3Dname", data={"version": 2, "amount": "７"})
    assert answer.location == "/samples/item/?sort=name"
    assert Item.get_by_id(item.id).amount == 7


def test_a_bad_or_stale_value_is_refused_with_what_was_typed(alice, items):
    item = items[0]
    page = alice.post(cell(item, "amount"), data={"version": 1, "amount": "多"}, headers={"X-Fragment": "cell"})
    assert page.status_code == 422
    assert 'value="多"' in page.text
    records.update(item, amount=500)
    page = alice.post(cell(item, "amount"), data={"version": 1, "amount": "9"}, headers={"X-Fragment": "cell"})
    assert page.status_code == 409
    assert "500" in page.text
    assert 'value="9"' in page.text
    assert Item.get_by_id(item.id).amount == 500
    assert 'name="version" value="2"' in page.text
    records.update(item, note="另一处")  # another value changed: no reason to refuse
    sent = {"version": 2, "amount": "9", "keep-amount": "mine"}
    assert alice.post(cell(item, "amount"), data=sent, headers={"X-Fragment": "cell"}).status_code == 200
    assert Item.get_by_id(item.id).amount == 9


def test_only_declared_values_are_edited_and_only_by_who_may(items, world, client_of):
    for user, status in (("alice", 200), ("bob", 200), ("carol", 403), ("oscar", 404)):
        assert client_of(world.user(user)).get(cell(items[0], "kind")).status_code == status
    alice = client_of(world.user("alice"))
    for field in ("name", "secret", "institution", "version", "__class__", ""):
        assert alice.get(cell(items[0], field)).status_code == 404
    assert client_of(world.user("bob")).post(cell(items[9], "kind"), data={"kind": "lost"}).status_code == 404


# ── saved filters ──────────────────────────────────────────────────────────────────────────────


def test_a_view_is_saved_marked_and_forgotten(alice, world, client_of):
    answer = alice.post(SAVED, data={"list": "sort=name&kind=used&page=3", "name": "在用的物品"})
    assert answer.location == "/samples/item/?kind=used&sort=name"
    page = alice.get(answer.location)
    assert re.search(r'aria-current="true">在用的物品', page.text)
    assert not re.search(r'aria-current="true">在用的物品', alice.get("/samples/item/").text)
    assert "在用的物品" not in client_of(world.user("bob")).get("/samples/item/").text
    again = alice.post(SAVED, data={"list": "kind=used", "name": "在用的物品"})
    assert again.status_code == 422
    assert "同名" in again.text
    kept = SavedFilter.get()
    assert client_of(world.user("bob")).post(SAVED, data={"delete": kept.id}).status_code == 404
    assert alice.post(SAVED, data={"delete": kept.id}).status_code == 302
    assert SavedFilter.select().count() == 0


def test_a_shared_view_is_seen_in_the_institution_and_shared_by_who_may(alice, items, world, client_of):
    assert alice.post(SAVED, data={"list": "kind=used", "name": "共用", "shared": "1"}).status_code == 302
    assert "共用" in client_of(world.user("bob")).get("/samples/item/").text
    assert "共用" not in client_of(world.user("oscar")).get("/samples/item/").text
    carol = client_of(world.user("carol"))
    assert carol.post(SAVED, data={"list": "kind=lost", "name": "我的", "shared": "1"}).status_code == 403
    assert carol.post(SAVED, data={"list": "kind=lost", "name": "我的"}).status_code == 302
    assert carol.post(SAVED, data={"delete": SavedFilter.get(SavedFilter.shared).id}).status_code == 403


# ── export ─────────────────────────────────────────────────────────────────────────────────────


def sheet(answer):
    return list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))


def test_the_filtered_list_as_xlsx_and_csv(alice, items):
    records.update(items[3], opened_on=date(2019, 3, 12), secret="hunter2")
    answer = alice.get(f"{EXPORT}?kind=new&sort=name&columns=all")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert unquote(answer.headers["Content-Disposition"]).endswith(
        f"filename*=UTF-8''物品台账-{today().isoformat()}.xlsx"
    )
    heads, *rows = sheet(answer)
    assert heads[:3] == ("名称", "部门", "责任人")
    assert [row[0] for row in rows] == ["物品00", "物品03", "物品06", "物品09"]
    second = dict(zip(heads, rows[1], strict=True))
    assert second["启用日期"].date() == date(2019, 3, 12)
    assert (second["价格（元）"], second["数量"], second["状态"]) == (31.5, 1, "新的")
    assert dict(zip(heads, rows[0], strict=True))["标签"] == "贵重、易碎"
    assert b"hunter2" not in answer.data
    text = alice.get(f"{EXPORT}?kind=new&sort=name&format=csv&cols=name,price,secret").data
    assert text.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))[1] == ["物品00", "0.00", ""]
    assert "hunter2" not in text.decode()
    noted = Entry.select().where(Entry.action == "org.institution.export").order_by(Entry.id.desc()).first()
    assert noted.after["rows"] == 4


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", " =1+1", "＝1+1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula(alice, items, text):
    records.update(items[0], name=text, code=text[:20])
    answer = alice.get(f"{EXPORT}?sort=id&columns=all&q=&kind=new")
    book = load_workbook(io.BytesIO(answer.data))
    assert {c.data_type for row in book.active.iter_rows() for c in row} <= {"s", "n", "d"}
    for row in csv.reader(io.StringIO(alice.get(f"{EXPORT}?format=csv&columns=all").data.decode("utf-8-sig"))):
        for value in row:
            assert not value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_harmless_leaves_ordinary_text_alone():
    assert [harmless(t) for t in ("示大", "a=b", "3-4", "")] == ["示大", "a=b", "3-4", ""]


def test_ticked_rows_are_exported(alice, items):
    heads, *rows = sheet(alice.post(EXPORT, data={"id": [items[1].id, items[5].id], "list": "sort=name&cols=name"}))
    assert (heads, rows) == (("名称",), [("物品01",), ("物品05",)])


def test_an_export_holds_only_what_may_be_seen(items, world, client_of):
    bob = client_of(world.user("bob"))
    assert len(sheet(bob.get(EXPORT))) == 9
    assert bob.post(EXPORT, data={"id": [items[9].id]}).status_code == 404
    assert client_of(world.user("oscar")).post(EXPORT, data={"id": [items[0].id]}).status_code == 404
    assert client_of(world.user("dave")).get(EXPORT).status_code == 403


def test_a_file_that_would_be_too_long_is_refused(alice, monkeypatch):
    monkeypatch.setattr("panel.admin.export.MOST", 5)
    page = alice.get(EXPORT)
    assert page.status_code == 422
    assert "最多导出 5 条" in page.text


def test_control_characters_do_not_break_a_file(alice, items):
    records.update(items[0], note="a\x0bb\x1fc")
    assert alice.get(f"{EXPORT}?columns=all").status_code == 200
