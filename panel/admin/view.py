"""The bases of every page: `PageView`, and `RecordView` for the pages of one model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import render_template, url_for
from flask_admin import BaseView, expose
from flask_admin.contrib.peewee import ModelView

from panel.access.guard import Guard
from panel.access.identity import current
from panel.admin.declare import Bulk, Crud, Menu, Related, Section, bulk
from panel.database import area_of, key_of, snake

__all__ = ["Crud", "Menu", "PageView", "RecordView", "Related", "Section", "bulk", "expose"]

# Which permission of `Crud` each page of a RecordView asks for.
DOORS = {
    "index_view": "view",
    "details_view": "view",
    "action_view": "view",  # each action asks for its own on top
    "create_view": "create",
    "edit_view": "edit",
    "cell_view": "edit",
    "delete_view": "delete",
    "export": "export",
}


class _Page:
    """What all pages share: a menu entry, the owning plugin, our rendering."""

    menu: ClassVar[Any] = None  # a Menu in the class; Flask-Admin overwrites it in the instance, see `entry`
    slug: ClassVar[str] = ""  # the page's name in its address, where it is not the model's or the class's
    plugin: str | None = None  # the plugin that must be on; set at registration
    endpoint: str
    _default_view: str
    _urls: list[Any]

    @property
    def entry(self) -> Menu | None:
        return type(self).menu

    @property
    def menu_permission(self) -> Any:
        """What the menu entry asks for, or None."""
        return None

    @property
    def address(self) -> str:
        """The page's own address."""
        return url_for(f"{self.endpoint}.{self._default_view}")

    def visible(self) -> bool:
        """Whether the page stands in the menu of whoever asks."""
        identity = current()
        if identity is None or self.entry is None or (self.plugin and not identity.plugin_on(self.plugin)):
            return False
        return self.menu_permission is None or identity.may(self.menu_permission)

    def guard_for(self, name: str, declared: Guard | None) -> Guard | None:
        """The guard of one of the view's methods, with the owning plugin filled in."""
        return replace(declared, plugin=self.plugin) if declared else None

    def render(self, template: str, **context: Any) -> str:
        return render_template(template, view=self, **context)

    def _run_view(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return function(self, *args, **values)  # Flask-Admin's own hides every TypeError of a page behind another


class PageView(_Page, BaseView):
    """A page of its own at `/<area>/<class name without View>/`.

    `@expose` its methods (one at "/") and mark each `@needs`, `@signed_in` or `@public`.
    """

    def __init__(self) -> None:
        name = self.slug or snake(type(self).__name__.removesuffix("View"))
        area = area_of(type(self))
        super().__init__(endpoint=f"{area}_{name}", url=f"/{area}/{name}")

    @property
    def menu_permission(self) -> Any:
        guard = getattr(getattr(self, self._default_view), "__guard__", None)
        return guard.permission if guard else None


class RecordView(_Page, ModelView):
    """List, details, form, deletion, bulk actions and export of one model, declared as class attributes."""

    model: ClassVar[Any]
    may: ClassVar[Crud]
    columns: ClassVar[Sequence[str]] = ()
    more_columns: ClassVar[Sequence[str]] = ()
    formats: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    search: ClassVar[Sequence[str]] = ()
    filters: ClassVar[Sequence[Any]] = ()
    sort: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[str] = "-id"
    editable: ClassVar[Sequence[str]] = ()
    sections: ClassVar[Sequence[Section]] = ()
    help: ClassVar[Mapping[str, Any]] = {}
    rules: ClassVar[Mapping[str, Sequence[str]]] = {}
    related: ClassVar[Sequence[Related]] = ()
    details: ClassVar[str] = "admin/details.html"
    import_target: ClassVar[Any] = None
    create_with: ClassVar[Callable[[dict[str, Any]], Any] | None] = None
    update_with: ClassVar[Callable[[Any, int, dict[str, Any]], Any] | None] = None
    delete_with: ClassVar[Callable[[Any], Any] | None] = None

    ajax_lookup = None  # Flask-Admin's; ours is /lookup/<key>, for all views
    ajax_update = None

    def __init__(self) -> None:
        area, name = key_of(self.model).split(".")
        name = self.slug or name
        super().__init__(self.model, endpoint=f"{area}_{name}", url=f"/{area}/{name}")
        self._urls = [entry for entry in self._urls if self._door(entry[1])]

    def _refresh_cache(self) -> None:
        """Flask-Admin would scaffold its own lists, filters and forms here."""

    def _door(self, name: str) -> bool:
        return name not in DOORS or getattr(self.may, DOORS[name]) is not None

    @property
    def menu_permission(self) -> Any:
        return self.may.view

    def guard_for(self, name: str, declared: Guard | None) -> Guard | None:
        if declared is None and name in DOORS:
            declared = Guard(getattr(self.may, DOORS[name]))
        return super().guard_for(name, declared)

    @property
    def area(self) -> str:
        return area_of(type(self))

    @expose("/")
    def index_view(self) -> str:
        return self.render("admin/list.html")

    @expose("/details/")
    def details_view(self) -> Any:
        return ""

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        return ""

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        return ""

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> Any:
        return ""

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        return ""

    @expose("/export/")
    def export(self) -> Any:
        return ""

    @property
    def bulk_actions(self) -> list[Bulk]:
        return [b for name in dir(type(self)) if (b := getattr(getattr(type(self), name), "bulk", None))]
