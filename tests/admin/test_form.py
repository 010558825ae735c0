"""Creating, editing, deleting: nothing typed is lost, nothing is written where it may not be."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from areas.samples.models import Item

from panel import audit, records
from panel.access.models import Grant
from panel.org.models import Institution, Person

NEW = "/samples/item/new/"


@pytest.fixture
def alice(items, world, client_of):
    return client_of(world.user("alice"))


def edit(item):
    return f"/samples/item/edit/?id={item.id}"


def typed(item, **changes):
    """What the browser sends for the untouched form of an item, with changes."""
    fields = {
        "version": item.version,
        "name": item.name,
        "code": item.code or "",
        "unit": str(item.unit),
        "unit-id": item.unit_id,
        "kind": item.kind,
        "grade": item.grade or "",
        "owner": str(item.owner or ""),
        "owner-id": item.owner_id or "",
        "deputy": str(item.deputy or ""),
        "deputy-id": item.deputy_id or "",
        "price": "" if item.price is None else f"{item.price / 100:.2f}",
        "amount": item.amount,
        "active": "y",
        "note": item.note,
    }
    return {**fields, **changes}


def again(item):
    return Item.get_by_id(item.id)


def test_a_new_record_from_what_people_type(alice, world):
    answer = alice.post(
        NEW,
        data={
            "name": "  新 物品 ",
            "code": "",
            "unit": "物理实验室",
            "kind": "used",
            "opened_on": "2019年3月12日",
            "owner": "Bob",
            "price": "1,234.5",
            "amount": "１２",
            "seen_at": "2026-11-20 17:05",
            "note": "第一行\r\n第二行",
        },
    )
    assert answer.status_code == 302
    made = Item.get(Item.name == "新 物品")
    assert (made.unit_id, made.owner_id) == (world.lab.id, world.people["bob"].id)
    assert (made.opened_on, made.price, made.amount) == (date(2019, 3, 12), 123450, 12)
    assert made.seen_at == datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    assert (made.code, made.active, made.note) == (None, False, "第一行\n第二行")
    assert made.institution_id == world.uni.id


def test_the_untouched_form_changes_nothing(alice, items):
    for item in items:
        assert alice.post(edit(item), data=typed(item)).status_code == 302
        assert again(item).version == item.version


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("name", "", "此项必须填写"),
        ("name", "长" * 61, "60"),
        ("name", "官方", "“官方”是受保护的词。"),
        ("code", "N-1", "这个编号已有物品使用。"),
        ("price", "-1", "价格不能为负"),
        ("price", "3.145", "最多两位小数"),
        ("price", "十元", "这不是金额"),
        ("amount", "1e9", "这不是整数"),
        ("amount", "99999999999", "不能大于"),
        ("opened_on", "2019.13.1", "13"),
        ("opened_on", "2019.3", "缺少日"),
        ("seen_at", "昨天", "2026-11-20 17:05"),
        ("unit", "没有这个部门", "没有找到“没有这个部门”"),
        ("unit", "", "此项必须填写"),
    ],
)
def test_errors_stand_at_their_field_and_nothing_typed_is_lost(alice, items, field, text, message):
    changes = {field: text, "note": "我写了很多字" * 20}
    if field == "unit":
        changes["unit-id"] = ""
    page = alice.post(edit(items[0]), data=typed(items[0], **changes))
    assert page.status_code == 422
    assert message in page.text
    assert "您填的内容都还在" in page.text
    assert f'href="#{field}"' in page.text
    assert "我写了很多字" in page.text
    if text:
        assert re.search(rf'name="{field}"[^>]*value="{re.escape(text)}"', page.text)
    assert again(items[0]).version == items[0].version


def test_a_name_of_two_people_asks_which(alice, world, items):
    first = records.create(Person, institution=world.uni, unit=world.office, name="韩梅", number="7")
    second = records.create(Person, institution=world.uni, unit=world.lab, name="韩梅", number="8")
    page = alice.post(edit(items[0]), data=typed(items[0], **{"owner": "韩梅", "owner-id": ""}))
    assert page.status_code == 422
    assert "有多个“韩梅”" in page.text
    for person, unit in ((first, "党委宣传部"), (second, "物理实验室")):
        assert f'name="owner-pick" value="{person.id}"' in page.text
        assert unit in page.text
    sent = typed(items[0], **{"owner": "韩梅", "owner-id": "", "owner-pick": second.id})
    assert alice.post(edit(items[0]), data=sent).status_code == 302
    assert again(items[0]).owner_id == second.id
    sent = typed(again(items[0]), **{"owner": "7", "owner-id": ""})
    assert alice.post(edit(items[0]), data=sent).status_code == 302
    assert again(items[0]).owner_id == first.id


def test_several_people_and_at_most_two(alice, world, items):
    ids = [world.people[n].id for n in ("alice", "bob", "carol")]
    page = alice.post(edit(items[0]), data=typed(items[0], **{"helpers-id": ids[:2], "helpers": "Carol"}))
    assert page.status_code == 422
    assert "共 3 个，超出上限，最多 2 个" in page.text
    for name in ("Alice", "Bob", "Carol"):
        assert f"<b>{name}</b>" in page.text
    assert alice.post(edit(items[0]), data=typed(items[0], helpers="Alice、Bob")).status_code == 302
    page = alice.post(edit(items[0]), data=typed(items[0], **{"helpers-id": ids[:1], "helpers": "Nobody"}))
    assert "没有找到“Nobody”" in page.text
    assert 'value="Nobody"' in page.text


def test_a_foreign_id_in_a_field_is_not_found(alice, world, items):
    for field, row in (
        ("unit", world.other_unit),
        ("owner", world.people["oscar"]),
        ("helpers", world.people["oscar"]),
    ):
        changes = {field: "" if field == "helpers" else str(row), f"{field}-id": row.id}
        assert alice.post(edit(items[0]), data=typed(items[0], **changes)).status_code == 404
    for row_id in ("999999999", "1 OR 1=1", "-1", "9" * 40):
        sent = typed(items[0], **{"unit": "x", "unit-id": row_id})
        assert alice.post(edit(items[0]), data=sent).status_code == 404
    assert again(items[0]).version == items[0].version


def test_nobody_writes_to_a_unit_beyond_theirs(items, world, client_of):
    bob = client_of(world.user("bob"))
    sent = {"name": "越界", "unit": "党委宣传部", "unit-id": world.office.id, "kind": "new"}
    assert bob.post(NEW, data=sent).status_code in (404, 422)
    assert not Item.select().where(Item.name == "越界").exists()
    assert bob.get(edit(items[9])).status_code == 404
    moved = typed(items[0], **{"unit": "党委宣传部", "unit-id": world.office.id})
    assert bob.post(edit(items[0]), data=moved).status_code in (404, 422)
    assert again(items[0]).unit_id == items[0].unit_id
    carol = client_of(world.user("carol"))
    assert carol.get(edit(items[0])).status_code == 403
    assert carol.post(NEW, data=sent).status_code == 403


def test_a_stale_save_shows_both_values_and_lets_one_choose(alice, world, items):
    item = items[0]
    records.update(item, name="他改的名", note="他写的备注", amount=7)
    mine = typed(item, version=1, name="我改的名", note="", amount=1, grade="a")
    page = alice.post(edit(item), data=mine)
    assert page.status_code == 409
    assert "他人已保存此记录" in page.text
    for text in ("他改的名", "我改的名", "他写的备注"):
        assert text in page.text
    keep = dict(re.findall(r'name="keep-(\w+)" value="(\w+)" checked', page.text))
    assert keep == {"name": "mine", "note": "theirs", "amount": "theirs"}  # note and amount I did not touch
    assert 'name="version" value="2"' in page.text
    sent = mine | {"version": 2} | {f"keep-{k}": v for k, v in keep.items()}
    assert alice.post(edit(item), data=sent).status_code == 302
    now = again(item)
    assert (now.name, now.note, now.amount, now.grade) == ("我改的名", "他写的备注", 7, "a")


def test_hostile_versions_are_stale(alice, items):
    for version in ("", "x", "-1", "9" * 30):
        page = alice.post(edit(items[0]), data=typed(items[0], version=version, name="新名"))
        assert page.status_code in (409, 422)
        assert again(items[0]).name == items[0].name


def test_save_and_next_follows_the_list(alice, items):
    address = f"/samples/item/edit/?id={items[4].id}&list=kind%3Dused%26sort%3Dname"
    answer = alice.post(address, data=typed(items[4], next="1", kind="lost"))
    assert answer.location == f"/samples/item/edit/?id={items[7].id}&list=kind%3Dused%26sort%3Dname"
    last = alice.post(
        f"/samples/item/edit/?id={items[10].id}&list=kind%3Dused%26sort%3Dname", data=typed(items[10], next="1")
    )
    assert last.location == "/samples/item/?kind=used&sort=name"


@pytest.mark.rule("s0-07-r01")
def test_a_field_cites_the_rule_that_binds_it(alice):
    page = alice.get(NEW)
    assert re.search(r'class="rule".*s0-07-r01', page.text, re.S)


def test_deleting_asks_first_and_lists_what_stands_in_the_way(alice, items):
    page = alice.get(f"/samples/item/delete/?id={items[0].id}")
    assert "标签 <b>2</b>" in page.text
    assert alice.post(f"/samples/item/delete/?id={items[0].id}").status_code == 409
    archived = alice.post(f"/samples/item/delete/?id={items[0].id}", data={"archive": "1", "reason": "报废"})
    assert archived.status_code == 302
    assert again(items[0]).archived_at is not None
    assert audit.history(items[0]).first().reason == "报废"
    assert "将删除“物品01”" in alice.get(f"/samples/item/delete/?id={items[1].id}").text
    assert alice.post(f"/samples/item/delete/?id={items[1].id}").status_code == 302
    assert Item.get_or_none(Item.id == items[1].id) is None


def test_an_address_may_fill_in_a_reference(alice, world):
    assert (
        f'name="owner-id" value="{world.people["bob"].id}"' in alice.get(f"{NEW}?owner={world.people['bob'].id}").text
    )
    assert "Oscar" not in alice.get(f"{NEW}?owner={world.people['oscar'].id}").text


def test_forms_hold_no_inline_script_or_style(alice, items):
    for address in ("/samples/item/", edit(items[0]), f"/samples/item/details/?id={items[0].id}", "/"):
        text = alice.get(address).text
        assert not re.search(r"\sstyle=|\son\w+=|javascript:|<style|<script(?! src)", text)
        assert "bootstrap" not in text
        assert "jquery" not in text


def test_the_details_page_tells_facts_relatives_and_history(alice, world, items):
    with audit.acting("web", user=world.user("carol"), ip="10.9.8.7", reason="盘点"):
        records.update(items[0], kind="lost", owner=world.people["carol"], price=None)
    page = alice.get(f"/samples/item/details/?id={items[0].id}")
    for text in (
        "贵重、易碎",
        "<b>Carol</b> 修改",
        "<del>新的</del>",
        "<ins>丢失的</ins>",
        "原因：盘点",
        "10.9.8.7",
        "<ins>Carol</ins>",
    ):
        assert text in page.text
    assert "新增 标签 贵重" in page.text  # a part of the record
    unit = alice.get(f"/org/unit/details/?id={world.lab.id}")
    assert "物品01" in unit.text
    assert f'href="/samples/item/new/?unit={world.lab.id}"' in unit.text


def test_history_has_pages(alice, items):
    for number in range(25):
        records.update(items[1], amount=number + 100)
    page = alice.get(f"/samples/item/details/?id={items[1].id}")
    assert page.text.count("<ins>") == 10
    assert "history=2#log" in page.text
    last = alice.get(f"/samples/item/details/?id={items[1].id}&history=3")
    assert last.text.count("<li><time") == 6
    for hostile in ("0", "-1", "x", "9" * 30):
        assert alice.get(f"/samples/item/details/?id={items[1].id}&history={hostile}").status_code == 200


def test_who_may_look_but_not_change_is_told_so(items, world, client_of):
    records.create(Grant, institution=world.uni, user=world.user("bob"), role=world.roles["read"], unit=world.root_unit)
    records.derive(Institution, Institution.id == world.uni.id, access_stamp=Institution.access_stamp + 1)
    bob = client_of(world.user("bob"))
    assert bob.get(f"/samples/item/details/?id={items[9].id}").status_code == 200
    for address in (edit(items[9]), f"/samples/item/delete/?id={items[9].id}"):
        page = bob.get(address)
        assert page.status_code == 403
        assert "您可以查看，但无权修改" in page.text
    sent = {"action": "retire", "id": [items[0].id, items[9].id], "expected": "2"}
    page = bob.post("/samples/item/action/", data=sent)
    assert page.status_code == 403
    assert "其中 1 条您无权修改" in page.text
    assert again(items[0]).active
