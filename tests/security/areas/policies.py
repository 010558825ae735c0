"""Presets and the catalogue article by article: what to ask of their pages."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from panel.policies.applying import save_own
from panel.policies.models import OwnPreset
from tests.security.cases import Case
from tests.security.places import Place

TEXT = """
name = {name}
[[parameter]]
policy = "accounts.accounts_policy"
name = "max_custodians"
value = 3
article = "第三条"
"""
KEY = "parameter accounts.accounts_policy.max_custodians"


def fill(place: Place, name: str) -> list[Any]:
    """A preset of the institution's own."""
    return [save_own(place.institution, _text(f"{name}预设"), "a.toml")]


def _text(name: str) -> str:
    """The file of a preset; TOML writes a name as JSON does."""
    return TEXT.format(name=json.dumps(name, ensure_ascii=False))


def _code(place: Place) -> dict[str, str]:
    return {"code": f"own-{place.row(OwnPreset).id}"}


def _of(place: Place, form: dict[str, Any] | None = None, **options: Any) -> Case:
    return Case("", _code(place), form or {}, (place.row(OwnPreset),), **options)


OTHERS: dict[str, Callable[[Place], Any]] = {
    "policies_articles.page": lambda p: [Case(""), Case("", {"document": "s0-07"}, act="document")],
    "policies_presets.page": lambda p: [Case("")],
    "policies_presets.preset": lambda p: [
        _of(p),
        Case("", {"code": "plain-school"}, act="shipped"),
        Case("", {"code": "own-x"}, seen=(404,), act="unknown"),
    ],
    "policies_presets.apply": lambda p: [_of(p, {"part": KEY}, whole=True)],
    "policies_presets.file": lambda p: [_of(p)],
    "policies_presets.export": lambda p: [Case("")],
    "policies_presets.new": lambda p: [
        Case("", form={"do": "write", "name": "新预设", "base": ""}, whole=True, act="write"),
        Case(
            "",
            form={"do": "import", "file": lambda: (io.BytesIO(_text("来自别处").encode()), "a.toml")},
            whole=True,
            act="import",
        ),
    ],
    "policies_presets.edit": lambda p: [_of(p, {"name": "改名", "keep": KEY, "value-0": "1"}, whole=True)],
    "policies_presets.text": lambda p: [_of(p, {"text": _text("改过")}, whole=True)],
    "policies_presets.delete": lambda p: [_of(p, {}, whole=True)],
}
