"""Gettext for the panel: English msgids, catalogues read from .po files at start.

The core's catalogue is split by area (`panel/translations/<locale>/<area>.po`); each plugin carries its own
(`<plugin>/translations/<locale>/<plugin>.po`). `_` is the same everywhere; each area's own words go before others'.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel
from flask_babel.speaklater import LazyString
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

LOCALES = {"zh_Hans_CN": "简体中文", "en": "English"}
DEFAULT_LOCALE = "zh_Hans_CN"


_folders: tuple[str, ...] = (str(Path(__file__).parent / "translations"),)
_spoken: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)


class Catalogue:
    """What every area says in one language. The same English word may be another in another area: who speaks is asked
    first, then the core, then whoever knows."""

    def __init__(self, locale: str, folders: tuple[str, ...]) -> None:
        self.own: dict[str, Translations] = {}
        self.all = Translations()
        for folder in folders:  # later wins, and the core comes last
            owner = Path(folder).parent.name
            for path in sorted(Path(folder, locale).glob("*.po")):
                said = _compiled(path, locale)
                _add(self.all, said)
                _add(self.own.setdefault(path.stem if owner == "panel" else owner, Translations()), said)
        for known in self.own.values():
            known.add_fallback(self.all)

    def of(self, module: str) -> NullTranslations:
        """What is said by a module (`plugins.accounts.views`) or a template (`accounts/account.html`)."""
        return self.own.get(_area(module), self.all)


def _compiled(path: Path, locale: str) -> Translations:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def _add(known: Translations, said: Translations) -> None:
    known.merge(said)
    known.plural = said.plural


@lru_cache(maxsize=4096)
def _area(module: str) -> str:
    parts = module.replace("/", ".").split(".")
    return parts[1] if parts[0] in ("panel", "plugins") and len(parts) > 1 else parts[0]


@lru_cache(maxsize=8)
def _catalogue(locale: str, folders: tuple[str, ...]) -> Catalogue:
    return Catalogue(locale, folders)


def _here(module: str) -> NullTranslations:
    return _catalogue(_spoken.get(), _folders).of(module)


def _asking() -> str:
    """The module that asks for a message: it calls one of the functions here, which calls this."""
    return str(sys._getframe(2).f_globals.get("__name__", ""))


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Translate into `locale` (Chinese for an unknown one) inside: a request, or a message to somebody."""
    token = _spoken.set(locale if locale in LOCALES else DEFAULT_LOCALE)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The locale spoken now."""
    return _spoken.get()


def gettext(text: str, /, **values: Any) -> str:
    """The message in the language spoken, its placeholders filled."""
    said: str = _here(_asking()).ugettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The message for `num` things; %(num)s is filled in by itself."""
    said: str = _here(_asking()).ungettext(one, many, num)
    return said % {"num": num, **values}


def pgettext(context: str, text: str, /, **values: Any) -> str:
    """The message as it is meant in a context."""
    said: str = _here(_asking()).upgettext(context, text)
    return said % values if values else said


def lazy_gettext(text: str, /, **values: Any) -> LazyString:
    """A message that is translated when it is shown, for texts of classes and modules."""
    return LazyString(_said, _asking(), text, **values)


def _said(module: str, text: str, /, **values: Any) -> str:
    said: str = _here(module).ugettext(text)
    return said % values if values else said


_ = gettext
_l = lazy_gettext


def init_app(app: Flask, plugin_folders: Iterable[Path]) -> None:
    """Wire the merged catalogue, and flask-babel for what Flask-Admin and WTForms say themselves.

    `plugin_folders` are the plugins' translations/ folders.
    """
    use_catalogues(plugin_folders)
    Babel(app, locale_selector=choose_locale, timezone_selector=_choose_zone_name)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=False, pgettext=pgettext
    )
    app.jinja_env.globals.update(_=_in_template, gettext=_in_template, ngettext=_many_in_template)


def use_catalogues(plugin_folders: Iterable[Path]) -> None:
    """Speak with the catalogues of these plugins from now on, in the whole process."""
    global _folders
    core = Path(__file__).parent / "translations"
    # babel merges with "later wins", so the core comes last.
    _folders = (*(str(f) for f in plugin_folders if f.is_dir()), str(core))


@pass_context
def _in_template(context: Context, text: str, /, **values: Any) -> str:
    """gettext for templates: the message is ours and safe, what fills its placeholders is escaped."""
    said = _here(context.name or "").ugettext(text)
    if not values:
        return Markup(said) if context.eval_ctx.autoescape else said  # noqa: S704
    return Markup(said) % values if context.eval_ctx.autoescape else said % values  # noqa: S704


@pass_context
def _many_in_template(context: Context, one: str, many: str, num: int, /, **values: Any) -> str:
    said = _here(context.name or "").ungettext(one, many, num)
    values["num"] = num
    return Markup(said) % values if context.eval_ctx.autoescape else said % values  # noqa: S704


def choose_locale() -> str:
    """The locale of this request: the user's choice (session), else what the browser accepts, else Chinese."""
    if not has_request_context():
        return DEFAULT_LOCALE
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh-CN")
    return "en" if best == "en" else DEFAULT_LOCALE


def zone() -> ZoneInfo:
    """The time zone of the institution being worked in."""
    from panel.access.identity import current

    identity = current()
    return ZoneInfo(identity.institution.time_zone if identity and identity.institution else "Asia/Shanghai")


def _choose_zone_name() -> str:
    return str(zone())


def today() -> date:
    """The calendar day in the institution's time zone."""
    return datetime.now(UTC).astimezone(zone()).date()


def show_time(moment: datetime | None, seconds: bool = False) -> str:
    """A UTC moment in the institution's zone, `2026-11-20 17:05`."""
    if moment is None:
        return ""
    return moment.astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def show_money(fen: int | None) -> str:
    """Whole fen as yuan: 30000 is `300.00`."""
    return "" if fen is None else f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def plain(value: Any) -> str:
    """Any value as the text a person reads in a list, a message or the history."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return show_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "、".join(plain(v) for v in value)
    return str(value)
