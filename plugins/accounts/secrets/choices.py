"""What an account's secrets are, and where their openings stand."""

from __future__ import annotations

from panel.api import Choice, _l


class SecretKind(Choice):
    """What an account's secret is."""

    PASSWORD = "password", _l("Password")
    RECOVERY = "recovery", _l("Recovery code")
    APP_SECRET = "app_secret", _l("AppSecret")
    PIN = "pin", _l("PIN of the bound phone")
    OTHER = "other", _l("Other secret")


class OpeningState(Choice):
    """Where the opening of a secret stands."""

    WAITING = "waiting", _l("Waiting for release"), "state-wait"
    RELEASED = "released", _l("May be shown"), "state-wait"
    SHOWN = "shown", _l("Shown"), "state-bad"
    REFUSED = "refused", _l("Not released"), "state-off"
    LAPSED = "lapsed", _l("Not shown in time"), "state-off"


class Learned(Choice):
    """How somebody came to know a secret."""

    SEALED = "sealed", _l("sealed it")
    OPENED = "opened", _l("opened it")
