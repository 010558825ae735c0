"""A view that declares what does not exist stops the start with a line that names it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from areas.samples.models import Item
from flask import Flask

from panel import admin
from panel.admin.view import Crud, RecordView, Section
from panel.plugin import Loaded, Plugin, Registry


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ({"columns": ()}, "columns: at least one is needed"),
        ({"filters": ("nonsense",)}, "filters: nonsense is no field of Item"),
        ({"search": ("nonsense",)}, "search: nonsense is no field of Item"),
        ({"sort": ("tags",)}, "sort: tags is no field of Item"),
        ({"joins": ("owner.nonsense",)}, "joins: owner.nonsense is no field of Item"),
        ({"sections": (Section("x", ("nonsense",)),)}, "sections: nonsense is neither a field nor"),
        ({"editable": ("price",)}, "editable: price must stand among the columns and in the form"),
    ],
)
def test_mistakes_are_named(declared, line):
    attributes = {"model": Item, "may": Crud("samples.item.view"), "columns": ("name",), **declared}
    module = SimpleNamespace(__name__="areas.samples.views")
    kind = type("WrongView", (RecordView,), {**attributes, "__module__": module.__name__})
    module.WrongView = kind
    plugin = Plugin("samples", "Samples", "1", 1)
    area = Loaded(plugin, "areas.samples", Path("samples"), Path("none"), {"views": module})
    _pages, problems = admin.init_app(Flask("wrong"), Registry((), [area]))
    assert len(problems) == 1
    assert line in problems[0]
    assert "WrongView" in problems[0]


def test_a_door_without_a_permission_does_not_exist(panel_app):
    rules = {rule.endpoint for rule in panel_app.url_map.iter_rules()}
    assert "audit_entry.index_view" in rules
    assert not {"audit_entry.create_view", "audit_entry.edit_view", "audit_entry.delete_view"} & rules
    assert not [name for name in rules if name.endswith(("ajax_lookup", "ajax_update"))]
