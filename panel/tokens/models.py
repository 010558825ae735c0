"""Tokens: what a script may do in somebody's name."""

from __future__ import annotations

from peewee import CharField, Check, JSONField

from panel.access.models import User
from panel.database import RestrictedKey, SecretText, UtcDateTimeField, utcnow
from panel.i18n import _l
from panel.org.models import Owned, Unit


class Token(Owned):
    """A key for a script. What it may do is cut from what its owner may do at the time it is used.

    Only a hash of it is kept. `unit` None: wherever its owner may.
    """

    title, titles = _l("API token"), _l("API tokens")
    derived = ("used_at", "used_from")

    user = RestrictedKey(User, backref="+", verbose_name=_l("Owner"))
    user_id: int
    name = CharField(max_length=60, verbose_name=_l("Name"))
    begins = CharField(max_length=12)  # the first letters, to tell it by
    secret_hash = SecretText(unique=True)
    permissions = JSONField(default=list, verbose_name=_l("Permissions"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    unit_id: int | None
    expires_at = UtcDateTimeField(verbose_name=_l("Expires"))
    ended_at = UtcDateTimeField(null=True, verbose_name=_l("Ended"))
    used_at = UtcDateTimeField(null=True, verbose_name=_l("Last used"))
    used_from = CharField(max_length=45, default="", verbose_name=_l("From"))

    class Meta:
        indexes = (
            (("user", "id"), False),
            (("institution", "id"), False),
        )
        constraints = [Check("expires_at > created_at", name="tokens_token_term")]

    def __str__(self) -> str:
        return self.name

    @property
    def works(self) -> bool:
        """Whether it has neither ended nor expired."""
        return self.ended_at is None and self.expires_at > utcnow()
