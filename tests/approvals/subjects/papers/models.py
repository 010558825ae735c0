from peewee import BooleanField, CharField, IntegerField

from panel.api import Choice, Owned, RestrictedKey, Unit


class Kind(Choice):
    PLAIN = "plain", "普通"
    VIRTUAL = "virtual", "虚体"


class Paper(Owned):
    title, titles = "申请", "申请"
    scope_unit = "unit"

    unit = RestrictedKey(Unit, backref="+", verbose_name="部门")
    name = CharField(max_length=60, verbose_name="名称")
    kind = CharField(max_length=10, choices=Kind.pairs(), default="plain", verbose_name="类别")
    amount = IntegerField(default=0, verbose_name="金额")
    secret = BooleanField(default=False, verbose_name="涉密")
    state = CharField(max_length=10, default="draft", verbose_name="状态")

    def __str__(self) -> str:
        return self.name


class Line(Owned):
    title, titles = "明细", "明细"
    scope_parent = "paper"

    paper = RestrictedKey(Paper, backref="lines", verbose_name="申请")
    name = CharField(max_length=60, verbose_name="名称")

    def __str__(self) -> str:
        return self.name
