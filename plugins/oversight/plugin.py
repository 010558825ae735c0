"""Oversight: the institution's own rule documents, inspections and their answers, people's duties."""

from panel.api import API_VERSION, Plugin, _l
from plugins.oversight.permissions import OversightPermission as P

LOOK = (P.DOCUMENT_VIEW, P.INSPECTION_VIEW, P.DUTY_VIEW, P.LIST_VIEW)

plugin = Plugin(
    name="oversight",
    title=_l("Oversight"),
    version="1.0.0",
    api=API_VERSION,
    requires=("accounts",),
    description=_l("Rule documents and whom they were made known to; inspections and answers; duties of people."),
    roles={
        "publicity": tuple(P),
        "lead": (*LOOK, P.ITEM_ANSWER),
        "clerk": (*LOOK, P.DOCUMENT_EDIT, P.ITEM_ANSWER),
        "auditor": (*LOOK, P.DOCUMENT_EXPORT, P.INSPECTION_EXPORT),
    },
)
