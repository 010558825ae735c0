from peewee import BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import (
    Choice,
    MoneyField,
    Owned,
    Person,
    RestrictedKey,
    SecretText,
    Unit,
    UtcDateTimeField,
)


class Kind(Choice):
    NEW = "new", "新的", "state-wait"
    USED = "used", "在用的", "state-ok"
    LOST = "lost", "丢失的", "state-bad"


class Item(Owned):
    title, titles = "物品", "物品"
    scope_unit = "unit"
    refusals = {"institution,code": "这个编号已有物品使用。", "samples_item_price": "价格不能为负。"}

    name = CharField(max_length=60, verbose_name="名称")
    code = CharField(max_length=20, null=True, verbose_name="编号")
    kind = CharField(max_length=10, choices=Kind.pairs(), default="new", verbose_name="状态")
    grade = CharField(max_length=10, choices=[("a", "甲"), ("b", "乙")], null=True, verbose_name="等级")
    unit = RestrictedKey(Unit, backref="items", verbose_name="部门")
    owner = RestrictedKey(Person, null=True, backref="items_owned", verbose_name="责任人")
    deputy = RestrictedKey(Person, null=True, backref="items_kept", verbose_name="代管人")
    opened_on = DateField(null=True, verbose_name="启用日期")
    price = MoneyField(null=True, verbose_name="价格（元）")
    amount = IntegerField(default=1, verbose_name="数量")
    active = BooleanField(default=True, verbose_name="有效")
    seen_at = UtcDateTimeField(null=True, verbose_name="最近盘点")
    note = TextField(default="", verbose_name="备注")
    secret = SecretText(default="", verbose_name="密码")
    archived_at = UtcDateTimeField(null=True, verbose_name="归档")

    class Meta:
        indexes = ((("institution", "code"), True), (("institution", "name"), False))
        constraints = [Check("price IS NULL OR price >= 0", name="samples_item_price")]

    def __str__(self) -> str:
        return self.name


class Tag(Owned):
    title, titles = "标签", "标签"
    scope_parent = "item"

    item = RestrictedKey(Item, backref="tags", verbose_name="物品")
    name = CharField(max_length=20, verbose_name="名称")

    def __str__(self) -> str:
        return self.name
