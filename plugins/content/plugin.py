"""Content: from a unit's manuscript through reviews and proofreading to the register of what went out."""

from panel.api import API_VERSION, Plugin, _l
from plugins.content.permissions import ContentPermission as P

LOOK = (P.SUBMISSION_VIEW, P.RELEASE_VIEW, P.PLAN_VIEW, P.COLUMN_VIEW, P.LIST_VIEW)

plugin = Plugin(
    name="content",
    title=_l("Content"),
    version="1.0.0",
    api=API_VERSION,
    requires=("accounts",),
    description=_l("Manuscripts, three reviews and three proofreadings, the plan, and the register of releases."),
    roles={
        "publicity": tuple(P),
        "lead": (*LOOK, P.SUBMISSION_EDIT, P.SUBMISSION_REVIEW, P.RELEASE_EDIT, P.PLAN_PROPOSE),
        "clerk": (*LOOK, P.SUBMISSION_EDIT, P.RELEASE_EDIT, P.PLAN_PROPOSE),
        "finance": LOOK,
        "auditor": (*LOOK, P.SUBMISSION_EXPORT, P.RELEASE_EXPORT),
    },
)
