"""The list: conditions in the address, order, pages, sight, and how it takes what is typed into an address."""

from __future__ import annotations

import pytest
from areas.samples.models import Item

from panel import records


@pytest.fixture
def alice(items, world, client_of):
    return client_of(world.user("alice"))


def names(page):
    """Names of the rows, in order."""
    import re

    return re.findall(r"<th scope=\"row\">.*?>(物品\d\d)</a>", page.text)


def test_list_shows_rows_newest_first_with_what_they_refer_to(alice):
    page = alice.get("/samples/item/")
    assert page.status_code == 200
    assert names(page) == [f"物品{n:02}" for n in range(11, -1, -1)]
    for text in ("党委宣传部", "物理实验室", "贵重、易碎", "10.50", '<span class="state state-ok">在用的</span>'):
        assert text in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=new", [9, 6, 3, 0]),
        ("kind=new&kind=lost", [11, 9, 8, 6, 5, 3, 2, 0]),
        ("q=物品03", [3]),
        ("q=N-1", [11, 10, 1]),
        ("q=Bob", [11, 9, 7, 5, 3, 1]),
        ("q=bob+物品1", [11]),
        ("price_from=100", [11, 10]),
        ("price_to=10.5", [1, 0]),
        ("deputy=-", [11, 10, 9, 7, 6, 5, 3, 2, 1]),
        ("tagged=yes", [0]),
        ("active=0", []),
        ("opened_on=-", list(range(11, -1, -1))),
        ("sort=name&size=20&q=物品0", list(range(10))),
        ("owner.kind=staff&kind=used&sort=-price", [10, 7, 4, 1]),
    ],
)
def test_conditions(alice, query, expected):
    assert names(alice.get(f"/samples/item/?{query}")) == [f"物品{n:02}" for n in expected]


def test_a_unit_brings_the_units_below_it(alice, world):
    page = alice.get(f"/samples/item/?unit={world.faculty.id}&sort=name")
    assert names(page) == [f"物品{n:02}" for n in range(8)]
    assert "理学院及下属" in page.text
    assert names(alice.get(f"/samples/item/?unit={world.lab.id}")) == ["物品07", "物品05", "物品03", "物品01"]


def test_a_name_typed_without_a_script_finds_its_row(alice):
    assert len(names(alice.get("/samples/item/?unit=物理实验室"))) == 4


def test_moving_dates_follow_the_calendar(alice, items):
    from datetime import timedelta

    from panel.i18n import today

    for item, days in zip(items[:3], (-5, 5, 50), strict=True):
        records.update(item, opened_on=today() + timedelta(days=days))
    assert names(alice.get("/samples/item/?opened_on=past")) == ["物品00"]
    assert names(alice.get("/samples/item/?opened_on=next30")) == ["物品01"]
    assert names(alice.get("/samples/item/?opened_on_from=today&opened_on_to=60d&sort=opened_on")) == [
        "物品01",
        "物品02",
    ]
    assert names(alice.get("/samples/item/?sort=opened_on&size=20"))[:3] == ["物品00", "物品01", "物品02"]
    assert names(alice.get("/samples/item/?sort=-opened_on&size=20"))[:3] == ["物品02", "物品01", "物品00"]


def test_percent_and_underscore_stand_for_themselves(alice, items):
    records.update(items[4], name="折扣 50%_纯")
    assert "折扣 50%_纯" in alice.get("/samples/item/?q=50%25_").text
    assert names(alice.get("/samples/item/?q=%25")) == []
    assert names(alice.get("/samples/item/?q=_")) == []
    assert "没有" in alice.get("/samples/item/?q=%25%25").text


