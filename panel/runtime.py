"""What the running panel consists of: settings, plugins, pages. Made by create_app(), the same for its lifetime."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app

from panel.access.guard import Guard
from panel.config import Settings
from panel.jobs.registry import Task
from panel.plugin import Registry


@dataclass
class Runtime:
    """`pages` are the admin views in menu order, `guards` who may enter each endpoint, `tasks` the background work."""

    settings: Settings
    registry: Registry
    pages: list[Any] = field(default_factory=list)
    guards: dict[str, Guard] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    kinds: dict[str, Any] = field(default_factory=dict)  # of obligation, by name
    reports: dict[str, list[Any]] = field(default_factory=dict)  # figures and charts, by area
    subjects: dict[str, Any] = field(default_factory=dict)  # of approval, by name
    presets: dict[str, Any] = field(default_factory=dict)  # those the panel brings, by code, once they are read
    kinds_by_model: dict[type, list[Any]] = field(default_factory=dict)  # which of them a written row may concern
    followers: dict[str, list[Any]] = field(default_factory=dict)  # by area


def runtime() -> Runtime:
    """The runtime of the current app."""
    return cast(Runtime, current_app.extensions["zhangyin"])
