"""The first visit: setting up an installation that has no institution yet, with a one-time token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any

from panel.access.models import Setting, User
from panel.database import transaction
from panel.errors import NotFound, Refused
from panel.i18n import _
from panel.org.models import Institution
from panel.org.services import create_institution
from panel.plugin import Registry

NAME = "setup_token"


def pending() -> bool:
    """Whether the installation still waits to be set up."""
    return not Institution.select().exists()


def token() -> str | None:
    """A new token for the set-up page, for whoever starts the panel to read; None when it is set up already.

    Only its hash is stored; an earlier token is void.
    """
    if not pending():
        return None
    secret = secrets.token_urlsafe(24)
    with transaction():
        Setting.delete().where(Setting.name == NAME).execute()
        Setting.insert(name=NAME, value=_digest(secret)).execute()
    return secret


def refuse_wrong(secret: str) -> None:
    """Raises Refused for a token that is not the pending one, NotFound when nothing is pending."""
    if not pending():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    stored = Setting.get_or_none(Setting.name == NAME)
    if stored is None or not hmac.compare_digest(stored.value, _digest(secret)):
        raise Refused(_("This is not the token that the terminal shows. Copy it from there."), "token")


def set_up(
    registry: Registry,
    secret: str,
    name: str,
    kind: str,
    time_zone: str,
    administrator: dict[str, Any],
    plugins: Sequence[str] = (),
    preset: str = "",
) -> User:
    """Create the first institution and its administrator, who also administers the installation; uses the token up.

    `preset` is the code of one to begin with.
    """
    from panel.policies.applying import begin_with

    refuse_wrong(secret)
    with transaction():
        spent = Setting.delete().where(Setting.name == NAME, Setting.value == _digest(secret)).execute()
        if not spent:  # somebody else was a moment earlier
            raise NotFound(_("This page does not exist, or is not yours to see."))
        values = {**administrator, "site_admin": True}
        made = create_institution(registry, name, kind, time_zone, values, plugins)
        if preset:
            begin_with(made, preset)
        user: User = User.get(User.site_admin)
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.strip().encode()).hexdigest()
