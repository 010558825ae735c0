"""Work groups: their register, owners and members, quiet hours, notices with receipts, cases and rectification."""

from panel.api import API_VERSION, Plugin, _l
from plugins.groupchat.permissions import GroupchatPermission as P

LOOK = (P.GROUP_VIEW, P.MEMBER_VIEW, P.CASE_VIEW, P.NOTICE_VIEW, P.RULE_VIEW)
KEEP = (P.GROUP_EDIT, P.CASE_EDIT, P.CASE_READ, P.NOTICE_EDIT)

plugin = Plugin(
    name="groupchat",
    title=_l("Work groups"),
    version="1.0.0",
    api=API_VERSION,
    description=_l("The register of chat groups, who is in them, when nobody posts, notices and who answered."),
    roles={
        "publicity": tuple(P),
        "lead": (*LOOK, *KEEP),
        "clerk": (*LOOK, *KEEP),
        "auditor": (*LOOK, P.GROUP_EXPORT),
    },
)
