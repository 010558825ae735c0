"""Whether check() sees every way a database can differ from the models, and whether scripts bring it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DateField,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from panel import migrate
from panel.database import BaseModel, connect, db, make_database
from panel.errors import Refused
from panel.migrate import Difference
from panel.migrate.catalogue_sqlite import tokens
from panel.migrate.compare import of_database
from panel.plugin import Loaded, Plugin, Registry
from tests.blank import blank, pytest_generate_tests  # noqa: F401  (fixture, and its two databases)


class Keeper(BaseModel):
    __module__ = "extras.zoo.models"

    name = CharField(max_length=60, unique=True)


class Animal(BaseModel):
    __module__ = "extras.zoo.models"

    keeper = ForeignKeyField(Keeper, on_delete="RESTRICT")
    parent = ForeignKeyField("self", null=True, on_delete="SET NULL")
    name = CharField(max_length=60)
    kind = CharField(max_length=20)
    legs = IntegerField(null=True)
    weight = DecimalField(max_digits=8, decimal_places=2, null=True)
    note = TextField(constraints=[SQL("DEFAULT 'none'")])
    tame = BooleanField(default=False)
    born = DateField(null=True)
    more = JSONField(null=True)

    class Meta:
        indexes = ((("kind", "legs"), False),)
        constraints = [Check("legs IS NULL OR legs BETWEEN 0 AND 1000", name="zoo_animal_legs")]


Animal.add_index(Animal.index(Animal.keeper, unique=True, where=SQL("kind = 'lion'"), name="zoo_animal_one_lion"))


class Logbook(BaseModel):
    __module__ = "extras.zoo.models"

    append_only = True
    text = TextField()


ZOO = [Keeper, Animal, Logbook]


# ── every kind of drift ──────────────────────────────────────────────────────────────────────────


def remade(table: str, old: str, new: str) -> Callable[[], None]:
    """Make a SQLite table again with its definition changed, keeping its indexes and triggers."""

    def change() -> None:
        stored = db.execute_sql("SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql <> ''", (table,))
        statements = [text for _, text in sorted(stored, key=lambda row: row[0] != "table")]
        assert old in statements[0], statements[0]
        db.pragma("foreign_keys", 0)
        db.execute_sql(f"DROP TABLE {table}")
        for statement in [statements[0].replace(old, new), *statements[1:]]:
            db.execute_sql(statement)
        db.pragma("foreign_keys", 1)

    return change


def alter(table: str, change: str) -> str:
    return f"ALTER TABLE {table} {change}"


LEGS = "CONSTRAINT zoo_animal_legs CHECK (legs IS NULL OR legs BETWEEN 0 AND {0})"
ONE_LION = "CREATE {0}INDEX zoo_animal_one_lion ON zoo_animal (keeper_id){1}"
NO_LION = "DROP INDEX zoo_animal_one_lion;"
KEY = "keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES {0}"
NO_KEY = "ALTER TABLE zoo_animal DROP CONSTRAINT zoo_animal_keeper_id_fkey;"

WEAKER = "DROP TRIGGER {0}{2}; CREATE TRIGGER {0} BEFORE {1} ON zoo_logbook {3}"

# what differs → (what SQLite does, what PostgreSQL does, which part is named, how the message goes on)
DRIFT: dict[str, tuple[Any, str, tuple[str, str, str], str]] = {
    "table missing": ("DROP TABLE zoo_logbook", "DROP TABLE zoo_logbook", ("zoo_logbook", "table", ""), "is missing"),
    "table of ours": (
        "CREATE TABLE zoo_cage (id INTEGER)",
        "CREATE TABLE zoo_cage (id INTEGER)",
        ("zoo_cage", "table", ""),
        "is not in the models",
    ),
    "column missing": (
        alter("zoo_animal", "DROP COLUMN born"),
        alter("zoo_animal", "DROP COLUMN born"),
        ("zoo_animal", "column", "born"),
        "is missing: date",
    ),
    "column more": (
        alter("zoo_animal", "ADD COLUMN food TEXT"),
        alter("zoo_animal", "ADD COLUMN food TEXT"),
        ("zoo_animal", "column", "food"),
        "is not in the models: text",
    ),
    "type": (
        remade("zoo_animal", '"legs" INTEGER', '"legs" TEXT'),
        alter("zoo_keeper", "ALTER COLUMN name TYPE text"),
        ("zoo_animal|zoo_keeper", "column", "legs|name"),
        "should be .* is text",
    ),
    "length": (
        remade("zoo_animal", "VARCHAR(60)", "VARCHAR(40)"),
        alter("zoo_animal", "ALTER COLUMN name TYPE varchar(40)"),
        ("zoo_animal", "column", "name"),
        r"should be .*60.* is .*\(40\)",
    ),
    "digits": (
        remade("zoo_animal", "DECIMAL(8, 2)", "DECIMAL(8, 3)"),
        alter("zoo_animal", "ALTER COLUMN weight TYPE numeric(8, 3)"),
        ("zoo_animal", "column", "weight"),
        "should be .*8, ?2.* is .*8, ?3",
    ),
    "may be empty": (
        remade("zoo_animal", '"kind" VARCHAR(20) NOT NULL', '"kind" VARCHAR(20)'),
        alter("zoo_animal", "ALTER COLUMN kind DROP NOT NULL"),
        ("zoo_animal", "column", "kind"),
        "should be .* NOT NULL, is",
    ),
    "may not be empty": (
        remade("zoo_animal", '"legs" INTEGER', '"legs" INTEGER NOT NULL'),
        alter("zoo_animal", "ALTER COLUMN legs SET NOT NULL"),
        ("zoo_animal", "column", "legs"),
        "is integer NOT NULL",
    ),
    "default missing": (
        remade("zoo_animal", " DEFAULT 'none'", ""),
        alter("zoo_animal", "ALTER COLUMN note DROP DEFAULT"),
        ("zoo_animal", "column", "note"),
        "should be text NOT NULL DEFAULT 'none'.*, is text NOT NULL$",
    ),
    "default other": (
        remade("zoo_animal", " DEFAULT 'none'", " DEFAULT 'None'"),
        alter("zoo_animal", "ALTER COLUMN note SET DEFAULT 'None'"),
        ("zoo_animal", "column", "note"),
        "is text NOT NULL DEFAULT 'None'",
    ),
    "default more": (
        remade("zoo_animal", '"legs" INTEGER', '"legs" INTEGER DEFAULT 4'),
        alter("zoo_animal", "ALTER COLUMN legs SET DEFAULT 4"),
        ("zoo_animal", "column", "legs"),
        "is integer DEFAULT 4",
    ),
    "collation": (
        remade("zoo_animal", '"kind" VARCHAR(20) NOT NULL', '"kind" VARCHAR(20) NOT NULL COLLATE NOCASE'),
        alter("zoo_animal", 'ALTER COLUMN kind TYPE varchar(20) COLLATE "C"'),
        ("zoo_animal", "column", "kind"),
        "COLLATE",
    ),
    "generated": (
        remade("zoo_animal", '"legs" INTEGER', '"legs" INTEGER GENERATED ALWAYS AS (4)'),
        alter("zoo_keeper", "ALTER COLUMN id DROP DEFAULT"),
        ("zoo_animal|zoo_keeper", "column", "legs|id"),
        "should be .*, is ",
    ),
    "primary key": (
        remade("zoo_logbook", "INTEGER NOT NULL PRIMARY KEY", "INTEGER NOT NULL"),
        alter("zoo_logbook", "DROP CONSTRAINT zoo_logbook_pkey"),
        ("zoo_logbook", "primary key", "id"),
        r"is missing: PRIMARY KEY \(id\)",
    ),
    "key missing": (
        remade("zoo_animal", ', FOREIGN KEY ("keeper_id") REFERENCES "zoo_keeper" ("id") ON DELETE RESTRICT', ""),
        NO_KEY,
        ("zoo_animal", "foreign key", "keeper_id"),
        "is missing: .*zoo_keeper",
    ),
    "key cascades": (
        remade("zoo_animal", "ON DELETE RESTRICT", "ON DELETE CASCADE"),
        NO_KEY + alter("zoo_animal", f"ADD CONSTRAINT {KEY.format('zoo_keeper ON DELETE CASCADE')}"),
        ("zoo_animal", "foreign key", "keeper_id"),
        "should be .*RESTRICT, is .*CASCADE",
    ),
    "key elsewhere": (
        remade("zoo_animal", 'REFERENCES "zoo_keeper"', 'REFERENCES "zoo_logbook"'),
        NO_KEY + alter("zoo_animal", f"ADD CONSTRAINT {KEY.format('zoo_logbook ON DELETE RESTRICT')}"),
        ("zoo_animal", "foreign key", "keeper_id"),
        "should be .*zoo_keeper.*, is .*zoo_logbook",
    ),
    "index missing": (
        "DROP INDEX zoo_animal_kind_legs",
        "DROP INDEX zoo_animal_kind_legs",
        ("zoo_animal", "index", "zoo_animal_kind_legs"),
        "is missing",
    ),
    "index more": (
        "CREATE INDEX by_legs ON zoo_animal (legs)",
        "CREATE INDEX by_legs ON zoo_animal (legs)",
        ("zoo_animal", "index", "by_legs"),
        "is not in the models",
    ),
    "index order": (
        "DROP INDEX zoo_animal_kind_legs; CREATE INDEX zoo_animal_kind_legs ON zoo_animal (legs, kind)",
        "DROP INDEX zoo_animal_kind_legs; CREATE INDEX zoo_animal_kind_legs ON zoo_animal (legs, kind)",
        ("zoo_animal", "index", "zoo_animal_kind_legs"),
        r"should be .*\(kind, legs\), is .*\(legs, kind\)",
    ),
    "index not unique": (
        NO_LION + ONE_LION.format("", " WHERE kind = 'lion'"),
        NO_LION + ONE_LION.format("", " WHERE kind = 'lion'"),
        ("zoo_animal", "index", "zoo_animal_one_lion"),
        "should be (?i:create unique index)",
    ),
    "index not partial": (
        NO_LION + ONE_LION.format("UNIQUE ", ""),
        NO_LION + ONE_LION.format("UNIQUE ", ""),
        ("zoo_animal", "index", "zoo_animal_one_lion"),
        "should be .*(?i:where)",
    ),
    "index on other rows": (
        NO_LION + ONE_LION.format("UNIQUE ", " WHERE kind = 'Lion'"),
        NO_LION + ONE_LION.format("UNIQUE ", " WHERE kind = 'Lion'"),
        ("zoo_animal", "index", "zoo_animal_one_lion"),
        "should be .*'lion'.*, is .*'Lion'",
    ),
    "check missing": (
        remade("zoo_animal", f', CONSTRAINT "zoo_animal_legs" {LEGS[27:].format(1000)}', ""),
        alter("zoo_animal", "DROP CONSTRAINT zoo_animal_legs"),
        ("zoo_animal", "check", "zoo_animal_legs"),
        "is missing: CHECK",
    ),
    "check weaker": (
        remade("zoo_animal", "AND 1000", "AND 2000"),
        alter("zoo_animal", f"DROP CONSTRAINT zoo_animal_legs, ADD {LEGS.format(2000)}"),
        ("zoo_animal", "check", "zoo_animal_legs"),
        "should be .*1000.*, is .*2000",
    ),
    "check more": (
        remade("zoo_logbook", '"text" TEXT NOT NULL', '"text" TEXT NOT NULL CONSTRAINT wordy CHECK ("text" <> \')\')'),
        alter("zoo_logbook", "ADD CONSTRAINT wordy CHECK (text <> ')')"),
        ("zoo_logbook", "check", "wordy"),
        "is not in the models: CHECK",
    ),
    "unique constraint": (
        remade("zoo_animal", '"born" DATE', '"born" DATE UNIQUE'),
        alter("zoo_animal", "ADD CONSTRAINT born UNIQUE (born)"),
        ("zoo_animal", "constraint", "born"),
        r"is not in the models: UNIQUE \(born\)",
    ),
    "trigger missing": (
        "DROP TRIGGER zoo_logbook_no_delete",
        "DROP TRIGGER zoo_logbook_no_truncate ON zoo_logbook",
        ("zoo_logbook", "trigger", "zoo_logbook_no_delete|zoo_logbook_no_truncate"),
        "is missing",
    ),
    "trigger weaker": (
        WEAKER.format("zoo_logbook_no_delete", "DELETE", "", "WHEN OLD.id < 0 BEGIN SELECT RAISE(ABORT, 'no'); END"),
        WEAKER.format("zoo_logbook_no_change", "UPDATE", " ON zoo_logbook", "EXECUTE FUNCTION zoo_logbook_refuse()"),
        ("zoo_logbook", "trigger", "zoo_logbook_no_delete|zoo_logbook_no_change"),
        "should be",
    ),
    "table setting": (
        remade("zoo_logbook", '"text" TEXT NOT NULL)', '"text" TEXT NOT NULL) STRICT'),
        "ALTER TABLE zoo_logbook DISABLE TRIGGER zoo_logbook_no_change",
        ("zoo_logbook", "table|trigger", "|zoo_logbook_no_change"),
        "should be .*, is .*(strict|disabled)",
    ),
}


@pytest.fixture
def zoo(blank: str) -> str:  # noqa: F811
    """The zoo as the models say; gives the address."""
    migrate.create_tables(db.obj, ZOO)
    assert migrate.check(db.obj, ZOO) == []
    return blank


@pytest.mark.parametrize("drift", DRIFT)
def test_drift_is_told_in_one_line(zoo: str, drift: str) -> None:
    on_sqlite, on_postgres, part, message = DRIFT[drift]
    change = on_sqlite if zoo.startswith("sqlite") else on_postgres
    if callable(change):
        change()
    elif zoo.startswith("sqlite"):
        db.connection().executescript(change)
    else:
        db.execute_sql(change)
    found = migrate.check(db.obj, ZOO)
    assert len(found) == 1, found
    assert all(
        have in allowed.split("|")
        for have, allowed in zip((found[0].table, found[0].kind, found[0].name), part, strict=True)
    )
    line = str(found[0])
    assert "\n" not in line
    assert re.search(message, line), line
    assert line.startswith(f"{found[0].table}: {found[0].kind}")


def test_what_a_trigger_does_is_compared(zoo: str) -> None:
    if zoo.startswith("sqlite"):
        names = {"zoo_logbook_no_update"}
        db.execute_sql("DROP TRIGGER zoo_logbook_no_update")
        db.execute_sql("CREATE TRIGGER zoo_logbook_no_update BEFORE UPDATE ON zoo_logbook BEGIN SELECT 1; END")
    else:
        names = {"zoo_logbook_no_change", "zoo_logbook_no_truncate"}
        db.execute_sql(
            "CREATE OR REPLACE FUNCTION zoo_logbook_refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$BEGIN RETURN NEW; END$$"
        )
    assert {d.name for d in migrate.check(db.obj, ZOO)} == names


def test_an_account_that_may_not_compare_is_told_what_it_lacks(zoo: str) -> None:
    if zoo.startswith("sqlite"):
        return  # a file has no accounts
    db.execute_sql("DROP ROLE IF EXISTS zhangyin_reader")
    db.execute_sql("CREATE ROLE zhangyin_reader LOGIN")
    connect(zoo.replace("postgres:@", "zhangyin_reader:@"))
    with pytest.raises(Refused, match="GRANT CREATE ON DATABASE"):
        migrate.check(db.obj, ZOO)
    db.obj.close_all()


def test_what_belongs_to_others_is_left_alone(zoo: str) -> None:
    for table in ("ours", "zoology", "migrations_zoo", "migrations_zoo_shop", "zoo_shop_ticket"):
        db.execute_sql(f"CREATE TABLE {table} (id INTEGER)")
    assert migrate.check(db.obj, ZOO) == []  # zoo_shop was uninstalled, its tables kept


def test_checking_changes_nothing(zoo: str) -> None:
    before = of_database(db.obj)
    Keeper.insert(name="Ann").execute()
    migrate.check(db.obj, ZOO)
    assert of_database(db.obj) == before
    assert Keeper.select().count() == 1
    if not zoo.startswith("sqlite"):
        schemas = db.execute_sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'zhangyin%%'").fetchall()
        assert schemas == []
        assert db.execute_sql("SELECT current_schema()").fetchone() == ("public",)


SPELLINGS = st.sampled_from([" ", "  ", "\n\t", "/* a, (b) */", " -- it's\n"])


@given(st.data())
def test_spelling_is_no_difference(data: st.DataObject) -> None:
    sql = 'CREATE TABLE "a" ("b" VARCHAR(20) NOT NULL, CONSTRAINT "c" CHECK ("b" <> \'X, ("y"\'))'
    parts = re.split(r"('[^']*'|\"\w+\"|\w+|<>|[(),])", sql)
    again = "".join(
        data.draw(SPELLINGS)
        if not part.strip()
        else part
        if part[0] == "'"
        else data.draw(st.sampled_from([part.lower(), part.upper(), *([part.strip('"')] if part[0] == '"' else [])]))
        for part in parts
    )
    assert [text for _, text in tokens(again)] == [text for _, text in tokens(sql)]


# ── a table changed by a script ──────────────────────────────────────────────────────────────────


def test_rows_survive_a_change_of_everything(zoo: str) -> None:
    Keeper.insert(name="Ann").execute()
    parent = Animal.create(keeper=1, name="Old", kind="cat", legs=4, note="x")
    Animal.create(keeper=1, parent=parent, name="Young", kind="cat", legs=None, note="y", weight="1.50")

    class Pet(BaseModel):
        __module__ = "extras.zoo.models"

        keeper = ForeignKeyField(Keeper, on_delete="CASCADE", index=False)
        parent = ForeignKeyField("self", null=True, on_delete="SET NULL")
        title = CharField(max_length=80, unique=True)
        kind = TextField(null=True)
        legs = IntegerField(constraints=[SQL("DEFAULT 2")])
        weight = DecimalField(max_digits=10, decimal_places=3, null=True)
        note = TextField()
        tame = BooleanField()
        chip = CharField(max_length=20)
        label = CharField(max_length=90)
        facts = JSONField()

        class Meta:
            table_name = "zoo_animal"
            constraints = [Check("legs >= 0", name="zoo_animal_legs"), Check("kind <> ''", name="zoo_animal_kind")]

    def change() -> None:
        migrate.change_table(
            db.obj,
            Pet,
            renamed={"title": "name"},
            fill={"legs": 4, "chip": "none", "label": SQL("kind"), "facts": {"seen": [1]}},
        )

    run(change)
    assert [str(d) for d in migrate.check(db.obj, [Keeper, Pet, Logbook])] == []
    rows = list(Pet.select().order_by(Pet.id))
    assert [(r.title, r.kind, r.legs, r.chip, r.label, r.facts, r.parent_id) for r in rows] == [
        ("Old", "cat", 4, "none", "cat", {"seen": [1]}, None),
        ("Young", "cat", 4, "none", "cat", {"seen": [1]}, parent.id),
    ]
    Pet.insert(keeper=1, title="New", note="", tame=True, chip="1", label="", facts={}).execute()
    assert Pet.get(Pet.title == "New").legs == 2
    with pytest.raises(peewee.IntegrityError), db.atomic():
        Pet.update(legs=-1).execute()


def test_a_table_others_refer_to_can_change(zoo: str) -> None:
    Keeper.insert(name="Ann").execute()
    Animal.create(keeper=1, name="Old", kind="cat", note="")

    class Warden(BaseModel):
        __module__ = "extras.zoo.models"

        name = CharField(max_length=90)

        class Meta:
            table_name = "zoo_keeper"

    run(lambda: migrate.change_table(db.obj, Warden))
    assert [str(d) for d in migrate.check(db.obj, [Warden]) if d.table == "zoo_keeper"] == []
    assert {d.table for d in migrate.check(db.obj, ZOO)} == {"zoo_keeper"}
    with pytest.raises(peewee.IntegrityError), db.atomic():
        Warden.delete().execute()


def test_triggers_outlive_a_change(zoo: str) -> None:
    class Diary(BaseModel):
        __module__ = "extras.zoo.models"

        append_only = True
        text = TextField()
        page = IntegerField(null=True)

        class Meta:
            table_name = "zoo_logbook"

    run(lambda: migrate.change_table(db.obj, Diary))
    assert [str(d) for d in migrate.check(db.obj, [Keeper, Animal, Diary])] == []


def run(change: Callable[[], None]) -> None:
    """As a script runs: in a transaction, on SQLite without foreign keys."""
    from playhouse.migrate import SchemaMigrator

    with SchemaMigrator.from_database(db.obj).migration_context():
        change()


# ── scripts written from the difference ──────────────────────────────────────────────────────────


@dataclass
class Workshop:
    """A plugin `zoo` whose models change between two scripts."""

    folder: Path
    models: list[type[BaseModel]] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        module = ModuleType("extras.zoo.models")
        vars(module).update({model.__name__: model for model in self.models})
        core = Loaded(Plugin("org", "", "", 1), "extras.org", self.folder, self.folder / "core")
        zoo = Loaded(Plugin("zoo", "", "1", 1), "extras.zoo", self.folder, self.folder / "zoo", {"models": module})
        return Registry([core], [zoo])

    def written(self, name: str, **options: bool) -> list[str]:
        made = migrate.new(self.registry, "zoo", name, **options)
        assert made is not None
        return made.notes

    def left(self) -> list[Difference]:
        migrate.up(self.registry)
        return migrate.check(db.obj, self.models)


def test_a_first_script_builds_the_models(blank: str, tmp_path: Path) -> None:  # noqa: F811
    shop = Workshop(tmp_path, ZOO)
    assert shop.written("initial") == []
    assert shop.left() == []
    assert migrate.new(shop.registry, "zoo", "nothing") is None
    Logbook.insert(text="a").execute()
    with pytest.raises(peewee.IntegrityError, match="zoo_logbook is append-only"):
        Logbook.delete().execute()


def test_a_first_script_can_be_made_anew_until_there_is_a_second(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, [Keeper])
    shop.written("initial")
    shop.models = [Keeper, Animal]
    shop.written("initial", rewrite=True)
    assert [path.name for path in (tmp_path / "zoo").glob("*.py")] == ["001_initial.py"]
    shop.written("Mend names!", empty=True)
    assert (tmp_path / "zoo" / "002_mend_names.py").is_file()
    with pytest.raises(migrate.MigrationError, match="zoo has 2 migrations; only a first one can be made anew"):
        shop.written("initial", rewrite=True)
    with pytest.raises(migrate.MigrationError, match="Latin letters"):
        shop.written("改名", empty=True)


def test_its_author_is_told_what_needs_thought(tmp_path: Path) -> None:
    class Beast(BaseModel):
        __module__ = "extras.zoo.models"

        title = CharField(max_length=60)

        class Meta:
            table_name = "zoo_keeper"

    shop = Workshop(tmp_path, [Keeper, Logbook])
    shop.written("initial")
    shop.models = [Beast]
    notes = shop.written("rename")
    assert "drops the table zoo_logbook with its rows: is that meant?" in notes
    assert "say in `fill` what the rows of zoo_keeper get in title" in notes
    assert any(note.endswith('renamed? add renamed={"title": "name"}') for note in notes)


COLUMNS: dict[str, Callable[[bool], peewee.Field]] = {
    "code": lambda null: CharField(max_length=20, null=null, default="x"),
    "long": lambda null: CharField(max_length=200, null=null, index=True, default="x", column_name="lengthy"),
    "size": lambda null: IntegerField(null=null, default=1),
    "rank": lambda null: IntegerField(null=null, default=1, constraints=[SQL("DEFAULT 5")]),
    "day": lambda null: DateField(null=True, unique=null),
    "data": lambda null: JSONField(null=null, default=dict),
    "okay": lambda null: BooleanField(null=null, default=True),
    "owner": lambda null: ForeignKeyField(Keeper, null=True, on_delete="RESTRICT" if null else "CASCADE"),
    "other": lambda null: ForeignKeyField(Logbook, null=True, index=null, field="id"),
    "above": lambda null: ForeignKeyField("self", null=True, unique=null),
}
SHAPES = st.fixed_dictionaries(
    {
        "columns": st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.booleans(), min_size=1),
        "check": st.sampled_from(["", "id > 0", "id <> 7 OR id IN (1, 2)"]),
        "where": st.sampled_from(["", "id > 3", "id IS NOT NULL AND id <> 4"]),
        "pair": st.booleans(),
    }
)


def thing(shape: dict[str, Any]) -> type[BaseModel]:
    """A model `zoo.thing` of this shape."""
    names = sorted(shape["columns"])
    constraints = [Check(shape["check"], name="zoo_thing_check")] if shape["check"] else []
    meta = type(
        "Meta",
        (),
        {"constraints": constraints, "indexes": ((tuple(names[:2]), False),) * (shape["pair"] and len(names) > 1)},
    )
    fields = {name: COLUMNS[name](null) for name, null in shape["columns"].items()}
    model: Any = type("Thing", (BaseModel,), {"__module__": "extras.zoo.models", "Meta": meta, **fields})
    if shape["where"]:
        model.add_index(model.index(model.id, unique=True, where=SQL(shape["where"]), name="zoo_thing_some"))
    return model  # type: ignore[no-any-return]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=SHAPES, after=SHAPES)
def test_any_shape_becomes_any_other(
    blank: str,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    if blank.startswith("sqlite"):
        db.initialize(make_database("sqlite:///:memory:"))
    else:
        db.execute_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    shop = Workshop(tmp_path_factory.mktemp("shop"), [Keeper, Logbook, thing(before)])
    shop.written("initial")
    assert shop.left() == []
    filled = {
        name: COLUMNS[name](False).default for name in before["columns"] if name not in ("owner", "other", "above")
    }
    filled = {name: value() if callable(value) else value for name, value in filled.items()}
    shop.models[2].insert(**filled).execute()
    shop.models[2] = thing(after)
    if migrate.new(shop.registry, "zoo", "change") is not None:
        assert [str(d) for d in shop.left()] == []
    assert shop.models[2].select().count() == 1
