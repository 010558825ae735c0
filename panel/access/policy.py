"""What an institution lays down about who does what in the panel itself."""

from __future__ import annotations

from panel.checks.policy import PolicyRecord, figure, policy
from panel.i18n import _l


@policy
class AccessPolicy(PolicyRecord):
    """Information officers: how many each department names."""

    title, titles = _l("Policy on officers"), _l("Policies on officers")

    officers_least = figure(
        _l("Information officers in a department, at least"),
        _l("Counted are the unit clerks who may log in. Empty: departments need not name one."),
        ("s0-08-r08", "s1-03-r04", "s1-21-r12", "s2-09-r04"),
        least=0,
        most=20,
        default=None,
    )
    officers_most = figure(
        _l("Information officers in a department, at most"),
        _l("One, where the rules say “1 person”. Empty: no limit."),
        ("s0-05-r03", "s0-08-r08"),
        least=1,
        most=20,
        default=None,
    )
