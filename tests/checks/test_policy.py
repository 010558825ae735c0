"""Periods of policy, national rules, the catalogue's coverage and the commands."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from panel import records
from panel.checks import policy, score
from panel.checks.declare import Severity
from panel.checks.engine import today_in
from panel.checks.models import Finding, Score
from panel.checks.sweep import sweep
from panel.cli import checks as commands
from panel.errors import Refused, Stale
from panel.org.models import Institution
from panel.policies.catalogue import documents, elsewhere, rules
from panel.policies.coverage import coverage
from panel.policies.national import binding, conflicts, national
from plugins.accounts.models import Account, Custodian, Platform
from plugins.accounts.policy import AccountsPolicy
from tests.cast import World
from tests.policies.conftest import Register, register

__all__ = ["register"]


def test_a_past_month_is_judged_by_its_own_policy(register: Register) -> None:
    account = register.account()
    for name in "甲乙":
        register.add(Custodian, account=account, person=register.person(name))
    policy.change(AccountsPolicy, register.uni, date(2026, 4, 1), {"max_custodians": 1})
    assert "too_many_custodians" not in register.findings(account, on=date(2026, 3, 31))
    assert (
        "2 people know the password, at most 1"
        in register.findings(account, on=date(2026, 4, 1))["too_many_custodians"]
    )
    policy.change(AccountsPolicy, register.uni, date(2026, 6, 1), {"max_custodians": 2})
    assert "too_many_custodians" in register.findings(account, on=date(2026, 5, 31))
    assert "too_many_custodians" not in register.findings(account, on=date(2026, 6, 1))
    assert [p.valid_until for p in policy.periods(AccountsPolicy, register.uni)] == [
        None,
        date(2026, 5, 31),
        date(2026, 3, 31),
    ]


def test_periods_never_overlap_and_the_past_stays(register: Register) -> None:
    policy.change(AccountsPolicy, register.uni, date(2026, 4, 1), {"max_custodians": 1})
    with pytest.raises(Refused, match="2026-04-01"):
        policy.change(AccountsPolicy, register.uni, date(2026, 3, 1), {"max_custodians": 3})
    row = policy.in_force(AccountsPolicy, register.uni, date(2026, 4, 1))
    assert row is not None
    policy.change(AccountsPolicy, register.uni, date(2026, 4, 1), {"max_custodians": 3})  # corrects the open period
    assert len(policy.periods(AccountsPolicy, register.uni)) == 2
    with pytest.raises(Stale):
        policy.change(AccountsPolicy, register.uni, date(2026, 5, 1), {}, expected_version=row.version)
    with pytest.raises(Refused):
        records.create(AccountsPolicy, institution=register.uni, valid_from=date(2027, 1, 1))


@pytest.mark.parametrize("figures", [{"max_custodians": 0}, {"max_custodians": 21}, {"silent_days": -1}])
def test_the_database_refuses_an_impossible_figure(register: Register, figures: dict[str, int]) -> None:
    with pytest.raises(Refused, match="a whole number from"):
        policy.change(AccountsPolicy, register.uni, date(2026, 4, 1), figures)


def test_national_rules_bind_by_kind_and_date(world: World) -> None:
    with_kind = {
        kind: {r.id for r in binding(Institution(kind=kind), date(2026, 3, 2))} for kind in ("state", "company")
    }
    assert {"n-silence", "n-one-account", "n-no-likes"} <= with_kind["state"]
    assert with_kind["company"] == {"n-icp", "n-wechat-person"}
    assert "n-no-likes" not in {r.id for r in binding(Institution(kind="state"), date(2020, 1, 1))}
    state = Institution(kind="state")
    for value, against in ((None, True), (15, True), (14, False), (7, False)):
        found = conflicts(state, AccountsPolicy, {"silent_days": value}, date(2026, 3, 2))
        assert bool(found) is against
    assert all(rule.source and rule.basis in ("notice", "platform", "press", "known") for rule in national())
    for rule in national():
        assert not rule.parameter or rule.parameter.rpartition(".")[2] in AccountsPolicy.parameters()


def test_every_parameter_cites_articles_that_exist() -> None:
    for model in (AccountsPolicy,):
        for name, parameter in model.parameters().items():
            assert parameter.rules, name
            assert set(parameter.rules) <= set(rules()), name


def test_the_catalogue_is_whole_and_names_no_person() -> None:
    assert (len(documents()), len(rules())) == (49, 682)
    areas: dict[str, int] = {}
    for rule in rules().values():
        areas[rule.area] = areas.get(rule.area, 0) + 1
    assert (areas["accounts"], areas["custodians"], areas["sites"], areas["workplace"]) == (86, 45, 24, 43)


def test_coverage_tells_tested_from_open_and_finds_unknown_ids(tmp_path: Path) -> None:
    for folder in ("panel", "plugins", "tests"):
        (tmp_path / folder).mkdir()
    unknown = "s9-99-r99"
    (tmp_path / "panel" / "a.py").write_text(f'RULES = ("s3-01-r07", "{unknown}")')
    (tmp_path / "tests" / "b.py").write_text('@pytest.mark.rule(\n    "s0-07-r01", "s0-07-r02"\n)')
    found = coverage(tmp_path)
    assert [found.state(rules()[r]) for r in ("s0-07-r02", "s3-01-r07", "s3-03-r20", "s1-01-r06", "s0-01-r04")] == [
        "tested",
        "cited",
        "human",
        "open",
        "elsewhere",
    ]
    assert found.unknown == {unknown: ["panel/a.py"]}


def test_every_rule_of_these_areas_is_proved_or_said_to_belong_elsewhere() -> None:
    found = coverage(Path(__file__).parents[2])
    ours = [r for r in rules().values() if r.area in ("accounts", "custodians", "sites", "workplace")]
    assert [r.id for r in ours if found.state(r) in ("open", "cited")] == []
    assert [r for r in elsewhere() if r in found.tested] == []  # proved by now: strike it off the list
    assert set(elsewhere()) <= {r.id for r in ours}


def test_no_source_names_a_rule_that_does_not_exist() -> None:
    assert coverage(Path(__file__).parents[2]).unknown == {}


def test_panel_rules_prints_areas_documents_and_json() -> None:
    run = CliRunner().invoke(commands.rules, ["--json"])
    assert run.exit_code == 0
    told = json.loads(run.output)
    assert told["areas"]["custodians"]["rules"] == 45
    assert told["rules"]["s3-01-r07"]["state"] == "tested"
    assert "custodians" in CliRunner().invoke(commands.rules).output
    assert "s3-01-r07" in CliRunner().invoke(commands.rules, ["--area", "custodians"]).output


def test_panel_check_prints_the_findings(register: Register, app: Any, monkeypatch: Any) -> None:
    account = register.account(responsible=None)
    monkeypatch.setattr(commands, "create_app", lambda: app)
    monkeypatch.setattr(commands, "db", SimpleNamespace(connection_context=nullcontext))
    run = CliRunner().invoke(commands.check, ["--institution", register.uni.name, "--json"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.output)
    (found,) = [f for f in told["findings"] if f["code"] == "accounts.no_responsible"]
    assert found["subject"] == f"accounts.account:{account.id}"
    assert found["rules"][0] == "s0-07-r10"
    missing = CliRunner().invoke(commands.check, ["--institution", "无此机构"])
    assert isinstance(missing.exception, Refused)


def test_the_score_is_what_the_page_says(register: Register) -> None:
    assert score.points({Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTICE: 1}) == 62
    assert score.points({Severity.ERROR: 9}) == 0
    good = register.account("好", unit=register.world.lab)
    bad = register.account("差", unit=register.world.faculty, responsible=None)
    closed = register.account("关", unit=register.world.faculty, status="closed", closed_on=date(2026, 1, 1))
    today = today_in(register.uni)
    sweep(register.uni)
    each = score.of_records(Account, [good.id, bad.id, closed.id], register.uni.id, today, ["accounts"])
    assert set(each) == {good.id, bad.id}
    for account in (good, bad):
        open_ones = Finding.select().where(Finding.subject_id == account.id, Finding.subject_type == "accounts.account")
        counts: dict[Severity, int] = {}
        for finding in open_ones:
            counts[Severity(finding.severity)] = counts.get(Severity(finding.severity), 0) + 1
        assert each[account.id] == score.points(counts)
    score.snapshot(register.uni, today, [Account], ["accounts"])
    score.snapshot(register.uni, today, [Account], ["accounts"])  # again, it replaces
    by_unit = {row.unit_id: (row.points, row.records) for row in Score.select()}
    mean = int((each[good.id] + each[bad.id]) / 2 + 0.5)
    assert by_unit[register.world.lab.id] == (each[good.id], 1)
    assert by_unit[register.world.faculty.id] == by_unit[None] == (mean, 2)
    assert score.trend(register.uni, today - timedelta(days=1)) == [(today, mean)]


def test_a_plugin_that_is_off_has_no_findings_and_gets_them_back(register: Register) -> None:
    from panel.access.models import PluginSwitch

    account = register.account(responsible=None)
    switch = PluginSwitch.get(PluginSwitch.institution == register.uni, PluginSwitch.plugin == "accounts")
    records.update(switch, enabled=False)
    before = Finding.select().count()
    register.account("另一", responsible=None)
    assert sweep(register.uni).opened == 0
    assert Finding.select().count() == before
    records.update(switch, enabled=True)
    other = Account.get(Account.name == "另一")
    assert {account.id, other.id} <= {
        f.subject_id for f in Finding.select().where(Finding.code == "accounts.no_responsible")
    }
    assert Platform.select().exists()
