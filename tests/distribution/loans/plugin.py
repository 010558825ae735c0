from loans.permissions import LoansPermission as P
from panel.api import API_VERSION, Plugin, _l

plugin = Plugin(
    name="loans",
    title=_l("Equipment loans"),
    version="1.0",
    api=API_VERSION,
    uses=("accounts",),
    description=_l("Which camera is with whom, and until when."),
    roles={"clerk": (P.LOAN_VIEW, P.LOAN_CREATE, P.LOAN_EDIT), "auditor": (P.LOAN_VIEW,)},
)
