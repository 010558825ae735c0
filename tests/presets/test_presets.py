"""Presets as files: strict reading with clear problems, what fits, applying what is ticked, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel import records
from panel.access import switches
from panel.access.identity import acting_as
from panel.access.models import Role
from panel.approvals.models import Chain, ChainStep
from panel.audit.models import Entry
from panel.checks import policy
from panel.checks.engine import today_in
from panel.errors import NotFound, Refused
from panel.obligations.models import Duty, Ladder
from panel.org.models import Institution, Unit
from panel.policies import applying, presets
from panel.policies.applying import NEW
from panel.policies.models import Kept, Origin
from panel.policies.tables import Unreadable
from panel.runtime import runtime
from plugins.accounts.policy import AccountsPolicy, NameWord
from tests.cast import World

FILE = """
name = "示例大学新媒体管理办法"
kinds = ["university"]
source = "《示例大学新媒体管理办法》"

[[parameter]]
policy = "accounts.accounts_policy"
name = "max_custodians"
value = 1
article = "第七条"

[[parameter]]
policy = "accounts.accounts_policy"
name = "password_days"
value = ""
rules = ["s4-01-r23"]

[[row]]
list = "accounts.name_word"
values = {word = "示例大学", kind = "protected"}
article = "第三条"

[[duty]]
name = "培训"
office = "宣传部门"
every_months = 6
rules = ["s2-03-r07"]

