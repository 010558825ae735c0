"""The lists an institution edits: kinds of rule documents, kinds of duties."""

from __future__ import annotations

from typing import Any, ClassVar

from panel.api import Crud, Menu, RecordView, Section, _l
from plugins.oversight.permissions import OversightPermission as P
from plugins.oversight.policy import DocumentKind, DutyKind

SECTION = _l("Oversight")


class DocumentKindView(RecordView):
    """Kinds of rule documents."""

    model = DocumentKind
    may = Crud(view=P.LIST_VIEW, create=P.LIST_EDIT, edit=P.LIST_EDIT, delete=P.LIST_EDIT)
    menu = Menu(section=SECTION, label=_l("Kinds of rule documents"), order=80)
    columns = ("name", "required", "of_each_unit")
    search = ("name",)
    sort = ("name",)
    default_sort = "id"
    sections = (Section(_l("Kind of rule document"), ("name", "required", "of_each_unit")),)
    rules: ClassVar[Any] = {"required": ("s2-02-r04",), "of_each_unit": ("s3-03-r15",)}


class DutyKindView(RecordView):
    """Kinds of duties."""

    model = DutyKind
    may = Crud(view=P.LIST_VIEW, create=P.LIST_EDIT, edit=P.LIST_EDIT, delete=P.LIST_EDIT)
    menu = Menu(section=SECTION, label=_l("Kinds of duties"), order=90)
    columns = ("name", "group", "least", "most", "of_each_unit", "inspects")
    more_columns = ("position",)
    search = ("name", "group")
    sort = ("group", "position", "name")
    default_sort = "group"
    sections = (
        Section(_l("Duty"), ("group", "name", "tasks", "position")),
        Section(
            _l("Who must hold it"),
            ("least", "most", "of_each_unit", "by_unit", "head_of", "head_of_any"),
            help=_l("What nobody holds becomes a finding."),
        ),
        Section(_l("What goes with it"), ("answers_for_accounts", "inspects")),
    )
    help: ClassVar[Any] = {
        "group": _l("The leading group, management group or team it belongs to; empty where it stands alone."),
        "tasks": _l("One a line."),
        "least": _l("0: it need not be filled."),
        "most": _l("Empty: any number."),
        "head_of": _l("The name of the unit, such as 党委宣传部."),
        "inspects": _l("Whoever holds it may be named as inspector."),
    }
    rules: ClassVar[Any] = {
        "group": ("s1-17-r03", "s2-03-r02", "s2-09-r06"),
        "least": ("s1-02-r06", "s1-03-r01", "s2-05-r01"),
        "by_unit": ("s3-03-r13", "s2-01-r03"),
        "head_of": ("s1-04-r03", "s2-08-r03"),
        "tasks": ("s1-17-r05", "s4-01-r06"),
        "answers_for_accounts": ("s0-07-r04",),
        "inspects": ("s1-01-r09",),
    }
