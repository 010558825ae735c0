"""Breaches and what follows them, commendations, and the regular assessment of units and people."""

from panel.api import API_VERSION, Plugin, _l
from plugins.violations.permissions import ViolationsPermission as P

plugin = Plugin(
    name="violations",
    title=_l("Breaches and commendations"),
    version="1.0.0",
    api=API_VERSION,
    requires=("accounts",),
    uses=("content", "groupchat"),
    description=_l("Reports, investigation, what is decided and carried out; commendations and assessments."),
    roles={
        "publicity": tuple(P),
        "lead": (P.COMMENDATION_VIEW, P.ASSESSMENT_VIEW),
        "auditor": (P.CASE_VIEW, P.CASE_EXPORT, P.RULE_VIEW, P.COMMENDATION_VIEW, P.ASSESSMENT_VIEW),
    },
)
