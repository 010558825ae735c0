from areas.samples.models import Item, Tag

from panel.api import Refused, records, transaction


def create(values):
    values = {k: v for k, v in values.items() if k != "helpers"}
    if values.get("name") == "官方":
        raise Refused("“官方”是受保护的词。", "name")
    return records.create(Item, **values)


def update(row, expected_version, values):
    values = {k: v for k, v in values.items() if k != "helpers"}
    if values.get("name") == "官方":
        raise Refused("“官方”是受保护的词。", "name")
    records.update(row, expected_version, **values)


def tag(item, *names):
    with transaction():
        for name in names:
            records.create(Tag, institution=item.institution, item=item, name=name)
