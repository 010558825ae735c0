"""Migrating: order, transactions, the lock, what a chain refuses; the core's first tables on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import click.testing
import peewee
import pytest
from flask import Flask

from panel import audit, migrate, plugin
from panel.audit.models import Entry, Seal
from panel.cli.migrate import command
from panel.database import BaseModel, db
from panel.errors import Refused
from panel.migrate.chain import chains
from panel.migrate.lock import one_at_a_time
from panel.plugin import Loaded, Plugin, Registry
from tests.blank import blank, pytest_generate_tests  # noqa: F401  (fixture, and its two databases)

ROOT = Path(__file__).parent.parent
MAKE = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE {0} (id INTEGER PRIMARY KEY)')\n"


class House:
    """A registry whose scripts are written by the test."""

    def __init__(self, folder: Path, *plugins: Plugin) -> None:
        self.folder = folder
        core = Loaded(Plugin("org", "", "", 1), "extras.org", folder, folder / "core")
        self.registry = Registry([core], [Loaded(p, p.name, folder, folder / p.name) for p in plugins])

    def script(self, chain: str, name: str, text: str) -> Path:
        path = self.folder / chain / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def up(self, **options: object) -> list[str]:
        return migrate.up(self.registry, **options)  # type: ignore[arg-type]


@pytest.fixture
def house(blank: str, tmp_path: Path) -> House:  # noqa: F811
    return House(tmp_path)


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The real core and plugins."""
    return plugin.load(ROOT / "plugins")


# ── the core's first tables, and those of the plugins that come with it ──────────────────────────


def test_an_empty_database_becomes_what_the_models_say(blank: str, registry: Registry) -> None:  # noqa: F811
    applied = migrate.up(registry)
    assert applied[0] == "core/001_initial"
    assert {step.split("/")[0] for step in applied} == {chain.name for chain in chains(registry) if chain.models}
    assert [str(found) for found in migrate.check(db.obj, registry.models)] == []
    assert migrate.up(registry) == []
    assert migrate.pending(registry) == []


def test_what_is_written_in_the_audit_trail_stays(blank: str, tmp_path: Path) -> None:  # noqa: F811
    migrate.up(plugin.load(tmp_path))
    with audit.acting("cli", user_name="test"):
        Entry.insert(actor_kind="cli", correlation="c", action="a", subject_type="s", root_type="s").execute()
    columns = ", ".join(column.name for column in db.get_columns("audit_entry"))
    forged = f"INTO audit_entry ({columns}) SELECT {columns.replace('user_name', repr('forged'))} FROM audit_entry"
    attempts = [
        "UPDATE audit_entry SET reason = 'forged'",
        "DELETE FROM audit_entry",
        f"INSERT {forged} WHERE true ON CONFLICT (id) DO UPDATE SET user_name = 'forged'",
        f"REPLACE {forged}" if "sqlite" in blank else "TRUNCATE audit_entry CASCADE",
    ]
    for attempt in attempts:
        with pytest.raises(peewee.IntegrityError, match="audit_entry is append-only"), db.atomic():
            db.execute_sql(attempt)
    assert [(entry.user_name, entry.reason) for entry in Entry.select()] == [("", "")]


def test_a_trigger_taken_away_is_noticed(blank: str, tmp_path: Path) -> None:  # noqa: F811
    migrate.up(plugin.load(tmp_path))
    name = "audit_entry_no_update" if "sqlite" in blank else "audit_entry_no_change"
    db.execute_sql(f"DROP TRIGGER {name}" + ("" if "sqlite" in blank else " ON audit_entry"))
    found = migrate.check(db.obj, [Entry, Seal])
    assert [(d.table, d.kind, d.name, d.found) for d in found] == [("audit_entry", "trigger", name, None)]


# ── order and history ────────────────────────────────────────────────────────────────────────────


