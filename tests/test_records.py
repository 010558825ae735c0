"""The write verbs: audited, refused in words, never silently over another's change."""

from __future__ import annotations

import threading

import pytest

from panel import audit, records
from panel.access.models import User
from panel.audit.models import Entry
from panel.database import WriteOutsideVerb, db, transaction
from panel.errors import InUse, NotFound, Refused, Stale
from panel.org.models import Institution, Person, Unit
from tests.cast import World


def test_a_write_without_context_raises_and_leaves_nothing(database: str) -> None:
    with pytest.raises(audit.AuditContextMissing):
        records.create(Institution, name="甲", kind="school")
    assert Institution.select().count() == 0


def test_writing_past_the_verbs_raises(world: World) -> None:
    person = world.people["bob"]
    for write in (
        lambda: Person.update(name="x").execute(),
        lambda: Person.delete().execute(),
        lambda: Person.insert(institution=world.uni, unit=world.office, name="x").execute(),
        lambda: person.save(),
        lambda: person.delete_instance(),
    ):
        with pytest.raises(WriteOutsideVerb):
            write()


def test_entries_hold_before_and_after_and_share_a_correlation(world: World) -> None:
    with audit.acting("web", user=world.users["alice"], ip="10.0.0.1", reason="搬迁"):
        records.update(world.people["bob"], name="鲍勃", unit=world.lab)
        records.update(world.people["dave"], phone="13800000000")
    first, second = Entry.select().order_by(Entry.id.desc()).limit(2)[::-1]
    assert first.before == {"name": "Bob", "unit": {"id": world.faculty.id, "text": "理学院"}}
    assert first.after == {"name": "鲍勃", "unit": {"id": world.lab.id, "text": "物理实验室"}}
    assert (first.user_name, first.ip, first.reason) == ("Alice", "10.0.0.1", "搬迁")
    assert first.correlation == second.correlation
    assert first.institution_id == world.uni.id


def test_nothing_changed_writes_nothing(world: World) -> None:
    bob = world.people["bob"]
    entries = Entry.select().count()
    assert records.update(bob, name="Bob", unit=world.faculty) == {}
    assert Entry.select().count() == entries
    assert Person.get_by_id(bob.id).version == 1


def test_secrets_are_redacted_by_their_type(world: World) -> None:
    records.update(world.users["bob"], password_hash="argon2-canary")
    entry = Entry.select().order_by(Entry.id.desc()).first()
    assert entry.after == {"password_hash": audit.log.REDACTED}


def test_a_stale_save_is_refused_with_the_stored_values(world: World) -> None:
    bob = world.people["bob"]
    records.update(Person.get_by_id(bob.id), name="Robert")
    with pytest.raises(Stale) as caught:
        records.update(bob, expected_version=1, name="Bobby", post="科员")
    assert caught.value.theirs == {"name": "Robert", "post": ""}
    assert Person.get_by_id(bob.id).name == "Robert"


def test_a_text_longer_than_its_column_is_refused_in_words(world: World) -> None:
    """On both databases, though SQLite itself would take it."""
    bob, long = world.people["bob"], "长" * 61
    rows = [{"institution": world.uni, "unit": world.office, "name": name} for name in ("甲", long)]
    for write in (
        lambda: records.update(bob, name=long),
        lambda: records.create(Person, institution=world.uni, unit=world.office, name=long),
        lambda: records.bulk_create(Person, rows),
    ):
        before = Person.select().count()
        with pytest.raises(Refused) as caught:
            write()
        assert (caught.value.field, Person.select().count()) == ("name", before)
        assert "61" in str(caught.value.message)
        assert "60" in str(caught.value.message)


def test_what_is_referred_to_is_not_deleted(world: World) -> None:
    with pytest.raises(InUse) as caught:
        records.delete(world.faculty)
    assert {title for title, _n, _rows in caught.value.dependants}
    assert Unit.get_or_none(Unit.id == world.faculty.id)


def test_a_deleted_row_keeps_its_history(world: World) -> None:
    unit = records.create(Unit, institution=world.uni, parent=world.office, name="临时组")
    records.delete(unit)
    assert [e.action for e in audit.history(unit)] == ["org.unit.delete", "org.unit.create"]
    with pytest.raises(NotFound):
        records.update(unit, name="x")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"number": "1001"}, "number"), ({"kind": "ghost"}, None), ({"unit": None}, "unit")],
)
def test_constraints_speak(world: World, values: dict[str, object], field: str | None) -> None:
    records.update(world.people["bob"], number="1001")
    with pytest.raises(Refused) as caught:
        records.create(Person, **{"institution": world.uni, "unit": world.office, "name": "新人", **values})
    assert caught.value.field == field
    assert "constraint" not in str(caught.value).lower()
    assert "violates" not in str(caught.value).lower()


def test_an_error_takes_row_and_entry_back_together(world: World) -> None:
    entries = Entry.select().count()
    with pytest.raises(ZeroDivisionError), transaction():
        records.update(world.people["bob"], name="x")
        1 / 0  # noqa: B018
    assert Person.get_by_id(world.people["bob"].id).name == "Bob"
    assert Entry.select().count() == entries


def test_bulk_creation_is_audited_row_by_row_and_all_or_nothing(world: World) -> None:
    rows = [{"institution": world.uni, "unit": world.office, "name": f"n{i}", "number": str(i)} for i in range(900)]
    made = records.bulk_create(Person, rows)
    assert [Person.get_by_id(made[i].id).name for i in (0, 450, 899)] == ["n0", "n450", "n899"]
    assert (
        Entry.select().where(Entry.action == "org.person.create", Entry.subject_id.in_([m.id for m in made])).count()
        == 900
    )
    before = Person.select().count()
    with pytest.raises(Refused):
        records.bulk_create(Person, [{**rows[0], "number": "x1"}, {**rows[1], "number": "1"}])
    assert Person.select().count() == before


def test_the_trail_is_append_only(world: World) -> None:
    for query in (Entry.update(reason="x"), Entry.delete()):
        with pytest.raises(Exception, match="append"), db.atomic():
            query.execute()


def test_concurrent_updates_lose_nothing(world: World) -> None:
    """Ten threads each append a letter, retrying when stale: all ten are there."""
    person_id = world.people["bob"].id
    errors: list[Exception] = []

    def append(letter: str) -> None:
        try:
            db.connect(reuse_if_open=True)
            with audit.acting("job", user_name="t"):
                while True:
                    person = Person.get_by_id(person_id)
                    try:
                        records.update(person, expected_version=person.version, post=person.post + letter)
                        return
                    except Stale:
                        continue
        except Exception as error:
            errors.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=append, args=(c,)) for c in "abcdefghij"]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors
    assert sorted(Person.get_by_id(person_id).post) == list("abcdefghij")
    assert User.select().count()
