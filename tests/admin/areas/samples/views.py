from areas.samples import services
from areas.samples.models import Item, Kind, Tag
from areas.samples.permissions import SamplePermission as P
from markupsafe import Markup
from peewee import fn

from panel.api import (
    Act,
    ChoiceField,
    ChoiceFilter,
    Crud,
    DayField,
    Form,
    LineField,
    Menu,
    Person,
    RecordView,
    RefListField,
    Refused,
    Required,
    Section,
    bulk,
    expose,
    needs,
    records,
    respond,
)


def _tagged(model, values):
    tag = Tag.alias()
    return fn.EXISTS(tag.select(tag.id).where(tag.item == model.id)) == ("yes" in values)


class LoseForm(Form):
    kind = ChoiceField("状态", Kind, leave=("new",))
    where = LineField("地点", [Required()], most=10)
    on = DayField("日期")


def _lose(item, values):
    if values["where"] == "海里":
        raise Refused("海里的不算遗失。", "where")
    records.update(item, kind=values["kind"], note=values["where"])


def _drop(tag, values):
    records.delete(tag)
    return f"已取下{tag}"


ACTS = {
    "lose": Act(
        Item,
        LoseForm,
        "登记遗失",
        "登记",
        "已登记遗失。",
        _lose,
        rules={"where": ("s0-07-r01",)},
        ready=lambda form, item: [f"{item}还在账上"],
        begins=lambda item: {"where": item.code},
    ),
    "untag": Act(Tag, Form, "取下标签", "取下", "", _drop, back=lambda tag: tag.item, part="tags"),
}


class ItemView(RecordView):
    model = Item
    may = Crud(P.ITEM_VIEW, P.ITEM_CREATE, P.ITEM_EDIT, P.ITEM_DELETE, P.ITEM_EXPORT)
    menu = Menu("样品", "物品台账", 10)
    columns = ("name", "unit", "owner", "tags", "opened_on", "kind", "price")
    more_columns = ("deputy", "code", "amount", "grade", "active", "seen_at", "owner.unit", "secret", "note")
    labels = {"tags": "标签"}
    formats = {"code": lambda row: Markup("<code>{}</code>").format(row.code or "")}
    search = ("name", "code", "owner.name")
    filters = (
        "kind", "grade", "unit", "owner", "deputy", "opened_on", "price", "amount", "active", "seen_at", "note",
        "owner.kind", ChoiceFilter("tagged", "有标签", choices=[("yes", "有"), ("no", "没有")], where=_tagged),
    )  # fmt: skip
    sort = ("name", "unit", "owner", "opened_on", "price", "owner.unit")
    editable = ("kind", "amount", "opened_on", "grade")
    sections = (
        Section("基本信息", ("name", "code", "unit", "kind", "grade", "opened_on"), help="登记物品的基本情况。"),
        Section("人员", ("owner", "deputy", "helpers")),
        Section("其他", ("price", "amount", "active", "seen_at", "note")),
    )
    help = {"opened_on": "年-月-日，2019.3.12 这样的写法也认。"}
    rules = {"name": ("s0-07-r01",)}
    form_extra_fields = {"helpers": RefListField("协助人", Person, most=2)}
    create_with = staticmethod(services.create)
    update_with = staticmethod(services.update)

    def load(self, rows):
        tags = {}
        for tag in Tag.select().where(Tag.item.in_([row.id for row in rows])).order_by(Tag.id):
            tags.setdefault(tag.item_id, []).append(tag)
        for row in rows:
            row.tags = tags.get(row.id, [])
            row.helpers = []

    @bulk("停用", P.ITEM_EDIT, confirm=lambda n: f"停用这 {n} 件物品？")
    def retire(self, rows):
        for row in rows:
            records.update(row, active=False)
        return len(rows)

    @expose("/act/", methods=("GET", "POST"))
    @needs(P.ITEM_EDIT)
    def act(self):
        return respond(self, ACTS, P.ITEM_EDIT)