def test_plugins_follow_the_core_and_what_they_require(blank: str, tmp_path: Path) -> None:  # noqa: F811
    first, second = Plugin("zoo", "", "1", 1), Plugin("animals", "", "1", 1, requires=("zoo",))
    house = House(tmp_path, first, second)
    house.script("animals", "001_initial", MAKE.format("c"))
    house.script("zoo", "001_initial", MAKE.format("b1"))
    house.script("zoo", "002_more", MAKE.format("b2"))
    house.script("core", "001_initial", MAKE.format("a"))
    assert house.up() == ["core/001_initial", "zoo/001_initial", "zoo/002_more", "animals/001_initial"]
    assert set(db.get_tables()) == {"a", "b1", "b2", "c", "migrations_core", "migrations_zoo", "migrations_animals"}


def test_one_plugin_brings_what_it_needs_and_no_more(blank: str, tmp_path: Path) -> None:  # noqa: F811
    plugins = Plugin("zoo", "", "1", 1), Plugin("farm", "", "1", 1), Plugin("animals", "", "1", 1, requires=("zoo",))
    house = House(tmp_path, *plugins)
    for name in ("core", "zoo", "farm", "animals"):
        house.script(name, "001_initial", MAKE.format(f"{name}_thing"))
    assert house.up(plugin="animals") == ["core/001_initial", "zoo/001_initial", "animals/001_initial"]
    assert [str(step) for step in migrate.pending(house.registry)] == ["farm/001_initial"]


def test_it_stops_at_a_number_and_goes_on_from_there(house: House) -> None:
    for number in (1, 2, 3):
        house.script("core", f"00{number}_step", MAKE.format(f"t{number}"))
    assert house.up(plugin="core", to=2) == ["core/001_step", "core/002_step"]
    assert house.up(plugin="core", to=2) == []
    with pytest.raises(Refused, match="at core/002_step already; the way back is a backup"):
        house.up(plugin="core", to=1)
    with pytest.raises(Refused, match=r"core has no migration 007; there are: 001, 002, 003"):
        house.up(plugin="core", to=7)
    with pytest.raises(Refused, match="--plugin"):
        house.up(to=3)
    with pytest.raises(Refused, match=r"no migrations of 'zoo'; there are those of core"):
        house.up(plugin="zoo")
    assert house.up() == ["core/003_step"]


def test_history_tells_when_in_utc(house: House) -> None:
    house.script("core", "001_initial", MAKE.format("a"))
    house.up()
    house.script("core", "002_next", MAKE.format("b"))
    done, waiting = migrate.status(house.registry)
    assert done.applied is not None
    assert done.applied.utcoffset() is not None
    assert (str(waiting), waiting.applied) == ("core/002_next", None)


# ── what a chain refuses ─────────────────────────────────────────────────────────────────────────


def test_two_scripts_with_one_number_are_refused(house: House) -> None:
    house.script("core", "001_initial", MAKE.format("a"))
    house.script("core", "002_phone", MAKE.format("b"))
    house.script("core", "002_address", MAKE.format("c"))
    with pytest.raises(Refused, match=r"core: 002_address\.py and 002_phone\.py have the same number"):
        house.up()
    assert "a" not in db.get_tables()


@pytest.mark.parametrize("name", ["initial", "1_initial", "0001_initial", "001-initial", "001_Initial"])
def test_a_name_that_tells_no_order_is_refused(house: House, name: str) -> None:
    house.script("core", name, MAKE.format("a"))
    with pytest.raises(Refused, match="a migration is named NNN_words"):
        house.up()


def test_a_script_that_comes_too_late_is_refused(house: House) -> None:
    house.script("core", "001_initial", MAKE.format("a"))
    house.script("core", "003_third", MAKE.format("c"))
    house.up()
    house.script("core", "002_second", MAKE.format("b"))
    with pytest.raises(Refused, match="core/002_second is numbered before core/003_third, which is applied"):
        house.up()


def test_a_database_of_a_newer_version_is_refused(house: House) -> None:
    path = house.script("core", "001_initial", MAKE.format("a"))
    house.up()
    path.unlink()
    with pytest.raises(Refused, match=r"already has core/001_initial, .* belongs to a newer version"):
        house.up()


