"""The house keeps its shape: arrows point one way, names follow the grammar, files stay readable."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from panel.plugin import EXTENSION_POINTS

ROOT = Path(__file__).parent.parent
SOURCES = [p for folder in ("panel", "plugins") for p in sorted((ROOT / folder).rglob("*.py"))]
LONGEST = 430  # lines; beyond that a file holds two things


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module in ("panel", "plugins"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_core_knows_no_plugin_by_name() -> None:
    offenders = {
        str(path.relative_to(ROOT)): name
        for path in SOURCES
        if path.is_relative_to(ROOT / "panel")
        for name in _imports(path)
        if name.startswith("plugins") and not path.is_relative_to(ROOT / "panel" / "demo")
    }
    assert not offenders


def test_plugins_import_only_the_api_and_what_they_require(panel_app: Flask) -> None:
    registry = panel_app.extensions["zhangyin"].registry
    offenders = []
    for entry in registry:
        allowed = {"panel.api", f"plugins.{entry.name}"}
        allowed |= {f"plugins.{other}.services" for other in (*entry.plugin.requires, *entry.plugin.uses)}
        for path in entry.folder.rglob("*.py"):
            for name in _imports(path):
                if name.startswith(("panel", "plugins")) and not any(
                    name == a or name.startswith(f"{a}.") for a in allowed
                ):
                    offenders.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not offenders


def test_no_file_is_longer_than_a_reader_keeps_in_mind() -> None:
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text("utf-8").splitlines())) > LONGEST}
    assert not long


@pytest.mark.parametrize("suffix", ["html", "js"])
def test_templates_hold_no_inline_script_or_style(suffix: str) -> None:
    forbidden = re.compile(r"<script(?![^>]*\bsrc=)|<[a-z][^>{]*\son[a-z]+=|<[a-z][^>{]*\sstyle=|javascript:", re.I)
    found = []
    for folder in ("panel", "plugins"):
        for path in (ROOT / folder).rglob(f"*.{suffix}"):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if suffix == "html" and forbidden.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
                if suffix == "js" and re.search(r"\beval\(|new Function|innerHTML\s*=", line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found


def test_table_names_carry_their_area(panel_app: Flask) -> None:
    registry = panel_app.extensions["zhangyin"].registry
    for area in registry.areas:
        for model in area.models:
            assert model._meta.table_name.startswith(f"{area.name}_")  # type: ignore[attr-defined]


def test_every_extension_point_is_documented() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    missing = [name for name in EXTENSION_POINTS if f"`{name}.py`" not in text]
    assert not missing


def test_every_extension_point_is_used_by_a_real_plugin(panel_app: Flask) -> None:
    registry = panel_app.extensions["zhangyin"].registry
    used = {name for entry in registry for name in (*entry.modules, *(part for part, _module in entry.more))}
    assert used == set(EXTENSION_POINTS)
