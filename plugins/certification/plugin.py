"""Verification and annual review: what lapses when, what it costs, and what is lost with it."""

from panel.api import API_VERSION, Plugin, _l
from plugins.certification.permissions import CertificationPermission as P

LOOK = (P.RENEWAL_VIEW, P.REVIEW_VIEW, P.WINDOW_VIEW, P.SITE_VIEW)

plugin = Plugin(
    name="certification",
    title=_l("Verification and annual review"),
    version="1.0.0",
    api=API_VERSION,
    requires=("accounts",),
    description=_l("Renewals with their steps, papers and fees; the yearly review; certificates and domains of sites."),
    roles={
        "publicity": tuple(P),
        "lead": (*LOOK, P.RENEWAL_EDIT, P.BUDGET_VIEW),
        "clerk": (*LOOK, P.RENEWAL_EDIT, P.REVIEW_EDIT, P.SITE_EDIT),
        "finance": (*LOOK, P.RENEWAL_EDIT, P.BUDGET_VIEW, P.BUDGET_EDIT),
        "auditor": (*LOOK, P.BUDGET_VIEW, P.RENEWAL_EXPORT),
    },
)
