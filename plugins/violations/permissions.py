"""Permissions over breaches, commendations and assessments. Few see cases; fewer learn who reported one."""

from __future__ import annotations

from enum import StrEnum

from panel.api import _l


class ViolationsPermission(StrEnum):
    CASE_VIEW = "violations.case.view"
    CASE_EDIT = "violations.case.edit"  # open, investigate, order measures, hand over to an authority
    CASE_DECIDE = "violations.case.decide"  # founded or not, the sanction, carrying out, closing, reopening
    CASE_EXPORT = "violations.case.export"
    REPORTER_REVEAL = "violations.reporter.reveal"
    RULE_VIEW = "violations.rule.view"  # kinds of breach, the ladders
    RULE_EDIT = "violations.rule.edit"
    COMMENDATION_VIEW = "violations.commendation.view"
    COMMENDATION_EDIT = "violations.commendation.edit"
    ASSESSMENT_VIEW = "violations.assessment.view"
    ASSESSMENT_EDIT = "violations.assessment.edit"  # also noting what supervision found
    ASSESSMENT_EXPORT = "violations.assessment.export"


LABELS = {
    "violations.case": _l("Breach cases"),
    "violations.reporter": _l("Reporters of breaches"),
    "violations.rule": _l("Kinds of breach and ladders"),
    "violations.commendation": _l("Commendations"),
    "violations.assessment": _l("Assessments"),
    ViolationsPermission.CASE_DECIDE: _l("Decide and close"),
    ViolationsPermission.REPORTER_REVEAL: _l("See who reported"),
}
