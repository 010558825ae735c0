"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for who lost it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from io import BytesIO

import pyotp
import segno

from panel import audit, records, vault
from panel.access.models import SecondFactor, Session, User
from panel.access.reach import refuse_over
from panel.access.sessions import end_others, end_sessions
from panel.database import is_postgres, transaction, utcnow
from panel.errors import Refused
from panel.i18n import _

STEP = 30  # seconds
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read as something else


def of_user(user: User) -> SecondFactor | None:
    """The factor that log-in asks the user for; None: none is set up."""
    return SecondFactor.get_or_none(SecondFactor.user == user.id, SecondFactor.confirmed_at.is_null(False))


def begin(user: User) -> None:
    """Make the secret of a new app, instead of one that was never confirmed. Raises Refused where one is in use."""
    with transaction():
        found = _locked(user)
        if found is not None and found.confirmed_at is not None:
            raise Refused(_("A second factor is set up already."))
        if found is None:
            found = records.create(SecondFactor, institution=user.institution_id, user=user)
        vault.put(found, "secret", pyotp.random_base32())


def pending_secret(user: User) -> str | None:
    """The secret to type into the app, until its first code was right."""
    found = SecondFactor.get_or_none(SecondFactor.user == user.id, SecondFactor.confirmed_at.is_null())
    return vault.read(found, "secret") if found else None


def picture(user: User, secret: str, place: str) -> bytes:
    """The QR code for the app, as PNG."""
    address = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=place)
    drawn = BytesIO()
    segno.make(address, error="m").save(drawn, kind="png", scale=5, border=2)
    return drawn.getvalue()


def confirm(user: User, code: str, session: Session | None = None) -> list[str]:
    """Put the factor in force by its first code; gives the recovery codes. Ends every other session of the user.

    Raises Refused for a wrong code, or where nothing was begun.
    """
    with transaction():
        found = _locked(user)
        if found is None or found.confirmed_at is not None:
            raise Refused(_("There is nothing to confirm. Begin again."))
        step = _step_of(found, code)
        if step is None:
            raise Refused(_("This code is wrong. Does the clock of your phone run right?"), "code")
        codes = _new_codes()
        records.update(found, confirmed_at=utcnow(), recovery=_hashes(user, codes))
        records.derive(SecondFactor, SecondFactor.id == found.id, last_step=step)
        end_others(user, session)
        if session is not None:
            Session.update(factor=True).where(Session.id == session.id).execute()
    return codes


def take_code(user: User, code: str) -> bool:
    """Whether this is a code of the user's app that was not taken before; it is taken by asking."""
    found = of_user(user)
    step = _step_of(found, code) if found else None
    if found is None or step is None:
        return False
    newer = (SecondFactor.id == found.id) & (SecondFactor.last_step < step)
    return records.derive(SecondFactor, newer, last_step=step) == 1


def take_recovery(user: User, code: str) -> bool:
    """Whether this is one of the recovery codes left; it is used up by asking."""
    wanted = _hash(user, code)
    with transaction():
        found = _locked(user)
        if found is None or found.confirmed_at is None:
            return False
        kept = found.recovery.split()
        if not any(hmac.compare_digest(wanted, one) for one in kept):
            return False
        records.update(found, recovery=" ".join(one for one in kept if one != wanted))
        audit.note("recovery_used", user, {"left": len(kept) - 1})
    return True


def recovery_left(found: SecondFactor) -> int:
    """How many recovery codes are left."""
    return len(found.recovery.split())


def renew_recovery(user: User) -> list[str]:
    """New recovery codes; the old ones are void."""
    found = of_user(user)
    if found is None:
        raise Refused(_("No second factor is set up."))
    codes = _new_codes()
    records.update(found, recovery=_hashes(user, codes))
    return codes


def remove(user: User) -> None:
    """The user sets their own factor aside."""
    with transaction():
        found = _locked(user)
        if found is not None:
            records.delete(found)


def reset(user: User) -> None:
    """Take the factor from a user who lost it: they log in without, and set one up anew. Ends their sessions."""
    refuse_over(user)
    with transaction():
        remove(user)
        end_sessions(User.id == user.id)


def _locked(user: User) -> SecondFactor | None:
    query = SecondFactor.select().where(SecondFactor.user == user.id)
    found: SecondFactor | None = (query.for_update() if is_postgres() else query).first()
    return found


def _step_of(found: SecondFactor, code: str) -> int | None:
    """The step whose code this is: the present one, or a neighbour for a clock that runs wrong."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdecimal():
        return None
    app = pyotp.TOTP(vault.read(found, "secret"))
    now = int(utcnow().timestamp()) // STEP
    steps = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(app.at(step * STEP), digits)]
    return next((step for step in steps if step > found.last_step), None)


def _new_codes() -> list[str]:
    texts = ("".join(secrets.choice(ALPHABET) for _place in range(16)) for _code in range(CODES))
    return ["-".join(text[at : at + 4] for at in range(0, 16, 4)) for text in texts]


def _hashes(user: User, codes: list[str]) -> str:
    return " ".join(_hash(user, code) for code in codes)


def _hash(user: User, code: str) -> str:
    """They are as long as keys, so that a plain hash suffices."""
    letters = "".join(letter for letter in code[:100].lower() if letter in ALPHABET)
    return hashlib.sha256(f"{user.id}:{letters}".encode()).hexdigest()
