from enum import StrEnum


class SamplePermission(StrEnum):
    ITEM_VIEW = "samples.item.view"
    ITEM_CREATE = "samples.item.create"
    ITEM_EDIT = "samples.item.edit"
    ITEM_DELETE = "samples.item.delete"
    ITEM_EXPORT = "samples.item.export"
