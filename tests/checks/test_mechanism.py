"""Findings open and close with what is saved; errors refuse, warnings ask, a broken check hides no other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from peewee import fn

from panel import audit, database, records
from panel.checks import affected, saving
from panel.checks.declare import Severity, check
from panel.checks.engine import today_in
from panel.checks.models import Broken, Dirty, Finding
from panel.checks.reads import problems
from panel.checks.saving import recording
from panel.checks.sql import breaking, how_many
from panel.checks.sweep import sweep, sweep_dirty
from panel.database import transaction, utcnow
from panel.errors import Refused
from panel.org.models import Person, Unit
from tests.cast import World
from tests.checks.conftest import crowded, left, open_codes, open_findings, twins


def add(world: World, unit: Unit, name: str, **values: Any) -> Person:
    return records.create(Person, institution=world.uni, unit=unit, name=name, **values)


def test_a_finding_opens_with_the_row_that_breaks_the_rule_and_closes_with_the_one_that_mends_it(
    uni: World, with_checks: Any
) -> None:
    with_checks(crowded(Severity.NOTICE))
    add(uni, uni.lab, "甲")
    add(uni, uni.lab, "乙")
    assert open_codes() == []
    third = add(uni, uni.lab, "丙")
    assert open_findings() == {("org.crowded", uni.lab.id, Finding.get().facts, uni.lab.id)}
    assert Finding.get().values == {"count": 3, "limit": 2}
    add(uni, uni.lab, "丁")
    assert Finding.get().values == {"count": 4, "limit": 2}  # the same finding, with the figures of today
    records.update(third, unit=uni.office)  # seen from where the person was, not only from where they are
    records.delete(Person.get(Person.name == "丁"))
    assert open_codes() == []
    assert Finding.select().count() == 1  # kept as history
    assert Finding.get().closed_at is not None


def test_an_error_refuses_the_save_that_brings_it_in_and_names_the_field(uni: World, with_checks: Any) -> None:
    with_checks(crowded())
    add(uni, uni.lab, "甲")
    add(uni, uni.lab, "乙")
    with pytest.raises(Refused, match="3 people, at most 2") as refused:
        add(uni, uni.lab, "丙")
    assert refused.value.field == "unit"
    assert Person.select().where(Person.unit == uni.lab).count() == 2
    assert Finding.select().count() == 0


def test_a_row_that_was_broken_already_may_be_edited_for_other_things(uni: World, with_checks: Any) -> None:
    people = [add(uni, uni.lab, name) for name in "甲乙丙"]
    with_checks(crowded())
    records.update(uni.lab, name="新物理实验室")  # not what the check reads
    records.update(people[0], name="甲甲")
    records.update(people[0], unit=uni.office)  # concerns the unit, and mends it
    assert open_codes() == []


def test_what_was_broken_before_is_no_fault_of_the_save_even_where_no_finding_was_open_yet(
    uni: World, with_checks: Any
) -> None:
    for name in "甲乙丙丁":
        add(uni, uni.lab, name)
    with_checks(crowded())
    records.update(Person.get(Person.name == "甲"), unit=uni.office)  # three are still one too many, as before
    assert [(f.code, f.values["count"]) for f in Finding.select()] == [("org.crowded", 3)]


def test_what_is_broken_may_not_be_made_worse(uni: World, with_checks: Any) -> None:
    people = [add(uni, uni.lab, name) for name in "甲乙丙"]
    with_checks(crowded(measure="count"))
    for _once_found_once_open in range(2):
        with pytest.raises(Refused, match="4 people"):
            add(uni, uni.lab, "丁")
        sweep(uni.uni)
    with transaction():
        records.update(people[0], unit=uni.office)
        add(uni, uni.lab, "丁")  # no more than before
    assert Finding.get().values["count"] == 3


def test_the_end_state_of_a_transaction_counts_not_the_way_there(uni: World, with_checks: Any) -> None:
    with_checks(crowded())
    first = add(uni, uni.lab, "甲")
    add(uni, uni.lab, "乙")
    with transaction():
        add(uni, uni.lab, "丙")  # for a moment three
        records.update(first, unit=uni.office)
    assert open_codes() == []


def test_what_a_savepoint_took_back_is_not_looked_at(uni: World, with_checks: Any) -> None:
    with_checks(crowded())
    add(uni, uni.lab, "甲")
    add(uni, uni.lab, "乙")
    with transaction():
        with pytest.raises(Refused), transaction():
            add(uni, uni.lab, "丙")
            records.create(Unit, institution=uni.uni, parent=uni.faculty, name=uni.lab.name)
        add(uni, uni.office, "丁")
    assert open_codes() == []


def test_an_import_takes_the_world_as_it_is_unless_the_check_says_otherwise(uni: World, with_checks: Any) -> None:
    with_checks(crowded())
    rows = [{"institution": uni.uni, "unit": uni.lab, "name": name} for name in "甲乙丙"]
    with recording():
        records.bulk_create(Person, rows)
    assert open_codes() == [("org.crowded", uni.lab.id)]
    with_checks(crowded(refuses_import=True))
    with pytest.raises(Refused), recording():
        records.bulk_create(Person, [{**row, "unit": uni.office} for row in rows])


def test_background_work_records_and_never_fails_by_a_rule(uni: World, with_checks: Any) -> None:
    with_checks(crowded())
    with audit.acting("job", user_name="test"), transaction():
        for name in "甲乙丙":
            add(uni, uni.lab, name)
    assert open_codes() == [("org.crowded", uni.lab.id)]


def test_a_warning_asks_once_and_saves_when_confirmed(uni: World, with_checks: Any, app: Any) -> None:
    with_checks(crowded(Severity.WARNING))
    add(uni, uni.lab, "甲")
    add(uni, uni.lab, "乙")
    with app.test_request_context(method="POST", data={"name": "丙"}), audit.acting("web", user_name="t"):
        with pytest.raises(saving.Unconfirmed) as asked:
            add(uni, uni.lab, "丙")
        assert asked.value.warnings == ["3 people, at most 2."]
    assert Person.select().where(Person.unit == uni.lab).count() == 2
    with (
        app.test_request_context(method="POST", data={"name": "丙", saving.CONFIRM: "1"}),
        audit.acting("web", user_name="t"),
    ):
        add(uni, uni.lab, "丙")
    assert open_codes() == [("org.crowded", uni.lab.id)]


def test_a_change_of_one_row_reaches_the_others_it_concerns(uni: World, with_checks: Any) -> None:
    with_checks(twins())
    first, second = add(uni, uni.lab, "张敏"), add(uni, uni.lab, "张敏")
    assert open_codes() == [("org.twins", first.id), ("org.twins", second.id)]
    records.update(uni.lab, name="光学实验室")  # the message names the unit
    assert {f.values["unit"] for f in Finding.select()} == {"光学实验室"}
    records.update(second, name="张明")
    assert open_codes() == []


def test_the_unit_of_a_finding_follows_its_subject(uni: World, with_checks: Any) -> None:
    with_checks(left())
    person = add(uni, uni.lab, "甲", in_service_until=today_in(uni.uni) - timedelta(days=1))
    assert {unit for *_rest, unit in open_findings()} == {uni.lab.id}
    records.update(person, unit=uni.office, in_service_until=today_in(uni.uni) - timedelta(days=2))
    assert {unit for *_rest, unit in open_findings()} == {uni.office.id}


def test_what_breaks_by_the_passing_of_days_is_found_by_the_sweep_and_blamed_on_no_save(
    uni: World, with_checks: Any, monkeypatch: Any
) -> None:
    with_checks(left(Severity.ERROR))
    today = today_in(uni.uni)
    person = add(uni, uni.lab, "甲", in_service_until=today)
    assert open_codes() == []
    later = utcnow() + timedelta(days=2)
    monkeypatch.setattr(database, "utcnow", lambda: later)
    records.update(person, in_service_until=today - timedelta(days=1))  # was out before already
    assert open_codes() == [("org.left", person.id)]
    Finding.delete().execute()
    assert sweep(uni.uni).opened == 1
    assert open_codes() == [("org.left", person.id)]
    assert sweep(uni.uni).opened == 0
    assert sweep(uni.uni, day=date(2020, 1, 1)).closed == 1


def test_the_sweep_finds_what_is_there_and_clears_what_is_gone(uni: World, with_checks: Any) -> None:
    for name in "甲乙丙丁":
        add(uni, uni.lab, name)
    with_checks(crowded(limit=3), twins())
    assert sweep(uni.uni).opened == 1
    records.delete(Person.get(Person.name == "甲"))
    assert open_codes() == []
    assert sweep(uni.uni).opened == sweep(uni.uni).closed == 0
    assert sweep(uni.other).opened == 0


def test_a_check_that_raises_is_recorded_and_hides_no_other(uni: World, with_checks: Any) -> None:
    @check("org.broken", subject=Unit, title="Broken", message="…", watches={Person: "unit"})
    def broken(unit: Any, _policy: Any, _day: Any) -> Any:
        return breaking(unit, fn.NO_SUCH_FUNCTION(unit.name, Person.select(Person.id).limit(1)) == 1)

    with_checks(broken, crowded(Severity.NOTICE, limit=3))
    for name in "甲乙丙丁":
        add(uni, uni.lab, name)
    assert open_codes() == [("org.crowded", uni.lab.id)]
    assert [(b.code, b.institution_id) for b in Broken.select()] == [("org.broken", uni.uni.id)]
    Finding.delete().execute()
    report = sweep(uni.uni)
    assert report.broken == ["org.broken"]
    assert open_codes() == [("org.crowded", uni.lab.id)]


def test_too_many_rows_for_a_save_are_left_to_the_next_sweep(uni: World, with_checks: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(affected, "AT_ONCE", 3)
    with_checks(twins())
    records.bulk_create(Person, [{"institution": uni.uni, "unit": uni.lab, "name": "张敏"} for _ in range(5)])
    assert open_codes() == []
    assert len(Dirty.get(Dirty.code == "org.twins").rows) == 5
    assert sweep_dirty(uni.uni).opened == 5
    assert Dirty.select().count() == 0
    assert len(open_codes()) == 5


def test_another_institution_is_never_touched(uni: World, with_checks: Any) -> None:
    with_checks(crowded(Severity.NOTICE, limit=0))
    sweep(uni.uni)
    assert {f.institution_id for f in Finding.select()} == {uni.uni.id}


def test_a_check_that_reads_what_it_does_not_watch_is_refused_at_start() -> None:
    @check("org.deaf", subject=Unit, title="Deaf", message="…")
    def deaf(unit: Any, _policy: Any, _day: Any) -> Any:
        return breaking(unit, how_many(Person, Person.unit == unit.id) > 2)

    assert problems(deaf) == ["check org.deaf: reads Person but does not say how its rows lead to Unit"]
