"""Permissions in words: by area, by what they are over, by what they allow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from panel.access.identity import current
from panel.database import key_of
from panel.i18n import _, _l
from panel.plugin import Loaded
from panel.runtime import runtime

AREAS = {
    "org": _l("Units and people"),
    "access": _l("Users and rights"),
    "audit": _l("Audit log"),
    "jobs": _l("Background work"),
    "admin": _l("Lists"),
    "checks": _l("Checks"),
    "obligations": _l("Duties and dates"),
    "notify": _l("Notices"),
    "approvals": _l("Approvals"),
    "reports": _l("Statistics"),
}
THINGS = {
    "access.plugin": _l("Plugins"),
    "admin.saved_filter": _l("Saved filters"),
    "checks.policy": _l("Settings of the checks"),
}
ACTIONS = {
    "view": _l("See"),
    "create": _l("Add"),
    "edit": _l("Change"),
    "delete": _l("Delete"),
    "export": _l("Export"),
    "import": _l("Import"),
    "leave": _l("Let leave or move"),
    "switch": _l("Switch on and off"),
    "control": _l("Start, stop, repeat"),
    "share": _l("Share with all"),
    "assign": _l("Assign"),
    "hand_over": _l("Hand over"),
    "reveal": _l("See in full"),
    "waive": _l("Waive"),
    "retry": _l("Try again"),
}


@dataclass(frozen=True)
class Thing:
    """What permissions are over, with (permission, action in words) of each."""

    title: Any
    actions: tuple[tuple[str, Any], ...]


def catalogue() -> Iterator[tuple[Any, list[Thing]]]:
    """(area title, things) for the core and the plugins that are on, in order."""
    identity = current()
    registry = runtime().registry
    for area in registry.areas:
        is_plugin = area.name in registry
        if area.permissions and not (is_plugin and identity is not None and not identity.plugin_on(area.name)):
            yield (area.plugin.title if is_plugin else AREAS.get(area.name, area.name)), _things(area)


def _things(area: Loaded) -> list[Thing]:
    """A plugin words its own: `LABELS` in its permissions.py maps permissions, and what they are over, to words."""
    own = getattr(area.modules["permissions"], "LABELS", {})
    titles = {key_of(model): model.titles for model in area.models}
    grouped: dict[str, list[tuple[str, Any]]] = {}
    for permission in area.permissions:
        thing, _dot, action = permission.rpartition(".")
        words = own.get(permission) or ACTIONS.get(action) or action.replace("_", " ")
        grouped.setdefault(thing, []).append((permission, words))
    return [
        Thing(own.get(key) or THINGS.get(key) or titles.get(key) or key, tuple(actions))
        for key, actions in grouped.items()
    ]


def show_permissions(held: Collection[str]) -> Markup:
    """What a role permits, in words, by area."""
    lines = []
    areas = list(catalogue())
    if all(p in held for _area, things in areas for thing in things for p, _text in thing.actions):
        return Markup("{}").format(_("Everything"))
    for area, things in areas:
        parts = []
        for thing in things:
            words = [str(text) for permission, text in thing.actions if permission in held]
            if words:
                parts.append(Markup('<b>{}</b> <span class="dim">{}</span>').format(thing.title, "、".join(words)))
        if parts:
            lines.append(Markup("<p>{}：{}</p>").format(area, Markup("；").join(parts)))
    return Markup("<div>{}</div>").format(Markup("").join(lines))
