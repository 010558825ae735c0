"""`panel plugin new`: what it writes runs, and its test passes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUPPORT = ("__init__.py", "conftest.py", "cast.py", "services.py", "snapshot.py", "test_translations.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The core, without any plugin, and what the tests of a plugin need."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "panel", tmp_path / "panel", ignore=ignored)
    shutil.copytree(ROOT / "migrations" / "core", tmp_path / "migrations" / "core", ignore=ignored)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "tests").mkdir()
    for name in SUPPORT:
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PANEL_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=project, env=environ, capture_output=True, text=True, timeout=300
    )


def test_a_new_plugin_runs_and_its_test_passes(project: Path) -> None:
    made = run(project, "panel", "plugin", "new", "site_visits")
    assert made.returncode == 0, made.stderr
    assert "migrations/site_visits/001_initial.py" in made.stdout
    tested = run(project, "pytest", "-q", "-p", "no:cacheprovider", "--db", "sqlite", "tests", "-k", "site_visits")
    assert tested.returncode == 0, tested.stdout
    assert "6 passed" in tested.stdout, "three of its own, three of its catalogue"


@pytest.mark.parametrize("name", ["Visits", "org", "class", "1st", "a-b", "x", "../visits"])
def test_a_name_that_cannot_be_one_is_refused(project: Path, name: str) -> None:
    refused = run(project, "panel", "plugin", "new", name)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert list((project / "plugins").iterdir()) == []


def test_nothing_is_written_over(project: Path) -> None:
    kept = project / "plugins" / "visits" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    assert run(project, "panel", "plugin", "new", "visits").returncode == 1
    assert [p.name for p in kept.parent.iterdir()] == ["notes.txt"]
