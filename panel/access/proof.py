"""A fresh proof of identity: before what must not be done by whoever finds an open browser.

The user types their password or, where they have an authenticator app, a code of it. A success is remembered with the
server's record of the session, so it ends with the session and with the user's epoch.

In a form: `proof = ProofField(minutes=5)`, and `{{ proof(form.proof) }}` from `access/proof.html` in the template.
Elsewhere: `{{ proof() }}`, and `demand(request.form.get("proof", ""))` in the view, before any transaction: a failed
try must stay counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import has_request_context
from flask_login import current_user
from wtforms import PasswordField
from wtforms.validators import ValidationError

from panel.access import attempts, factor, passwords
from panel.access.models import Session, User
from panel.database import in_transaction, utcnow
from panel.errors import NotAllowed, Refused
from panel.i18n import _, _l

MINUTES = 5


def prove(user: User, password_or_code: str) -> bool:
    """Whether this is the user's password, or a code of their authenticator app not used before.

    Raises Refused while the user must wait after too many failures. Never inside a transaction: a failure must stay
    counted, whatever is rolled back.
    """
    if in_transaction():
        raise RuntimeError("a proof of identity is judged before the transaction, so that failures stay counted")
    return _judge(user, password_or_code) is None


def fresh(minutes: int = MINUTES) -> bool:
    """Whether who is asking has proved their identity in this session within so many minutes."""
    session = _session()
    if session is None or session.proved_at is None:
        return False
    return bool(utcnow() - session.proved_at < timedelta(minutes=minutes))


def demand(typed: str, minutes: int = MINUTES) -> None:
    """Go on only with a fresh proof, or what was typed as one. Raises Refused for the field `proof`.

    `minutes` 0: each time anew.
    """
    if fresh(minutes):
        return
    if not has_request_context() or not current_user.is_authenticated:
        raise NotAllowed(_("Nobody is logged in."))
    user = current_user._get_current_object()
    if not typed:
        raise Refused(label(user), "proof")
    if in_transaction():
        raise RuntimeError("a proof of identity is judged before the transaction, so that failures stay counted")
    failures = _judge(user, typed)
    if failures is not None:
        raise Refused(
            _("The password or code is wrong. %(outlook)s", outlook=attempts.outlook(failures)),
            "proof",
        )


def asked(minutes: int = MINUTES) -> bool:
    """Whether a form must ask for a proof (for templates)."""
    return not fresh(minutes)


def wording() -> str:
    """What who is asking is asked for (for templates)."""
    return label(current_user._get_current_object())


def label(user: User) -> str:
    """What the user is asked for."""
    if factor.of_user(user) is not None:
        return _("Your password, or the code in your authenticator app")
    if user.password_hash:
        return _("Your password")
    return _("Log out and in again through the single sign-on: that counts as proof for five minutes")


def _judge(user: User, typed: str) -> int | None:
    """None where it is right, else the failures so far."""
    counters = attempts.of_user(user.id, "proof")
    try:
        failures = attempts.claim(*counters)
    except Refused as refusal:
        raise Refused(refusal.message, "proof") from refusal
    if not factor.take_code(user, typed) and not passwords.verify(user.password_hash, typed):
        return failures
    attempts.forgive(*counters)
    session = _session()
    if session is not None and session.user_id == user.id:
        session.proved_at = utcnow()
        Session.update(proved_at=session.proved_at).where(Session.id == session.id).execute()
    return None


def _session() -> Session | None:
    if not has_request_context() or not current_user.is_authenticated:
        return None
    session: Session | None = getattr(current_user, "session", None)
    return session


class ProofField(PasswordField):
    """Asks for a fresh proof of identity; passes by itself while there is one."""

    type = "ProofField"

    def __init__(self, label: Any = None, validators: Any = None, *, minutes: int = MINUTES, **options: Any) -> None:
        options.setdefault("description", _l("So that nobody acts in your name from a browser you left open."))
        super().__init__(label or _l("Proof that it is you"), validators or [], **options)
        self.minutes = minutes

    @property
    def asked(self) -> bool:
        """Whether it must be filled in."""
        return not fresh(self.minutes)

    @property
    def wording(self) -> str:
        """What the user is asked for."""
        return wording()

    def pre_validate(self, form: Any) -> None:
        try:
            demand(self.data or "", self.minutes)
        except Refused as refusal:
            raise ValidationError(str(refusal.message)) from refusal
