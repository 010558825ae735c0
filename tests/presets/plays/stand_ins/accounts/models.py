from peewee import CharField, JSONField

from panel.api import Owned, RestrictedKey, Unit


class Slip(Owned):
    """Whatever is decided: its fields are what a test says they are."""

    title, titles = "申请", "申请"
    scope_unit = "unit"

    unit = RestrictedKey(Unit, backref="+", verbose_name="部门")
    name = CharField(max_length=60, verbose_name="名称")
    values = JSONField(default=dict)
    state = CharField(max_length=10, default="draft")

    def __str__(self) -> str:
        return self.name
