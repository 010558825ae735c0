"""The unit tree: whatever is moved where, it stays one tree and the paths tell it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.access.identity import acting_as, system
from panel.database import db
from panel.errors import InUse, NotAllowed, Refused
from panel.org import services
from panel.org.models import Institution, Person, Unit
from tests.cast import World


@pytest.fixture(autouse=True)
def _at_work(world: World) -> Any:
    with acting_as(world.identity("alice")):
        yield


def move(unit: Unit, parent: Unit) -> Unit:
    return services.change_unit(unit, None, {"parent": parent})


def assert_one_tree(institution: Institution) -> None:
    units = {u.id: u for u in Unit.select().where(Unit.institution == institution)}
    assert [u for u in units.values() if u.parent_id is None] == [services.root_of(institution)]
    for unit in units.values():
        above = units[unit.parent_id].path if unit.parent_id else "/"
        assert unit.path == f"{above}{unit.id}/"
        assert unit.path.count(f"/{unit.id}/") == 1


def test_a_new_unit_hangs_below_its_parent(world: World) -> None:
    unit = services.add_unit({"name": "  新闻 中心 ", "parent": world.office, "kind": "function"})
    assert unit.name == "新闻 中心"
    assert unit.path == f"{world.office.path}{unit.id}/"
    assert services.add_unit({"name": "校医院"}).parent_id == world.root_unit.id


def test_moving_takes_everything_below_along_and_tells_every_process(world: World) -> None:
    stamp = Institution.get_by_id(world.uni.id).access_stamp
    move(world.faculty, world.office)
    assert Unit.get_by_id(world.lab.id).path == f"{world.office.path}{world.faculty.id}/{world.lab.id}/"
    assert Institution.get_by_id(world.uni.id).access_stamp > stamp
    assert_one_tree(world.uni)


def test_a_unit_cannot_hang_below_itself(world: World) -> None:
    for parent in (world.faculty, world.lab):
        with pytest.raises(Refused) as refusal:
            move(world.faculty, parent)
        assert refusal.value.field == "parent"
    with pytest.raises(Refused):
        move(world.root_unit, world.lab)
    assert_one_tree(world.uni)


def test_a_unit_stays_in_its_institution(world: World) -> None:
    with pytest.raises(Refused):
        move(world.lab, world.other_unit)
    with pytest.raises(NotAllowed):
        services.add_unit({"name": "外部", "parent": world.other_unit})


def test_the_tree_has_a_depth_that_its_path_can_hold(world: World) -> None:
    unit = world.lab
    while len(unit.path.strip("/").split("/")) < services.DEEPEST:
        unit = services.add_unit({"name": "下一层", "parent": unit})
    with pytest.raises(Refused):
        services.add_unit({"name": "太深", "parent": unit})
    with pytest.raises(Refused):
        move(world.faculty, services.add_unit({"name": "又一层", "parent": world.office}))


def test_a_name_is_free_once_under_a_parent(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        services.add_unit({"name": "物理实验室", "parent": world.faculty})
    assert refusal.value.field == "name"
    assert services.add_unit({"name": "物理实验室", "parent": world.office}).id


def test_who_works_in_a_part_of_the_tree_moves_nothing_out_of_or_beside_it(world: World) -> None:
    with acting_as(world.identity("bob")):
        assert services.add_unit({"name": "化学实验室", "parent": world.faculty}).id
        for attempt in (
            lambda: services.add_unit({"name": "越界", "parent": world.office}),
            lambda: move(world.lab, world.office),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_a_unit_with_open_parts_or_people_is_not_archived(world: World) -> None:
    with pytest.raises(InUse) as refusal:
        services.archive_unit(world.faculty)
    assert "物理实验室" in str(refusal.value)
    assert "Bob" in str(refusal.value)
    services.archive_unit(world.lab)
    with pytest.raises(Refused):
        services.add_unit({"name": "新组", "parent": world.lab})
    with pytest.raises(Refused):
        services.hire({"name": "新人", "unit": Unit.get_by_id(world.lab.id)})
    services.reopen_unit(Unit.get_by_id(world.lab.id))
    assert services.hire({"name": "新人", "unit": Unit.get_by_id(world.lab.id)}).id


def test_the_top_is_neither_archived_nor_deleted_nor_of_another_kind(world: World) -> None:
    for attempt in (
        lambda: services.archive_unit(world.root_unit),
        lambda: services.delete_unit(world.root_unit),
        lambda: services.change_unit(world.root_unit, None, {"kind": "faculty"}),
        lambda: services.change_unit(world.lab, None, {"kind": "root"}),
    ):
        with pytest.raises(Refused):
            attempt()


def test_a_unit_in_use_is_not_deleted(world: World) -> None:
    with pytest.raises(InUse):
        services.delete_unit(world.faculty)
    services.delete_unit(world.lab)
    assert not Unit.select().where(Unit.id == world.lab.id).exists()


def test_renaming_the_institution_renames_the_top_of_its_tree(world: World) -> None:
    services.change_institution(world.uni, None, {"name": "示例理工大学"})
    assert services.root_of(world.uni).name == "示例理工大学"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=25))
def test_any_sequence_of_moves_keeps_a_tree(world: World, moves: list[tuple[int, int]]) -> None:
    with db.atomic() as savepoint:
        units = [world.root_unit, world.office, world.faculty, world.lab]
        units += [services.add_unit({"name": f"组 {n}", "parent": units[n]}) for n in range(4)]
        for child, parent in moves:
            try:
                move(Unit.get_by_id(units[child].id), units[parent])
            except Refused:
                continue
        assert_one_tree(world.uni)
        savepoint.rollback()


def test_two_who_hang_units_under_each_other_at_once_leave_a_tree(app: Flask, world: World) -> None:
    from panel import audit

    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def hang(child: Unit, parent: Unit) -> None:
        with db.connection_context(), audit.acting("cli", user_name="test"), acting_as(system(world.uni)):
            ready.wait()
            try:
                move(child, parent)
                outcomes.append("moved")
            except Refused:
                outcomes.append("refused")

    pairs = [(world.office, world.faculty), (world.faculty, world.office)]
    threads = [threading.Thread(target=hang, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["moved", "refused"]
    assert_one_tree(world.uni)


def test_people_are_entered_with_their_initials(world: World) -> None:
    person = services.hire({"name": "张 三丰", "unit": world.lab, "number": "  "})
    assert (person.name, person.initials, person.number) == ("张三丰", "zsf", None)
    services.change_person(person, person.version, {"name": "单雄信"})
    assert Person.get_by_id(person.id).initials == "sxx"
    made = services.hire_many([{"name": "李四", "unit": world.lab}, {"name": "王五", "unit": world.office}])
    assert [p.initials for p in made] == ["ls", "ww"]


def test_a_number_belongs_to_one_person(world: World) -> None:
    services.hire({"name": "李四", "unit": world.lab, "number": "2026001"})
    with pytest.raises(Refused) as refusal:
        services.hire({"name": "李斯", "unit": world.lab, "number": "2026001"})
    assert refusal.value.field == "number"


def test_nobody_is_hired_out_of_reach(world: World) -> None:
    with acting_as(world.identity("bob")), pytest.raises(NotAllowed):
        services.hire({"name": "越界", "unit": world.office})
    with pytest.raises(NotAllowed):
        services.hire({"name": "越界", "unit": world.other_unit})