def test_it_does_not_run_inside_a_transaction(house: House) -> None:
    house.script("core", "001_initial", MAKE.format("a"))
    with db.atomic(), pytest.raises(Refused, match="outside any transaction"):
        house.up()


# ── one transaction a script ─────────────────────────────────────────────────────────────────────

FAILING = """
def up(migrator, db):
    db.execute_sql("CREATE TABLE half (id INTEGER PRIMARY KEY)")
    db.execute_sql("INSERT INTO whole (id) VALUES (7)")
    db.execute_sql("DROP TABLE kept")
    {0}
"""


@pytest.mark.parametrize("failure", ["1 / 0", "db.execute_sql('INSERT INTO nowhere VALUES (1)')"])
def test_a_failing_script_leaves_nothing_behind_and_is_named(house: House, failure: str) -> None:
    house.script("core", "001_initial", MAKE.format("whole"))
    house.script("core", "002_kept", MAKE.format("kept"))
    path = house.script("core", "003_bad", FAILING.format(failure))
    house.script("core", "004_never", MAKE.format("never"))
    with pytest.raises(Refused, match="core/003_bad failed and was undone") as refusal:
        house.up()
    assert f"({path}, line 6)" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert {"whole", "kept"} == {table for table in db.get_tables() if not table.startswith("migrations_")}
    assert db.execute_sql("SELECT count(*) FROM whole").fetchone() == (0,)
    assert [str(step) for step in migrate.pending(house.registry)] == ["core/003_bad", "core/004_never"]
    house.script("core", "003_bad", MAKE.format("mended"))
    assert house.up() == ["core/003_bad", "core/004_never"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def up(:\n", r"core/002_bad cannot be loaded: SyntaxError.*line 1"),
        ("import nowhere_at_all\n", "core/002_bad cannot be loaded: ModuleNotFoundError"),
        ("x = 1\n", r"core/002_bad does not define up\(migrator, db\)"),
    ],
)
def test_a_script_that_cannot_be_read_stops_all_before_anything_runs(house: House, text: str, message: str) -> None:
    house.script("core", "001_initial", MAKE.format("a"))
    house.script("core", "002_bad", text)
    with pytest.raises(Refused, match=message):
        house.up()
    assert "a" not in db.get_tables()


def test_a_script_cannot_leave_a_reference_to_nothing(house: House) -> None:
    statements = [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent (id))",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1, 1)",
    ]
    house.script(
        "core", "001_initial", f"def up(migrator, db):\n    for s in {statements}:\n        db.execute_sql(s)\n"
    )
    house.script("core", "002_orphans", "def up(migrator, db):\n    db.execute_sql('DELETE FROM parent')\n")
    with pytest.raises(Refused, match="core/002_orphans failed and was undone"):
        house.up()
    assert db.execute_sql("SELECT count(*) FROM parent").fetchone() == (1,)
    if "sqlite" in str(db.database):
        assert db.pragma("foreign_keys") == 1


def test_a_script_acts_as_a_migration(house: House) -> None:
    script = "from panel.audit.context import current\nseen = []\ndef up(migrator, db):\n    here = current()\n"
    script += "    db.execute_sql(f'CREATE TABLE {here.kind} (id INTEGER PRIMARY KEY)')\n"
    script += "    assert here.user_name == 'core/001_initial'\n"
    house.script("core", "001_initial", script)
    house.up()
    assert "migration" in db.get_tables()


# ── one process at a time ────────────────────────────────────────────────────────────────────────


