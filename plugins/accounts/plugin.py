"""The account register: who answers for every public account, who operates it, and who knows its password."""

from panel.api import API_VERSION, Plugin, _l
from plugins.accounts.permissions import AccountsPermission as P

plugin = Plugin(
    name="accounts",
    title=_l("Accounts"),
    version="1.0.0",
    api=API_VERSION,
    description=_l("The register of public accounts, with the people and devices behind them."),
    roles={
        "publicity": tuple(P),
        "lead": (
            P.PLATFORM_VIEW,
            P.ACCOUNT_VIEW,
            P.ACCOUNT_EXPORT,
            P.CUSTODIAN_VIEW,
            P.CUSTODIAN_HAND_OVER,
            P.APPLICATION_VIEW,
            P.FILING_VIEW,
            P.SECRET_VIEW,
        ),
        "clerk": (
            P.PLATFORM_VIEW,
            P.ACCOUNT_VIEW,
            P.ACCOUNT_CREATE,
            P.ACCOUNT_EDIT,
            P.ACCOUNT_EXPORT,
            P.OPERATOR_ASSIGN,
            P.CUSTODIAN_VIEW,
            P.CUSTODIAN_HAND_OVER,
            P.SECRET_VIEW,
            P.SECRET_SEAL,
            P.DEVICE_EDIT,
            P.APPLICATION_VIEW,
            P.APPLICATION_APPLY,
            P.FILING_VIEW,
        ),
        "finance": (P.PLATFORM_VIEW, P.ACCOUNT_VIEW),
        "auditor": (
            P.PLATFORM_VIEW,
            P.ACCOUNT_VIEW,
            P.ACCOUNT_EXPORT,
            P.CUSTODIAN_VIEW,
            P.CUSTODIAN_EXPORT,
            P.APPLICATION_VIEW,
            P.APPLICATION_EXPORT,
            P.FILING_VIEW,
            P.FILING_EXPORT,
            P.SECRET_VIEW,
            P.OPENING_VIEW,
            P.OPENING_EXPORT,
        ),
    },
    parts=("life", "checking", "secrets"),
)
