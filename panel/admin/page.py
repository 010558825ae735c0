"""The base of every page: a menu entry, the owning plugin, our rendering."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from flask import Flask, current_app, has_request_context, render_template, request, url_for
from flask_admin import BaseView

from panel.access.guard import Guard
from panel.access.identity import current
from panel.admin.declare import Menu
from panel.database import area_of, snake


@functools.lru_cache(maxsize=4096)
def _address(app: Flask, root: str, endpoint: str) -> str:
    """An address under a root: the menu asks for all of them on every page."""
    return url_for(endpoint)


class Page:
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
        endpoint = f"{self.endpoint}.{self._default_view}"
        if not has_request_context():
            return url_for(endpoint)
        app: Any = current_app
        return _address(app._get_current_object(), request.script_root, endpoint)

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


class PageView(Page, BaseView):
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
