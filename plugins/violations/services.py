"""The verbs of breaches, commendations and assessments, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.violations import barring
from plugins.violations.assessing import (
    begin_assessment,
    change_commendation,
    change_round,
    close_round,
    commend,
    mark,
    supervise,
)
from plugins.violations.barring import custodian_assigned, operator_assigned, responsible_named
from plugins.violations.cases import (
    appeal,
    change_case,
    close,
    decide,
    lacking,
    open_case,
    record_findings,
    rename_kind,
    reopen,
    report_breach,
    take_up,
    turn_down,
)
from plugins.violations.holdings import case_handler
from plugins.violations.measures import (
    accept_rectification,
    attach,
    do_measure,
    name_party,
    note_liability,
    order_measure,
    refer,
    tell_superior,
)
from plugins.violations.neighbours import confirmed_chats, take_over
from plugins.violations.policy import ViolationsPolicy
from plugins.violations.sanctioning import carry_out, lift, sanction, settle_suspensions
from plugins.violations.shipped import kind_called, ship_kinds

# Where there is something to release.
release_entered = getattr(barring, "release_entered", None)
release_looked_at = getattr(barring, "release_looked_at", None)

__all__ = [
    "accept_rectification",
    "appeal",
    "attach",
    "begin_assessment",
    "carry_out",
    "case_handler",
    "change_case",
    "change_commendation",
    "change_round",
    "close",
    "close_round",
    "commend",
    "confirmed_chats",
    "custodian_assigned",
    "decide",
    "do_measure",
    "kind_called",
    "lacking",
    "lift",
    "mark",
    "name_party",
    "note_liability",
    "on_enable",
    "open_case",
    "operator_assigned",
    "order_measure",
    "record_findings",
    "refer",
    "release_entered",
    "release_looked_at",
    "rename_kind",
    "reopen",
    "report_breach",
    "responsible_named",
    "sanction",
    "settle_suspensions",
    "supervise",
    "take_over",
    "take_up",
    "tell_superior",
    "turn_down",
]


def on_enable(institution: Institution) -> None:
    """Put a policy in force and give the usual kinds of breach; adds only what is missing."""
    ship_policy(ViolationsPolicy, institution)
    ship_kinds(institution)
