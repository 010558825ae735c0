"""`panel import` and `panel export` do what the pages do."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from panel.admin.models import ImportRow, ImportRun
from panel.cli import main
from panel.database import connect, db
from plugins.accounts.models import Account
from tests.admin.imports.registers import as_csv
from tests.imports.conftest import at_work, line, planned, sheet

UNI = ("--institution", "示例大学")


@pytest.fixture
def panel(world: Any, database: str, tmp_path: Any) -> Callable[..., Any]:
    """Runs a command on this test's database."""

    def run(*words: Any) -> Any:
        environ = {"PANEL_INSTANCE": str(tmp_path), "PANEL_ENVIRONMENT": "testing", "PANEL_DATABASE": database}
        result = CliRunner(env=environ).invoke(main, [str(word) for word in words])
        connect(database)
        db.connect(reuse_if_open=True)
        return result

    return run


@pytest.fixture
def file(tmp_path: Any) -> Callable[..., Any]:
    def write(*lines: Any) -> Any:
        path = tmp_path / "台账.xlsx"
        path.write_bytes(sheet(*lines))
        return path

    return write


def test_a_dry_run_prints_the_plan_the_page_shows_and_leaves_nothing(panel, file, world, app):
    path = file(line(1), line(2, 责任人=None))
    result = panel("import", "accounts", path, *UNI, "--dry-run", "--json", "--create-people")
    assert result.exit_code == 1  # a row is refused
    plan = json.loads(result.stdout)
    assert not ImportRun.select().exists()
    with at_work(app, world):
        run = planned(line(1), line(2, 责任人=None))
    shown = [
        (r.row_number, r.outcome, r.label, r.cells)
        for r in ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.row_number)
    ]
    assert [(r["row"], r["outcome"], r["label"], r["cells"]) for r in plan["rows"]] == [
        (*rest, cells) for *rest, cells in shown
    ]
    assert plan["counts"] == run.counts


def test_nothing_is_created_that_was_not_asked_for(panel, file):
    path = file(line(1, 部门="碳中和研究院"))
    result = panel("import", "accounts", path, *UNI)
    assert result.exit_code == 1
    assert "--create-units" in result.output
    assert "陈静" in result.output
    assert not Account.select().exists()
    result = panel("import", "accounts.account", path, *UNI, "--create-units", "--create-people")
    assert (result.exit_code, Account.select().count()) == (0, 1)


def test_refused_rows_are_named_and_left_out_on_demand(panel, file):
    path = file(line(1), line(2, 开通时间="2019年13月"))
    result = panel("import", "accounts", path, *UNI, "--create-people")
    assert (result.exit_code, "I3 2019年13月" in result.output) == (1, True)
    assert not Account.select().exists()
    result = panel("import", "accounts", path, *UNI, "--create-people", "--skip-refused")
    assert (result.exit_code, Account.select().count()) == (0, 1)


def test_columns_can_be_mapped(panel, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(as_csv([["部门", "平台", "名头", "老总"], ["理学院", "微博", "甲", "陈静"]]))
    assert "--map" in panel("import", "accounts", path, *UNI).output
    result = panel("import", "accounts", path, *UNI, "--create-people", "--map", "C=name", "--map", "d=responsible")
    assert (result.exit_code, Account.get().name) == (0, "甲")
    assert panel("import", "accounts", path, *UNI, "--map", "C").exit_code == 2


@pytest.mark.parametrize(
    ("words", "hint"),
    [(("accounts", "--institution", "没有的"), "示例大学"), (("nothing", *UNI), "accounts.account")],
)
def test_what_does_not_exist_is_told_with_what_does(panel, file, words, hint):
    target, *options = words
    result = panel("import", target, file(line(1)), *options)
    assert (result.exit_code, hint in result.output) == (1, True)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_exported_with_all_its_columns(panel, file, tmp_path, kind):
    panel("import", "accounts", file(line(1), line(2)), *UNI, "--create-people")
    out = tmp_path / f"out.{kind}"
    result = panel("export", "accounts.account", *UNI, "--format", kind, "--output", out)
    assert result.exit_code == 0, result.output
    if kind == "csv":
        rows = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
        assert len(rows) == 3
        assert "理学院之声1" in {cell for row in rows for cell in row}
