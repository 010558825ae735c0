"""The page of all charts."""

from __future__ import annotations

from panel.access.guard import signed_in
from panel.access.identity import asking
from panel.admin.view import Menu, PageView, expose
from panel.i18n import _l
from panel.reports import services

SECTION = _l("Figures")


class ChartsView(PageView):
    """How it is going, in every area that is on."""

    menu = Menu(section=SECTION, label=_l("Charts"), order=1)

    @expose("/")
    @signed_in("every chart asks for its own permission")
    def index(self) -> str:
        """Every figure and chart in sight."""
        identity = asking()
        return self.render(
            "reports/charts.html", figures=services.figures(identity), drawings=services.charts(identity)
        )
