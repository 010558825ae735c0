"""What an identity sees: its institution, its units and below, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel import records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant
from panel.access.scope import find, scope
from panel.database import db
from panel.errors import NotFound
from panel.org.models import Institution, Person, Unit
from panel.org.permissions import OrgPermission as P
from tests.cast import World


def _names(world: World, who: str, model: type = Person, permission: str = P.PERSON_VIEW) -> set[str]:
    with acting_as(world.identity(who)):
        return {row.name for row in scope(model.select(), permission)}


def test_each_sees_their_part(world: World) -> None:
    assert _names(world, "alice") == {"Alice", "Bob", "Carol", "Dave", "Root"}
    assert _names(world, "bob") == {"Bob"}
    assert _names(world, "carol") == _names(world, "alice")
    assert _names(world, "dave") == set()
    assert _names(world, "oscar") == {"Oscar"}
    assert _names(world, "root") == _names(world, "alice")  # at work in uni: nothing of the other institution


def test_units_are_seen_from_the_grant_down(world: World) -> None:
    assert _names(world, "bob", Unit, P.UNIT_VIEW) == {"理学院", "物理实验室"}


def test_a_permission_not_held_shows_nothing(world: World) -> None:
    assert _names(world, "carol", Person, P.PERSON_EDIT) == set()


def test_a_row_out_of_sight_is_not_found(world: World) -> None:
    with acting_as(world.identity("bob")):
        assert find(Person, world.people["bob"].id, P.PERSON_VIEW).name == "Bob"
        for row_id in (world.people["oscar"].id, world.people["dave"].id, 10**9, "x", "-1", None, "9" * 40):
            with pytest.raises(NotFound):
                find(Person, row_id, P.PERSON_VIEW)


def test_without_an_identity_nothing_is_seen(world: World) -> None:
    assert list(scope(Person.select(), P.PERSON_VIEW)) == []


def test_only_the_own_institution_is_seen(world: World) -> None:
    assert _names(world, "alice", Institution, P.INSTITUTION_VIEW) == {"示例大学"}


def test_remembered_rights_cost_no_query_and_end_with_the_stamp(world: World) -> None:
    user = world.user("bob")
    identify(user, user.institution)
    seen: list[str] = []
    db.obj.query_hooks.append(lambda sql, *rest: seen.append(str(sql)))
    try:
        assert identify(user, user.institution).may(P.PERSON_EDIT)
        assert not seen
    finally:
        db.obj.query_hooks.clear()
    records.delete(Grant.get(Grant.user == user))
    records.update(user.institution, access_stamp=user.institution.access_stamp + 1)
    user = world.user("bob")
    assert not identify(user, user.institution).may(P.PERSON_EDIT)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=st.lists(st.integers(0, 30), min_size=1, max_size=12), granted=st.integers(0, 12))
def test_any_tree_shows_exactly_what_hangs_below(world: World, parents: list[int], granted: int) -> None:
    with db.atomic() as undo:
        units = [world.office]
        for number, parent in enumerate(parents):
            above = units[parent % len(units)]
            unit = records.create(Unit, institution=world.uni, parent=above, name=f"u{number}")
            records.update(unit, path=f"{above.path}{unit.id}/")
            units.append(unit)
        top = units[granted % len(units)]
        grant = records.create(
            Grant, institution=world.uni, user=world.users["dave"], role=world.roles["all"], unit=top
        )
        records.update(world.users["dave"], epoch=world.user("dave").epoch + 1)
        with acting_as(world.identity("dave")):
            seen = {u.id for u in scope(Unit.select(), P.UNIT_VIEW)}
        parent_of = {u.id: u.parent_id for u in Unit.select()}

        def hangs_below(unit_id: int | None) -> bool:
            while unit_id is not None and unit_id != grant.unit_id:
                unit_id = parent_of[unit_id]
            return unit_id is not None

        assert seen == {u for u in parent_of if hangs_below(u)}
        undo.rollback()
