"""Rules of the area audit: that rules and reviews leave a record, with its dates, that nobody can undo."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from panel import audit, records
from panel.admin.history import events
from panel.checks import policy
from panel.org.models import Unit
from plugins.accounts.policy import AccountsPolicy
from tests.cast import World
from tests.policies.conftest import MARCH, Register


@pytest.mark.one_database
@pytest.mark.rule("s1-06-r04", "s2-03-r03")
def test_an_earlier_revision_of_the_rules_stays_readable_with_its_dates(register: Register) -> None:
    policy.change(AccountsPolicy, register.uni, date(2026, 1, 1), {"work_accounts": 1}, reason="修订一")
    policy.change(AccountsPolicy, register.uni, MARCH, {"work_accounts": 2}, reason="修订二")
    second, first = policy.periods(AccountsPolicy, register.uni)[:2]
    assert (second.valid_from, second.work_accounts, second.reason) == (MARCH, 2, "修订二")
    assert (first.valid_from, first.valid_until) == (date(2026, 1, 1), date(2026, 3, 1))
    assert (first.work_accounts, first.reason) == (1, "修订一")
    assert policy.in_force(AccountsPolicy, register.uni, date(2026, 2, 28)) == first


@pytest.mark.one_database
@pytest.mark.rule("s4-01-r15")
def test_each_review_leaves_who_when_why_and_what_it_changed(app: Flask, world: World) -> None:
    """The trail of any record: no reviewer, time, opinion or change is missing, and none can be taken out."""
    for name, opinion in (("alice", "标题改短"), ("bob", "同意")):
        with audit.acting("web", user=world.users[name], reason=opinion):
            records.update(Unit.get_by_id(world.lab.id), code=name)
    with app.test_request_context():
        trail, _more = events(Unit.get_by_id(world.lab.id))
    assert [(e.who, e.reason) for e in trail[:2]] == [("Bob", "同意"), ("Alice", "标题改短")]
    assert [(c.before, c.after) for e in trail[:2] for c in e.changes] == [("alice", "bob"), ("", "alice")]
    assert trail[0].at >= trail[1].at
