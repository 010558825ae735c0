"""`panel doctor` names what is wrong and how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from panel import config
from panel.cli import main
from panel.doctor import examine


def _by_name(app: Flask) -> dict[str, str]:
    return {d.name: d.state for d in examine(app)}


def test_a_stopped_panel_lacks_its_processes_only(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    states = _by_name(app)
    assert (states["database"], states["migrations"]) == ("ok", "ok")
    assert (states["redis"], states["worker"], states["scheduler"]) == ("failure", "failure", "failure")
    assert all(d.mend for d in examine(app) if d.state != "ok")


def test_a_readable_secret_is_named(app: Flask, tmp_path: Path) -> None:
    config.make_secret(tmp_path).chmod(0o644)
    assert _by_name(app)["secret key"] == "failure"


def test_drift_is_named(app: Flask) -> None:
    from panel.database import db

    db.execute_sql("ALTER TABLE org_unit RENAME COLUMN code TO codex")
    try:
        assert _by_name(app)["migrations"] == "failure"
    finally:
        db.execute_sql("ALTER TABLE org_unit RENAME COLUMN codex TO code")


def test_the_command_ends_with_one_and_prints_json(tmp_path: Path) -> None:
    environ = {"PANEL_INSTANCE": str(tmp_path), "PANEL_ENVIRONMENT": "development"}
    result = CliRunner(env=environ).invoke(main, ["doctor", "--json"])
    assert result.exit_code == 1
    rows = json.loads(result.output)
    assert next(r for r in rows if r["name"] == "database")["mend"].startswith("panel migrate")
