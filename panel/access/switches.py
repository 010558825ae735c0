"""Switching plugins on and off in an institution; every process sees it with its next request."""

from __future__ import annotations

from typing import Any

from panel import records
from panel.access import roles
from panel.access.identity import acting_as, system
from panel.access.models import PluginSwitch
from panel.access.services import touch
from panel.database import transaction
from panel.errors import NotFound, Refused
from panel.i18n import _
from panel.org.models import Institution
from panel.plugin import Loaded, Registry


def switched_on(institution: Institution) -> set[str]:
    """Names of the plugins that are on, installed or not."""
    rows: Any = PluginSwitch.select(PluginSwitch.plugin).where(
        PluginSwitch.institution == institution, PluginSwitch.enabled
    )
    return {name for (name,) in rows.tuples()}


def comes_along(institution: Institution, registry: Registry, name: str) -> list[Loaded]:
    """What must be switched on with a plugin because it needs it, in load order."""
    on = switched_on(institution)
    return [registry[other] for other in registry.needs(_known(registry, name)) if other not in on]


def in_the_way(institution: Institution, registry: Registry, name: str) -> list[Loaded]:
    """The plugins that are on and need this one, directly or not."""
    on = switched_on(institution)
    return [entry for entry in registry if entry.name in on and name in registry.needs(entry.name)]


def switch_on(institution: Institution, registry: Registry, name: str, along: bool = False) -> list[str]:
    """Switch a plugin on, and `along` with it what it needs; gives the names switched on, safe to repeat.

    Raises Refused naming what it needs where `along` is not said.
    """
    from panel.policies.applying import take_up  # what presets laid down for it while it was off

    with transaction():
        touch(institution)
        needed = comes_along(institution, registry, name)
        if needed and not along:
            raise Refused(
                _("%(plugin)s needs %(others)s. Switch on both.", plugin=_title(registry[name]), others=_names(needed))
            )
        fresh = [entry for entry in (*needed, registry[name]) if _set(institution, entry.name, True)]
        if fresh:
            roles.ship(institution, registry)
            with acting_as(system(institution)):
                for entry in fresh:
                    if enable := getattr(entry.modules.get("services"), "on_enable", None):
                        enable(institution)
                    take_up(institution, entry.name)
    return [entry.name for entry in fresh]


def switch_off(institution: Institution, registry: Registry, name: str) -> bool:
    """Switch a plugin off; its data stays. Raises Refused naming the plugins that need it. Gives whether it was on."""
    with transaction():
        touch(institution)
        if others := in_the_way(institution, registry, _known(registry, name)):
            raise Refused(
                _(
                    "%(plugin)s is needed by %(others)s. Switch that off first.",
                    plugin=_title(registry[name]),
                    others=_names(others),
                )
            )
        return _set(institution, name, False)


def _set(institution: Institution, name: str, enabled: bool) -> bool:
    row = PluginSwitch.get_or_none(PluginSwitch.institution == institution, PluginSwitch.plugin == name)
    if row is None:
        if enabled:
            records.create(PluginSwitch, institution=institution, plugin=name, enabled=True)
        return enabled
    return bool(records.update(row, enabled=enabled))


def _known(registry: Registry, name: str) -> str:
    if name not in registry:
        raise NotFound(_("There is no plugin %(name)s here.", name=name))
    return name


def _title(entry: Loaded) -> str:
    return str(entry.plugin.title)


def _names(entries: list[Loaded]) -> str:
    return "、".join(_title(entry) for entry in entries)