def test_another_process_is_waited_for(house: House) -> None:
    house.script("core", "001_initial", MAKE.format("a"))
    outcome: list[object] = []

    def other(patience: float) -> None:
        try:
            outcome.append(house.up(patience=patience))
        except Refused as refusal:
            outcome.append(str(refusal))
        finally:
            db.close()

    def run(patience: float) -> threading.Thread:
        thread = threading.Thread(target=other, args=(patience,))
        thread.start()
        return thread

    with one_at_a_time(db.obj, 1):
        run(0.3).join()
        assert "another process has been migrating this database" in str(outcome.pop())
        patient = run(30)
        patient.join(0.3)
        assert patient.is_alive()
        assert "a" not in db.get_tables()
    patient.join()
    assert outcome == [["core/001_initial"]]


@pytest.fixture
def outside(blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:  # noqa: F811
    """The environment of a `panel` process with this database and a folder of plugins of its own: `zoo`."""
    package = tmp_path / "outside" / "menagerie" / "zoo"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "plugin.py").write_text(
        "from panel.plugin import Plugin\nplugin = Plugin(name='zoo', title='Zoo', version='1', api=1)\n"
    )
    (package / "models.py").write_text(
        "from peewee import CharField\nfrom panel.database import BaseModel\n\n\n"
        "class Animal(BaseModel):\n    name = CharField(max_length=60)\n"
    )
    monkeypatch.syspath_prepend(package.parent.parent)
    written = migrate.new(plugin.load(package.parent), "zoo", "initial")
    assert written is not None
    slow = written.path.read_text().replace("    create_tables", "    time.sleep(0.5)\n    create_tables")
    written.path.write_text(slow.replace("from peewee", "import time\n\nfrom peewee", 1))
    yield {
        "PANEL_ENVIRONMENT": "testing",
        "PANEL_INSTANCE": str(tmp_path / "outside" / "instance"),
        "PANEL_DATABASE": blank,
        "PANEL_PLUGINS": str(package.parent),
    }
    for name in [name for name in sys.modules if name.split(".")[0] == "menagerie"]:
        del sys.modules[name]


def test_two_processes_at_once_migrate_once(outside: dict[str, str]) -> None:
    words = [sys.executable, "-m", "panel", "migrate"]
    environ = {**os.environ, **outside}
    both = [
        subprocess.Popen(words, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=240) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    lines = [line for out, _ in said for line in out.splitlines()]
    core = list((ROOT / "migrations" / "core").glob("0*.py"))
    assert len(lines) == len(core) + 2  # each script once, by whichever process came first
    assert {"The database is up to date.", "applied core/001_initial", "applied zoo/001_initial"} <= {*lines}


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def test_check_ends_with_1_until_the_database_is_right(outside: dict[str, str]) -> None:
    def panel(*words: str) -> tuple[int, str]:
        result = click.testing.CliRunner(env=outside).invoke(command, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    code, said = panel("--check")
    assert code == 1
    assert said.startswith("core/001_initial is pending: run `panel migrate`\n")
    assert "zoo/001_initial is pending" in said
    assert panel()[0] == 0
    assert panel("--check") == (0, "The database is what the models say.\n")
    assert "zoo/001_initial" in panel("--status")[1]
    db.connect(reuse_if_open=True)
    db.execute_sql("ALTER TABLE zoo_animal ADD COLUMN legs INTEGER")
    code, said = panel("--check")
    assert code == 1
    assert said.startswith("zoo_animal: column legs is not in the models: integer\n")
    assert panel("--check", "--status")[0] == 2
    db.connect(reuse_if_open=True)
    db.execute_sql("UPDATE migrations_zoo SET name = '009_later'")
    code, said = panel("--check")
    assert code == 1
    assert "zoo/009_later was applied by a newer version" in said


def test_models_without_migrations_are_noticed(blank: str, tmp_path: Path) -> None:  # noqa: F811
    class Animal(BaseModel):
        __module__ = "extras.zoo.models"

    house = House(tmp_path)
    house.up()
    assert [str(found) for found in migrate.check(db.obj, [Animal])] == ["zoo_animal: table is missing"]


def test_the_scripts_of_this_project_build_what_its_models_say(database: str, panel_app: Flask) -> None:
    assert migrate.check(db.obj, panel_app.extensions["zhangyin"].registry.models) == []
