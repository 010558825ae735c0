"""The pages: found in each area's views.py, wired through Flask-Admin, shown in our own look."""

from __future__ import annotations

from typing import Any

from flask import Flask

from panel.plugin import Loaded, Registry


def init_app(app: Flask, registry: Registry) -> tuple[list[Any], list[str]]:
    """Register every page. Gives the views in menu order, and what is wrong with them, one line each."""
    from flask_admin import Admin

    from panel.admin import home, lookup, shell
    from panel.admin.view import PageView, RecordView

    class Pages(Admin):
        """Flask-Admin's registration of views, without its menu and index page."""

        def _set_admin_index_view(self, *args: Any, **options: Any) -> None:
            pass

        def _add_view_to_menu(self, view: Any) -> None:
            pass

    problems: list[str] = []
    admin = Pages(app, url="/")
    taken: dict[str, Loaded] = {}
    pages = []
    for area in registry.areas:
        for kind in area.defined("views", (RecordView, PageView)):
            try:
                view = kind()
            except Exception as error:
                problems.append(f"plugin {area.name}: {area.folder / 'views.py'}: {kind.__name__}: {error}")
                continue
            if view.endpoint in taken:
                problems.append(f"plugin {area.name}: {kind.__name__}: {view.endpoint} is taken")
                continue
            taken[view.endpoint] = area
            view.plugin = area.name if area.name in registry else None
            admin.add_view(view)
            pages.append(view)
    order = {area.name: rank for rank, area in enumerate([*registry, *registry.core])}
    pages.sort(key=lambda v: (order[taken[v.endpoint].name], v.entry.order if v.entry else 0))
    home.init_app(app)
    lookup.init_app(app)
    shell.init_app(app, pages)
    return pages, problems