[[ladder]]
kind = "certification.review"
every_months = 24
steps = [[-30, "owner"], [7, "office"]]
"""


@pytest.fixture
def at_uni(world: World, app: Flask) -> Iterator[World]:
    with app.test_request_context(), acting_as(world.identity("alice")):
        yield world


def in_force(world: World) -> Any:
    return policy.in_force(AccountsPolicy, world.uni, today_in(world.uni))


def everything(preset: presets.Preset) -> set[str]:
    return {part.key for part in preset.parts}


# ── files ──────────────────────────────────────────────────────────────────────────────────────

WRONG = {
    "name = ": "This is no TOML",
    "kinds = ['school']": "name: is missing.",
    "name = 3": "name: must be a text.",
    "name = 'x'\ncolour = 'red'": "colour: is not known here. Known are: name",
    "name = 'x'\nkinds = ['planet']": "kinds: “planet” is none of: school",
    "name = 'x'\ndocuments = ['s9-99']": "documents: not in the catalogue: s9-99.",
    "name = 'x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='nope'\nvalue=1": (
        "parameter[1].name: accounts.accounts_policy has no parameter nope."
    ),
    "name = 'x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='max_custodians'\nvalue=99": (
        "parameter[1].value: Password custodians of an account, at most: a whole number from 1 to 20."
    ),
    "name = 'x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='max_custodians'\nvalue=true": (
        "parameter[1].value: must be a whole number."
    ),
    "name = 'x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='icp_required'\nvalue='yes'": (
        "parameter[1].value: must be true or false."
    ),
    "name = 'x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='name_pattern'\nvalue='('": (
        "parameter[1].value: "
    ),
    "name = 'x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='idle_days'\nvalue=9\nrules=['s0-07-r99']": (
        "parameter[1].rules: not in the catalogue: s0-07-r99."
    ),
    "name = 'x'\n[[row]]\nlist='access.user'\nvalues={username='eve'}": (
        "row[1].list: There is no list access.user that presets may fill."
    ),
    "name = 'x'\n[[row]]\nlist='accounts.name_word'\nvalues={word='a', institution=2}": (
        "row[1].values.institution: The list has no column institution."
    ),
    "name = 'x'\n[[row]]\nlist='accounts.name_word'\nvalues={word='a', kind='odd'}": (
        "row[1].values.kind: “odd” is none of: protected, forbidden, review."
    ),
    "name = 'x'\n[[row]]\nlist='accounts.name_word'\nvalues={kind='review'}": "row[1].values.word: is missing.",
    "name = 'x'\n[[duty]]\nname='a'\nevery_days=1\nevery_months=1": "duty[1].every_months: It recurs every so many",
    "name = 'x'\n[[duty]]\nname='a'\nrole='king'": "duty[1].role: “king” is none of: lead",
    "name = 'x'\n[[duty]]\nname='a'\n[[duty]]\nname='a'": "duty[2]: lays down the same as duty[1].",
    "name = 'x'\n[[ladder]]\nkind='certification.review'\nsteps=[[1]]": "ladder[1].steps: each step reads [days",
    "name = 'x'\n[[ladder]]\nkind='certification.none'": "ladder[1].kind: There is no kind of obligation",
    "name = 'x'\n[[chain]]\nsubject='elsewhere.thing'\nname='c'\nsteps=[]": "chain[1].steps: A chain needs at least",
    "name = 'x'\n[[chain]]\nsubject='far.thing'\nname='c'\nsteps=[{name='s', who='person'}]": (
        "chain[1].steps[1].who: “person” is none of: role, parent, office."
    ),
    "name = 'x'\n[[chain]]\nsubject='elsewhere.thing'\nname='c'\nsteps=[{name='s', who='office'}]": (
        "chain[1].steps[1].office: is named where who = “office”, and only there."
    ),
    "name = 'x'\n[[chain]]\nsubject='far.thing'\nname='c'\nsteps=[{name='s', when=[{field='a', has=1}]}]": (
        "chain[1].steps[1].when[1]: A condition says one of: is, not, least, most."
    ),
    "name = 'x'\nparameter = 3": "parameter: must be a list of tables.",
    "name = 'x'\n[[chain]]\nsubject='elsewhere.thing'\nname='c'\nsteps=[1]": "chain[1].steps[1]: must be a table.",
}


def problems(text: str) -> list[str]:
    try:
        presets.read(text, "datei.toml")
    except Unreadable as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


@pytest.mark.one_database
def test_what_is_wrong_in_a_file_is_said_with_its_key(at_uni: World) -> None:
    for text, said in WRONG.items():
        lines = problems(text)
        assert any(f"datei.toml: {said}" in line for line in lines), (text, lines)
    with pytest.raises(Unreadable, match="too large"):
        presets.read("#" * (presets.LONGEST + 1), "a.toml")
    with pytest.raises(Unreadable, match="no text in UTF-8"):
        applying.decoded(b"\xff\xfe\x00", "a.toml")


@pytest.mark.one_database
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, len(FILE)),
    noise=st.text(alphabet="[]{}=\"'\n.,#0a中\x00\\", max_size=12),
    length=st.integers(0, 30),
)
def test_a_broken_file_is_refused_or_read_and_never_crashes(at_uni: World, cut: int, noise: str, length: int) -> None:
    text = FILE[:cut] + noise + FILE[cut + length :]
    if not problems(text):
        found = presets.read(text, "a.toml")
        assert presets.read(presets.write(found), "a.toml").parts == found.parts


@pytest.mark.one_database
def test_every_shipped_preset_fits_its_plugins_and_comes_back_from_its_own_file(at_uni: World) -> None:
    known = {area.name for area in runtime().registry}
    subjects = set(runtime().subjects)
    for preset in presets.shipped():
        again = presets.read(presets.write(preset), preset.code, preset.code, fit=False)
        assert again == preset
        assert again.parts == preset.parts
        for part in preset.parts:
            declared = part.table != "chain" or part.subject in subjects  # type: ignore[attr-defined]
            if part.area in known and declared:
                assert presets.misfits(part) == [], (preset.code, part.key)
            assert part.rules, (preset.code, part.key)
    names = "姜世权 余荣波 朱辉"  # the sources name people; presets name posts
    texts = "".join(path.read_text("utf-8") for path in presets.FOLDER.glob("*.toml"))
    assert not [name for name in names.split() if name in texts]


# ── applying ───────────────────────────────────────────────────────────────────────────────────


def test_only_what_is_ticked_is_applied_at_once_and_remembers_its_article(at_uni: World) -> None:
    preset = presets.read(FILE, "a.toml")
    plan = applying.plan(preset, at_uni.uni)
    changes = {c.part.key: c for c in plan.changes}
    custodians = changes["parameter accounts.accounts_policy.max_custodians"]
    assert (custodians.before, custodians.after, custodians.same) == ("2", "1", False)
    assert changes["parameter accounts.accounts_policy.password_days"].same  # was not in force, is not
    ticked = {custodians.part.key, "row accounts.name_word 示例大学"}
    assert {c.part.key for c in applying.apply(preset, at_uni.uni, ticked)} == ticked
    assert in_force(at_uni).max_custodians == 1
    assert NameWord.get(NameWord.institution == at_uni.uni, NameWord.word == "示例大学").kind == "protected"
    assert not Duty.select().where(Duty.institution == at_uni.uni, Duty.name == "培训").exists()
    assert not NameWord.select().where(NameWord.institution == at_uni.other, NameWord.word == "示例大学").exists()
    origin = Origin.get(Origin.part == custodians.part.key)
    assert origin.source == "第七条 · 示例大学新媒体管理办法"
    assert origin.holds(1)
    assert not origin.holds(2)
    entry = Entry.select().where(Entry.subject_type == "accounts.accounts_policy").order_by(Entry.id.desc()).first()
    assert "示例大学新媒体管理办法" in entry.reason


def test_a_second_time_changes_nothing(at_uni: World) -> None:
    preset = presets.read(FILE, "a.toml")
    answers = {"office:宣传部门": str(at_uni.office.id)}
    first = applying.apply(preset, at_uni.uni, everything(preset), answers)
    assert len(first) == 4
    duty = Duty.get(Duty.institution == at_uni.uni, Duty.name == "培训")
    assert (duty.unit, duty.every_months, duty.rules) == (at_uni.office, 6, "s2-03-r07")
    assert Ladder.get(Ladder.institution == at_uni.uni, Ladder.kind == "certification.review").every_months == 24
    entries = Entry.select().count()
    assert applying.apply(preset, at_uni.uni, everything(preset), answers) == []
    assert Entry.select().count() == entries


@pytest.mark.one_database
def test_an_office_that_nobody_matched_stops_it_all(at_uni: World) -> None:
    preset = presets.read(FILE, "a.toml")
    with pytest.raises(Refused, match="Say what stands for: 宣传部门") as caught:
        applying.apply(preset, at_uni.uni, everything(preset))
    assert caught.value.field == "office:宣传部门"
    assert in_force(at_uni).max_custodians == 2
    assert not Origin.select().exists()
    foreign = {"office:宣传部门": str(at_uni.other_unit.id)}
    with pytest.raises(Refused):
        applying.apply(preset, at_uni.uni, everything(preset), foreign)
    applying.apply(preset, at_uni.uni, everything(preset), {"office:宣传部门": NEW})
    assert Unit.get(Unit.institution == at_uni.uni, Unit.name == "宣传部门").parent == at_uni.root_unit


@pytest.mark.one_database
def test_a_national_rule_against_a_parameter_wants_the_reason(at_uni: World) -> None:
    records.update(at_uni.uni, kind="state")
    text = "name='x'\n[[parameter]]\npolicy='accounts.accounts_policy'\nname='silent_days'\nvalue=60"
    preset = presets.read(text, "a.toml")
    assert applying.plan(preset, at_uni.uni).changes[0].against
    with pytest.raises(Refused, match="give the reason") as caught:
        applying.apply(preset, at_uni.uni, everything(preset))
    assert caught.value.field == "reason"
    applying.apply(preset, at_uni.uni, everything(preset), reason="试点")
    assert in_force(at_uni).silent_days == 60
    assert in_force(at_uni).reason == "试点"


def test_what_belongs_to_a_plugin_that_is_off_waits_for_it(at_uni: World) -> None:
    registry = runtime().registry
    for name in [entry.name for entry in reversed(list(registry))]:
        switches.switch_off(at_uni.uni, registry, name)
    preset = presets.read(FILE.replace('office = "宣传部门"\n', ""), "a.toml")
    changes = applying.apply(preset, at_uni.uni, everything(preset))
    assert {c.part.key for c in changes if c.off} == {row.part for row in Kept.select()}
    assert in_force(at_uni).max_custodians == 2
    assert applying.apply(preset, at_uni.uni, everything(preset)) == []
    switches.switch_on(at_uni.uni, registry, "certification", along=True)
    assert in_force(at_uni).max_custodians == 1
    assert not Kept.select().exists()
    assert Origin.get(Origin.part == "parameter accounts.accounts_policy.max_custodians").source.startswith("第七条")


@pytest.mark.one_database
def test_parts_of_plugins_that_are_not_installed_are_kept_and_not_judged(at_uni: World) -> None:
    text = (
        "name='x'\n[[parameter]]\npolicy='future.policy'\nname='n'\nvalue=1\n"
        "[[chain]]\nsubject='future.thing'\nname='c'\nsteps=[{name='签字', role='某角色', "
        "when=[{field='a', is=['b']}]}]"
    )
    preset = presets.read(text, "a.toml")
    found = applying.apply(preset, at_uni.uni, everything(preset), {"role:某角色": NEW})
    assert [c.off for c in found] == [True, True]
    assert found[1].after == "签字〔a is b〕"
    assert Role.get(Role.institution == at_uni.uni, Role.name == "某角色").permissions == []
    assert applying.take_up(at_uni.uni, "future") == 0
    assert Kept.select().count() == 2


# ── out and in again ───────────────────────────────────────────────────────────────────────────


def test_what_is_in_force_here_can_be_put_in_force_elsewhere(at_uni: World, world: World) -> None:
    preset = presets.read(FILE, "a.toml")
    applying.apply(preset, at_uni.uni, everything(preset), {"office:宣传部门": str(at_uni.office.id)})
    text = presets.write(applying.in_force(at_uni.uni))
    with acting_as(world.identity("oscar")):
        taken = presets.read(text, "a.toml")
        part = next(p for p in taken.parts if p.key.endswith("max_custodians"))
        assert part.written()["value"] == 1
        applying.apply(taken, world.other, everything(taken), {"office:党委宣传部": NEW})
        there = policy.in_force(AccountsPolicy, world.other, today_in(world.other))
        assert there.max_custodians == 1
        assert Duty.get(Duty.institution == world.other, Duty.name == "培训").unit.name == "党委宣传部"
        assert not applying.plan(taken, world.other).new


@pytest.mark.one_database
def test_another_institution_s_preset_is_not_found(at_uni: World, world: World) -> None:
    row = applying.save_own(at_uni.uni, FILE, "a.toml")
    with pytest.raises(NotFound):
        presets.find(world.other, f"own-{row.id}")
    with pytest.raises(Refused, match="There is a preset of this name already"):
        applying.save_own(at_uni.uni, FILE, "a.toml")


def test_an_institution_can_begin_with_a_preset(app: Flask, acting: Any) -> None:
    from panel.org.services import create_institution

    with app.app_context():
        registry = runtime().registry
        made = create_institution(registry, "新学校", "school", plugins=[entry.name for entry in registry])
        applying.begin_with(made, "plain-school")
        found: Any = policy.in_force(AccountsPolicy, made, today_in(made))
        assert found.password_days == 180
        expected = {s for s in runtime().subjects if s in ("accounts.opening", "content.submission")}
        assert expected <= {chain.subject for chain in Chain.select().where(Chain.institution == made)}
        assert ChainStep.select().where(ChainStep.who == "person").count() == 0
        assert Institution.select().count() == 1