HOSTILE = [
    "page=0", "page=-1", "page=99999999999999999999", "page=x", "size=7", "size=1e9", "sort=secret", "sort=;drop",
    "kind=nonsense", "unit=999999", "unit=99999999999999999999", "unit=abc", "owner=-1", "price_from=abc",
    "price_from=9e99", "price_to=NaN", "opened_on=never", "opened_on_from=2019.13.45", "opened_on_to=99999999d",
    "opened_on_to=٣d", "amount_from=99999999999999999999", "cols=password_hash,x", "cols=", "tagged=maybe",
    "q=%00", "note=%00", "owner.kind=x", "active=2", "seen_at_from=0001-01-01",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses_are_left_out_with_a_notice(alice, query):
    page = alice.get(f"/samples/item/?{query}", follow_redirects=True)
    assert page.status_code == 200
    assert len(names(page)) in (0, 12) if query.startswith("note") else len(names(page)) == 12
    if query not in ("cols=", "q=%00", "note=%00", "opened_on_to=٣d"):
        assert "已忽略" in page.text


def test_a_page_beyond_the_last_is_the_last(alice):
    assert len(names(alice.get("/samples/item/?page=7"))) == 12


def test_many_conditions_do_not_break(alice):
    query = "&".join(["kind=new"] * 500 + [f"unit={n}" for n in range(900)])
    assert alice.get(f"/samples/item/?{query}").status_code == 200


def test_chips_are_removable_and_forms_lead_to_clean_addresses(alice, world):
    page = alice.get(f"/samples/item/?kind=new&unit={world.faculty.id}&q=物品&sort=name")
    assert f'href="/samples/item/?q=%E7%89%A9%E5%93%81&amp;unit={world.faculty.id}&amp;sort=name"' in page.text
    sent = alice.get("/samples/item/?q=&kind=new&unit=&price_from=&price_to=&opened_on=")
    assert sent.status_code == 302
    assert sent.location == "/samples/item/?kind=new"


def test_an_empty_list_says_which_condition_to_drop(alice, world):
    page = alice.get(f"/samples/item/?kind=lost&unit={world.office.id}&deputy=-&q=物品09")
    assert "没有同时符合这 4 个条件的内容" in page.text
    assert "去掉“状态：丢失的”后有 1 条" in page.text


def test_columns_can_be_chosen(alice):
    page = alice.get("/samples/item/?cols=kind,deputy,secret,owner.unit")
    assert '<th scope="col">代管人' in page.text
    assert 'data-label="责任人 · 部门"' in page.text
    assert 'data-label="责任人"' not in page.text


def test_secrets_are_never_shown(alice, items):
    records.update(items[0], secret="hunter2")
    for address in ("?cols=secret", f"details/?id={items[0].id}", f"edit/?id={items[0].id}"):
        assert "hunter2" not in alice.get(f"/samples/item/{address}").text


def test_rows_of_other_units_and_institutions_are_out_of_sight(items, world, client_of):
    bob = client_of(world.user("bob"))
    assert len(names(bob.get("/samples/item/"))) == 8
    assert bob.get(f"/samples/item/details/?id={items[9].id}").status_code == 404
    oscar = client_of(world.user("oscar"))
    assert names(oscar.get("/samples/item/")) == []
    assert oscar.get(f"/samples/item/details/?id={items[0].id}").status_code == 404
    assert "理学院" not in oscar.get(f"/samples/item/?unit={world.faculty.id}").text
    assert client_of(world.user("dave")).get("/samples/item/").status_code == 403


def test_markup_in_a_value_stays_text(alice, items):
    records.update(items[0], name="<script>alert(1)</script>", note='"><img src=x onerror=alert(1)>')
    for address in ("", f"details/?id={items[0].id}", f"edit/?id={items[0].id}", f"delete/?id={items[0].id}"):
        text = alice.get(f"/samples/item/{address}").text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    text = alice.get("/samples/item/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in text


def test_deep_pages_hold_the_same_rows_as_the_whole_list(items, world, panel_app):
    """Beyond the middle the list is read from its end."""
    from dataclasses import replace

    from panel.access.identity import acting_as
    from panel.admin.listing import Listing
    from panel.admin.state import State

    records.bulk_create(
        Item,
        [
            {"institution": world.uni, "name": f"批量{n % 7}", "unit": world.lab, "price": n % 5 or None}
            for n in range(90)
        ],
    )
    with panel_app.test_request_context(), acting_as(world.identity("alice")):
        view = next(p for p in panel_app.extensions["zhangyin"].pages if p.endpoint == "samples_item")
        for sort in ("-id", "id", "name", "-name", "price", "-price", "owner", "-unit"):
            state = replace(State.parse(view, ""), sort=sort) if sort != "id" else State.parse(view, "")
            listing = Listing(replace(state, size=20))
            ids = list(listing.ids(1000))
            paged = []
            for number in range(1, 7):
                offset = (number - 1) * 20
                paged += [row.id for row in listing.rows(offset, len(ids))]
            assert paged == ids
            assert len(set(ids)) == 102
