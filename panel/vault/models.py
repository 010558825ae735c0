"""Data keys: what an institution's secrets are sealed with."""

from __future__ import annotations

from peewee import CharField, Check, IntegerField

from panel.database import SecretText, UtcDateTimeField
from panel.i18n import _l
from panel.org.models import Owned


class DataKey(Owned):
    """A key of one institution, wrapped by a master key. The highest number that is not retired seals; all open.

    The wrapping follows from the master key in force; it is bound to institution and number.
    """

    title, titles = _l("Key of the vault"), _l("Keys of the vault")
    called = "number"
    derived = ("wrapped", "master")
    verbs = {"rewrapped": _l("wrapped by another master key")}

    number = IntegerField(verbose_name=_l("Number"))
    wrapped = SecretText(verbose_name=_l("Key"))
    master = CharField(max_length=12, verbose_name=_l("Master key"))
    retired_at = UtcDateTimeField(null=True, verbose_name=_l("Replaced"))

    class Meta:
        indexes = ((("institution", "number"), True),)
        constraints = [Check("number > 0", name="vault_data_key_number")]

    def __str__(self) -> str:
        return str(self.number)
