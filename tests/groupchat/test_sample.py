"""The shared sample under the preset of its school, and another one handled by settings alone."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from panel.i18n import today
from plugins.groupchat import services
from plugins.groupchat.belonging import expected_in
from plugins.groupchat.matching import read_members
from plugins.groupchat.reading import Reader
from plugins.groupchat.report import as_lists, compare, read_chat
from plugins.groupchat.rulesets import roster_of, rules_of
from tests.groupchat.conftest import SAMPLES, School

PRESET = Path(__file__).parents[2] / "panel" / "policies" / "presets" / "haizhinan-school.toml"


def follow_preset(school: School, set_policy: Callable[..., None]) -> None:
    """Put the parameters and lists of the school's preset in force."""
    preset = tomllib.loads(PRESET.read_text(encoding="utf-8"))
    mine = [p for p in preset["parameter"] if p["policy"] == "groupchat.group_policy"]
    set_policy(school.institution, **{p["name"]: p["value"] for p in mine})
    for row in preset["row"]:
        if row["list"] == "groupchat.quiet_hours":
            values = row["values"]
            school.quiet((values["starts"], values["ends"]), days=values["days"])


def lists_of(school: School, members: bytes, log: Path) -> dict[str, Any]:
    roster, rules = roster_of(school.institution.id, today()), rules_of(school.group, today())
    report = compare(read_members(members), roster, expected_in(school.group), today())
    chat = read_chat(Reader(log, ZoneInfo("Asia/Shanghai")), rules, exact=True)
    return as_lists(report, chat, roster, rules)


@pytest.mark.rule("s1-23-r21")
@pytest.mark.rule("s1-14-r05")
def test_sample_gives_expected(sample: School, set_policy: Callable[..., None]) -> None:
    follow_preset(sample, set_policy)
    services.learn(sample.institution, "静待花开17", sample.people["孙伟"])
    services.learn(sample.institution, "小太阳92", sample.people["高敏"])
    found = lists_of(sample, (SAMPLES / "members.csv").read_bytes(), SAMPLES / "chat.txt")
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    expected.pop("quiet_hours_rule")
    assert {name: found[name] for name in expected} == expected
