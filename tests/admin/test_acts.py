"""What is done to a row beyond saving it: its page, its form, its verb."""

from __future__ import annotations

import pytest
from areas.samples.models import Item, Tag

from panel.audit.models import Entry

ACT = "/samples/item/act/"


@pytest.fixture
def alice(items, world, client_of):
    return client_of(world.user("alice"))


def test_the_page_says_what_is_done_to_what(alice, items):
    page = alice.get(f"{ACT}?act=lose&id={items[3].id}").text
    assert "登记遗失" in page
    assert f'href="/samples/item/details/?id={items[3].id}"' in page
    assert 'value="N-3"' in page  # as `ready` has it
    assert "物品03还在账上" in page
    assert "s0-07-r01" in page
    assert "全新" not in page.split("<form", 2)[-1]  # a choice that is left out
    assert page.count('maxlength="10"') == 1


def test_it_is_done_once_the_form_is_right_and_the_page_is_shown(alice, items):
    answer = alice.post(f"{ACT}?act=lose&id={items[3].id}", data={"kind": "lost", "where": "  走廊   尽头 "})
    assert answer.location == f"/samples/item/details/?id={items[3].id}"
    assert "已登记遗失。" in alice.get(answer.location).text
    row = Item.get_by_id(items[3].id)
    assert (row.kind, row.note) == ("lost", "走廊 尽头")
    assert Entry.select().where(Entry.action == "samples.item.update", Entry.subject_id == row.id).exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"kind": "lost", "where": "海里"}, "海里的不算遗失。"),
        ({"kind": "lost"}, "必须填写"),
        ({"kind": "new", "where": "走廊"}, "走廊"),
        ({"kind": "lost", "where": "很长很长很长很长很长很长"}, "很长很长很长很长很长很长"),
        ({"kind": "lost", "where": "走廊", "on": "昨天晚上"}, "昨天晚上"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(alice, items, sent, said):
    page = alice.post(ACT, data={"act": "lose", "id": items[3].id, **sent})
    assert page.status_code == 422
    assert said in page.text
    assert f'name="id" value="{items[3].id}"' in page.text  # the next try finds the row again
    assert Item.get_by_id(items[3].id).kind == items[3].kind


def test_an_act_on_a_part_leads_back_to_the_whole(alice, items):
    tag = Tag.get(Tag.name == "易碎")
    assert f"{items[0]} · {tag}" in alice.get(f"{ACT}?act=untag&id={tag.id}").text
    answer = alice.post(f"{ACT}?act=untag&id={tag.id}")
    assert answer.location == f"/samples/item/details/?id={items[0].id}#tags"
    assert "已取下易碎" in alice.get(answer.location).text
    assert not Tag.select().where(Tag.id == tag.id).exists()
    assert alice.post(f"{ACT}?act=untag&id={tag.id}").status_code == 404  # twice is once


@pytest.mark.parametrize("act", ["", "unknown", "LOSE"])
def test_an_unknown_act_is_not_found(alice, items, act):
    assert alice.get(f"{ACT}?act={act}&id={items[0].id}").status_code == 404


def test_nobody_does_it_to_a_row_out_of_reach(items, world, client_of):
    sent = {"kind": "lost", "where": "走廊"}
    for name, status in (("bob", 404), ("oscar", 404), ("carol", 403), ("dave", 403)):
        for page in (
            client_of(world.user(name)).post(f"{ACT}?act=lose&id={items[9].id}", data=sent),
            client_of(world.user(name)).get(f"{ACT}?act=lose&id={items[9].id}"),
        ):
            assert page.status_code == status, name
    assert client_of(None).post(f"{ACT}?act=lose&id={items[9].id}", data=sent).status_code == 302
    assert Item.get_by_id(items[9].id).note == ""
