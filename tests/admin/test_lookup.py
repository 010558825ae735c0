"""Type-ahead, the search page and the home page: only what is in sight."""

from __future__ import annotations

import pytest

from panel import records
from panel.access.models import PluginSwitch
from panel.org.models import Person


@pytest.fixture
def people(items, world):
    """Two of one name in two units, and one elsewhere."""
    made = [
        records.create(Person, institution=world.uni, unit=unit, name="韩梅", initials="hm", number=number)
        for unit, number in ((world.office, "2019001"), (world.lab, "2020001"))
    ]
    made.append(records.create(Person, institution=world.other, unit=world.other_unit, name="韩梅梅", initials="hmm"))
    return made


def texts(answer):
    return [(row["text"], row["note"]) for row in answer.json]


@pytest.mark.parametrize("typed", ["韩", "hm", "HM", "韩梅", "2020001"])
def test_people_are_found_by_name_initials_and_number(people, world, client_of, typed):
    found = client_of(world.user("alice")).get(f"/lookup/org.person?q={typed}").json
    expected = {people[1].id} if typed.isdecimal() else {people[0].id, people[1].id}
    assert {row["id"] for row in found} == expected
    assert all(row["text"] == "韩梅" and row["note"] for row in found)


def test_a_lookup_gives_only_rows_in_sight(people, world, client_of):
    assert len(texts(client_of(world.user("bob")).get("/lookup/org.person?q=hm"))) == 1
    assert texts(client_of(world.user("oscar")).get("/lookup/org.person?q=hm")) == [("韩梅梅", "别处学院")]
    assert client_of(world.user("dave")).get("/lookup/org.person?q=hm").status_code == 404
    assert client_of(None).get("/lookup/org.person?q=hm").status_code == 302
    for key in ("org.nonsense", "access.setting", "..%2f", "audit.entry"):
        assert client_of(world.user("dave")).get(f"/lookup/{key}").status_code == 404


def test_a_lookup_for_a_form_gives_what_may_be_chosen_there(items, world, client_of):
    bob = client_of(world.user("bob"))
    units = {text for text, _note in texts(bob.get("/lookup/org.unit?for=samples_item.unit"))}
    assert units == {"理学院", "物理实验室"}
    for hostile in ("samples_item.owner", "samples_item.secret", "x.y", "samples_item", "home.unit"):
        assert bob.get(f"/lookup/org.unit?for={hostile}").status_code == 404
    assert client_of(world.user("carol")).get("/lookup/org.unit?for=samples_item.unit").status_code == 404


def test_wildcards_are_letters(people, world, client_of):
    alice = client_of(world.user("alice"))
    for typed in ("%25", "_", "%00", "'", "\\"):
        assert alice.get(f"/lookup/org.person?q={typed}").status_code == 200
    assert alice.get("/lookup/org.person?q=%25").json == []


def test_search_looks_into_every_list_one_may_see(people, items, world, client_of):
    page = client_of(world.user("alice")).get("/search?q=物品0")
    assert page.text.count("物品0") > 5
    assert "查看全部" in page.text
    assert "韩梅" in client_of(world.user("alice")).get("/search?q=hm").text
    assert "物品0</a>" not in client_of(world.user("oscar")).get("/search?q=物品0").text
    assert "没有找到" in client_of(world.user("dave")).get("/search?q=物品0").text
    assert "<script>" not in client_of(world.user("alice")).get("/search?q=<script>alert(1)</script>").text


def test_home_says_what_to_do_first_and_what_is_not_yours(items, world, client_of):
    assert "从这里开始" not in client_of(world.user("alice")).get("/").text  # the register has rows
    assert "新增物品" in client_of(world.user("oscar")).get("/").text  # an empty register he may fill
    assert "还没有您能看到的内容" in client_of(world.user("dave")).get("/").text


def test_a_plugin_switched_off_is_gone_everywhere(items, world, client_of):
    from panel.org.models import Institution

    switch = PluginSwitch.get(PluginSwitch.institution == world.uni, PluginSwitch.plugin == "samples")
    records.update(switch, enabled=False)
    records.derive(Institution, Institution.id == world.uni.id, access_stamp=Institution.access_stamp + 1)
    alice = client_of(world.user("alice"))
    assert alice.get("/samples/item/").status_code == 404
    for address in ("/", "/search?q=物品", f"/org/unit/details/?id={world.lab.id}"):
        assert "/samples/item/" not in alice.get(address).text
    assert alice.get("/lookup/org.unit?for=samples_item.unit").status_code == 404
