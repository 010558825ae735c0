"""Every check of the register runs on both databases, and names itself properly."""

from __future__ import annotations

from panel.checks.models import Broken
from panel.checks.registry import checks
from panel.checks.sweep import sweep
from panel.policies.catalogue import rules
from tests.cast import World


def test_every_check_runs_on_both_databases(uni: World) -> None:
    report = sweep(uni.uni)
    assert report.broken == [], [b.error for b in Broken.select()]


def test_every_cited_rule_is_in_the_catalogue() -> None:
    assert [(c.code, r) for c in checks for r in c.rules if r not in rules()] == []
