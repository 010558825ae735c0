"""The verbs over sealed secrets, in one list; each is one transaction."""

from __future__ import annotations

from plugins.accounts.secrets.knowing import give_up, knowers, secret_knowledge
from plugins.accounts.secrets.opening import (
    ask_opening,
    lapse_openings,
    needs_release,
    pending_opening,
    show_secret,
)
from plugins.accounts.secrets.sealing import destroy_secret, replace_secret, seal_secret

__all__ = [
    "ask_opening",
    "destroy_secret",
    "give_up",
    "knowers",
    "lapse_openings",
    "needs_release",
    "pending_opening",
    "replace_secret",
    "seal_secret",
    "secret_knowledge",
    "show_secret",
]
