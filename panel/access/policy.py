"""What an institution lays down about its users: how many officers, and how strong a password."""

from __future__ import annotations

from panel.checks.policy import PolicyRecord, figure, policy
from panel.i18n import _l


@policy
class AccessPolicy(PolicyRecord):
    """Information officers: how many each department names. Passwords of the panel: how strong they must be."""

    title, titles = _l("Policy on users"), _l("Policies on users")

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
    password_shortest = figure(
        _l("Characters of a password, at least"),
        _l("For logging in to the panel. Long is stronger than intricate."),
        (),
        least=8,
        most=64,
        default=10,
    )
    password_kinds = figure(
        _l("Kinds of characters in a password, at least"),
        _l("Small letters, capitals, figures, other characters. Classified protection (MLPS) usually asks for three."),
        (),
        least=1,
        most=4,
        default=1,
    )
