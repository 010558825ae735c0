"""What stands around every page: side menu, institution switch, language, user."""

from __future__ import annotations

import functools
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import format_date
from flask_login import current_user
from markupsafe import Markup

from panel.access.identity import current
from panel.access.login import institutions_of
from panel.admin.details import facts
from panel.admin.forms import kind_of
from panel.admin.lookup import note_of
from panel.admin.show import dimmed
from panel.admin.state import SIZES
from panel.database import db
from panel.i18n import LOCALES, _l, choose_locale, show_time, today
from panel.org.models import Institution

WORKBENCH, SETTINGS = _l("Workbench"), _l("Settings")
SHORT = 20  # items of a side menu that is not folded
REMEMBER = 60  # seconds that the list of somebody's institutions is kept


@dataclass(frozen=True)
class Item:
    """A line of the side menu."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Group:
    """A section of the side menu."""

    title: str
    items: list[Item]
    open: bool


def init_app(app: Flask, pages: list[Any]) -> None:
    """Give the templates the shell. `pages` are the registered views, in menu order."""
    entries = [page for page in pages if page.entry is not None]
    app.context_processor(lambda: {"shell": Shell(entries)})
    app.jinja_env.globals.update(
        drawn=drawn,
        static=static,
        show_time=show_time,
        today_words=today_words,
        page_sizes=SIZES,
        kind_of=kind_of,
        note_of=note_of,
        names_of=lambda rows: [(row.id, str(row)) for row in rows],
        facts_of=facts,
        dimmed=dimmed,
    )
    app.jinja_env.filters["number"] = lambda number: f"{number:,}"
    app.jinja_env.filters["short_time"] = short_time
    app.jinja_env.tests["allowed"] = Shell.may


class Shell:
    """Read by base.html; every part is made only if it is shown, and costs no query."""

    def __init__(self, pages: list[Any]) -> None:
        self._pages = pages
        self.identity = current()

    @property
    def menu(self) -> list[Group]:
        """What whoever asks may enter, of plugins that are on, by section.

        A long menu is folded up to the workbench and the section one is in.
        """
        home = Item(_title(_l("Home")), url_for("index"), request.endpoint == "index")
        sections: dict[str, list[Item]] = {_title(WORKBENCH): [home]}
        place = g.get("menu_place", request.blueprint)  # a page beside a register stands where the register does
        for page in self._pages:
            if page.visible():
                here = place == page.endpoint
                item = Item(_title(page.entry.label), page.address, here)
                sections.setdefault(_title(page.entry.section), []).append(item)
        if settings := sections.pop(_title(SETTINGS), None):
            sections[_title(SETTINGS)] = settings  # last: what is looked at daily comes first
        short = sum(map(len, sections.values())) <= SHORT
        return [
            Group(title, items, short or not number or any(item.current for item in items))
            for number, (title, items) in enumerate(sections.items())
        ]

    @property
    def institutions(self) -> list[Institution]:
        """Where the user may work, the present one first; at most twelve."""
        if self.identity is None or self.identity.user is None:
            return []
        here = self.identity.institution
        others = [i for i in _institutions(self.identity.user) if i.id != here.id]
        return [here, *others[:11]]

    @property
    def to_do(self) -> int:
        """How much the user has to do within thirty days; at most a minute old."""
        from panel.obligations.tally import to_do

        return to_do.of(self.identity)

    @property
    def work_waits(self) -> bool:
        """Whether background work stands still because Redis is away; at most some seconds old."""
        from panel.jobs.heartbeat import heartbeat

        return self.user is not None and heartbeat.away()

    @property
    def to_decide(self) -> int:
        """How many steps wait for the user's signature; at most a minute old."""
        from panel.approvals.tally import to_decide

        return to_decide.of(self.identity)

    @property
    def locale(self) -> str:
        return choose_locale()

    @property
    def language(self) -> str:
        """The locale as HTML names it."""
        return "zh-CN" if self.locale.startswith("zh") else self.locale

    @property
    def locales(self) -> dict[str, str]:
        return LOCALES

    @property
    def user(self) -> Any:
        return current_user if current_user.is_authenticated else None

    @staticmethod
    def has(endpoint: str) -> bool:
        """Whether the page exists in this panel."""
        return endpoint in current_app.view_functions

    @staticmethod
    def may(permission: Any) -> bool:
        identity = current()
        return identity is not None and identity.may(permission)

    @property
    def here(self) -> str:
        """Address of the present page, to come back to."""
        return request.full_path.rstrip("?") if request.method == "GET" else url_for("index")


def _title(text: Any) -> str:
    return str(text)


# The user's epoch is in the key: a change of their rights shows at once, a new institution within a minute.
_known: OrderedDict[tuple[Any, int, int], tuple[float, list[Institution]]] = OrderedDict()


def _institutions(user: Any) -> list[Institution]:
    key = (db.obj, user.id, user.epoch)
    at, found = _known.get(key, (0.0, []))
    if time.monotonic() - at > REMEMBER or not at:
        found = institutions_of(user)
        _known[key] = (time.monotonic(), found)
        while len(_known) > 1000:
            _known.popitem(last=False)
    return found


def short_time(moment: datetime) -> str:
    """A moment of this year as `11-12 16:40`, of another as its day."""
    shown = show_time(moment)
    return shown[5:] if shown[:4] == str(today().year) else shown[:10]


def today_words() -> str:
    """The day in words, as it stands on the home page."""
    return format_date(today(), "full")


def static(name: str) -> str:
    """Address of a static file, with its content's hash: a new version is fetched, an old one never asked for again."""
    return _static(name, request.script_root)


@functools.cache
def _static(name: str, _root: str) -> str:
    content = (Path(current_app.static_folder or "") / name).read_bytes()
    return f"{url_for('static', filename=name)}?v={blake2b(content, digest_size=6).hexdigest()}"


def drawn(name: str, small: bool = False) -> Markup:
    """An icon of the sprite."""
    return _drawn(name, small, request.script_root)


@functools.cache
def _drawn(name: str, small: bool, _root: str) -> Markup:
    return Markup('<svg class="ico{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        " ico-sm" if small else "", static("icons.svg"), name
    )
