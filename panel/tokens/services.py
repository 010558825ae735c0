"""The verbs over tokens, and whose identity one gives."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from peewee import JOIN

from panel import records
from panel.access.identity import Identity, Rights, current, identify
from panel.access.models import User
from panel.access.scope import require
from panel.database import transaction, utcnow
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _
from panel.org.models import Institution, Person, Unit
from panel.tokens.models import Token
from panel.tokens.permissions import TokensPermission as P

PREFIX = "zy_"
TERMS = (7, 30, 90, 180, 365)  # days
MOST = 20  # working tokens of one user
NOTED_EVERY = timedelta(minutes=1)  # how exact `used_at` is
NEVER = ("tokens.",)  # permissions no token can hold: it would make others of its own


def make(name: str, permissions: Collection[str], unit: Unit | None, days: int) -> tuple[Token, str]:
    """Make a token of one's own; gives it and its secret, which is never shown again.

    Raises Refused for a permission one does not hold, a unit out of reach or a term there is not.
    """
    who = require(P.TOKEN_CREATE)
    if who.user is None:
        raise NotAllowed(_("Nobody is logged in."))
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Refused(_("Give it a name of at most 60 characters."), "name")
    if days not in TERMS:
        raise Refused(_("Choose how long it is to work."), "days")
    if not permissions:
        raise Refused(_("Choose at least one permission."), "permissions")
    if beyond := [p for p in permissions if p.startswith(NEVER) or not who.may(p)]:
        raise Refused(_("You can give only what you hold yourself: %(what)s", what="、".join(beyond)), "permissions")
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction():
        mine = (Token.user == who.user) & Token.ended_at.is_null() & (Token.expires_at > utcnow())
        if Token.select().where(mine).count() >= MOST:
            raise Refused(_("You have %(count)s tokens; end one first.", count=MOST))
        row = records.create(
            Token,
            institution=who.institution,
            user=who.user,
            name=name,
            begins=secret[:8],
            secret_hash=digest(secret),
            permissions=sorted(permissions),
            unit=unit,
            expires_at=utcnow() + timedelta(days=days),
        )
    return row, secret


def end(token: Token) -> None:
    """End a token at once. Raises Refused for one that has ended."""
    if token.ended_at is not None:
        raise Refused(_("This token has ended already."))
    records.update(token, ended_at=utcnow())


def find_token(token_id: object) -> Token:
    """A token of one's own, or of the institution for who may end everybody's. Raises NotFound."""
    row = None
    if str(token_id).isdecimal() and len(str(token_id)) < 19:
        row = visible().where(Token.id == int(str(token_id))).first()
    if row is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return row


def visible() -> Any:
    """The tokens whoever is asking sees, newest first, with owners and units."""
    who = current()
    if who is None or who.user is None:
        raise NotAllowed(_("Nobody is logged in."))
    query = Token.select(Token, User, Unit).join(User).switch(Token).join(Unit, JOIN.LEFT_OUTER)
    query = query.where(Token.institution == who.institution).order_by(Token.id.desc())
    if not (who.may(P.TOKEN_END) and who.reach(P.TOKEN_END) is None):
        query = query.where(Token.user == who.user)
    return query


# ── at work ────────────────────────────────────────────────────────────────────────────────────


def token_of(secret: str) -> Token | None:
    """The working token with this secret, of a user who may log in; with user, institution and unit."""
    if not (secret.startswith(PREFIX) and secret.isascii() and len(secret) < 100):
        return None
    row: Token | None = (
        Token.select(Token, User, Person, Institution, Unit)
        .join(User)
        .join(Person, JOIN.LEFT_OUTER)
        .switch(Token)
        .join(Institution, on=Token.institution == Institution.id)
        .switch(Token)
        .join(Unit, JOIN.LEFT_OUTER, on=Token.unit == Unit.id)
        .where(Token.secret_hash == digest(secret), Token.ended_at.is_null(), Token.expires_at > utcnow(), User.active)
        .first()
    )
    if row is None or (row.user.person_id and not row.user.person.in_service()):
        return None
    return row


def identity_of(token: Token) -> Identity:
    """The owner's identity now, cut down to the token's permissions and unit."""
    whole = identify(token.user, token.institution)
    wanted = frozenset(p for p in token.permissions if not p.startswith(NEVER))
    bound = token.unit.path if token.unit_id else None
    if whole.rights.everything:
        root = Unit.select(Unit.path).where(Unit.institution == token.institution, Unit.parent.is_null()).scalar()
        grants: tuple[tuple[frozenset[str], str], ...] = ((wanted, bound or root),) if root else ()
    else:
        cut = ((held & wanted, _narrower(path, bound)) for held, path in whole.rights.grants)
        grants = tuple((held, path) for held, path in cut if held and path)
    return Identity(token.user, token.institution, Rights(grants, plugins=whole.rights.plugins))


def _narrower(path: str, bound: str | None) -> str:
    """The part of the tree below both; empty where there is none."""
    if bound is None or path.startswith(bound):
        return path
    return bound if bound.startswith(path) else ""


def note_use(token: Token, ip: str) -> None:
    """Keep when it was last used, and from where; writes at most once a minute."""
    if token.used_at is None or token.used_at < utcnow() - NOTED_EVERY or token.used_from != ip[:45]:
        records.derive(Token, Token.id == token.id, used_at=utcnow(), used_from=ip[:45])


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
