"""Plugins: what one declares, how they are found, ordered and loaded.

A plugin is a package whose `plugin.py` holds `plugin = Plugin(...)`. Everything else is found in modules of fixed
names inside it (see EXTENSION_POINTS and docs/plugins.md); a module a plugin does not need is absent.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from panel.database import BaseModel

API_VERSION = 1  # raised when panel.api changes in a way a plugin must follow
ENTRY_POINTS = "zhangyin.plugins"
# Packages of panel/ laid out like plugins, in the order of their menu entries (below the plugins').
CORE_AREAS = (
    *("approvals", "obligations", "checks", "policies", "reports", "notify"),
    *("org", "access", "tokens", "audit", "jobs", "admin", "vault"),
)

# Module name → what the core takes from it. docs/plugins.md explains each; a test holds the two together.
EXTENSION_POINTS = {
    "permissions": "a StrEnum of permissions, `<plugin>.<model>.<action>`",
    "models": "tables: subclasses of Owned or Record",
    "policy": "the institution's own parameters: a PolicyRecord, and the lists that go with it",
    "rules": "checks: queries for the rows that break a rule, each citing it",
    "services": "the verbs; Holding objects tell the core what a person can hold, `on_enable` runs at switching on",
    "views": "RecordView and PageView subclasses become pages and menu entries",
    "jobs": "functions marked @task or @scheduled",
    "obligations": "Kind objects: what falls due for the rows of a model",
    "reports": "Figure and Chart objects: how it is going",
    "commands": "`commands`: click commands that become commands of `panel`",
    "approvals": "ApprovalSubject objects: what is decided by a chain of signatures",
}


class PluginError(Exception):
    """The plugins cannot be loaded. `problems` holds one line each, naming plugin and file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Plugin:
    """What a plugin says of itself. `requires` must be there and on; `uses` is used where it is there.

    `roles` adds permissions to the shipped roles: {"clerk": [P.ACCOUNT_VIEW, …]}. `parts` names sub-packages in which
    modules of the same names are looked for, too: how a plugin that has grown keeps its files short.
    """

    name: str
    title: Any
    version: str
    api: int
    requires: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    description: Any = ""
    roles: dict[str, tuple[StrEnum, ...]] = field(default_factory=dict)
    parts: tuple[str, ...] = ()


@dataclass
class Loaded:
    """A plugin and the modules found in its package."""

    plugin: Plugin
    package: str
    folder: Path
    migrations: Path
    modules: dict[str, ModuleType] = field(default_factory=dict)
    more: list[tuple[str, ModuleType]] = field(default_factory=list)  # of its parts, by the same names

    @property
    def name(self) -> str:
        return self.plugin.name

    def defined(self, module: str, kind: type | tuple[type, ...]) -> list[Any]:
        """Subclasses of `kind` defined in, or instances of `kind` held by, one of the plugin's modules.

        A class from another module of the package counts where the module names it in `__all__`.
        """
        own = self.modules.get(module)
        sources = [*([own] if own else []), *(part for name, part in self.more if name == module)]
        found: list[Any] = []
        for source in sources:
            listed = set(getattr(source, "__all__", ()))
            for name, value in vars(source).items():
                if isinstance(value, type):
                    sibling = name in listed and value.__module__.startswith(f"{self.package}.")
                    mine = value.__module__ == source.__name__ or sibling
                    if issubclass(value, kind) and mine and value.__name__[0] != "_" and value not in found:
                        found.append(value)
                elif isinstance(value, kind) and not any(value is other for other in found):
                    found.append(value)
        return found

    @property
    def models(self) -> list[type[BaseModel]]:
        found = [*self.defined("models", BaseModel), *self.defined("policy", BaseModel)]
        return [model for model in found if "abstract" not in vars(model)]

    @property
    def permissions(self) -> list[str]:
        return [str(p) for enum in self.defined("permissions", StrEnum) for p in enum]


class Registry:
    """The core's own areas and the loaded plugins, in order; iterating gives the plugins."""

    def __init__(
        self, core: Iterable[Loaded] = (), loaded: Iterable[Loaded] = (), refused: dict[str, str] | None = None
    ) -> None:
        self.core = list(core)
        self._loaded = {entry.name: entry for entry in loaded}
        self.refused = refused or {}  # plugins of another API version, in production: name → why

    @property
    def areas(self) -> list[Loaded]:
        """Core areas and plugins: everything that has models, permissions, views or jobs."""
        return [*self.core, *self._loaded.values()]

    @property
    def models(self) -> list[type[BaseModel]]:
        return [model for area in self.areas for model in area.models]

    def __iter__(self) -> Iterator[Loaded]:
        return iter(self._loaded.values())

    def __contains__(self, name: str) -> bool:
        return name in self._loaded

    def __getitem__(self, name: str) -> Loaded:
        return self._loaded[name]

    def needed_by(self, name: str) -> list[str]:
        """Names of the plugins that require `name`, nearest first."""
        return [entry.name for entry in self if name in entry.plugin.requires]

    def needs(self, name: str) -> list[str]:
        """Everything `name` requires, directly or not, in load order."""
        wanted: set[str] = set()
        queue = [name]
        while queue:
            for other in self._loaded[queue.pop()].plugin.requires:
                if other not in wanted:
                    wanted.add(other)
                    queue.append(other)
        return [entry.name for entry in self if entry.name in wanted]


def load(folder: Path, strict: bool = True) -> Registry:
    """Find, check, order and import every plugin of the folder and of installed distributions.

    With `strict`, a plugin written for another API version stops the start; without (production) it is left out and
    kept in `Registry.refused`. Raises PluginError with every other problem.
    """
    problems: list[str] = []
    refused: dict[str, str] = {}
    found: dict[str, Loaded] = {}
    for package, path, migrations in _discover(folder):
        entry = _declared(package, path, migrations, problems)
        if entry is None:
            continue
        if entry.name in found:
            problems.append(f"plugin {entry.name}: declared twice, by {found[entry.name].folder} and {path}")
        elif entry.plugin.api != API_VERSION:
            why = f"plugin {entry.name}: written for panel.api {entry.plugin.api}, this panel offers {API_VERSION}"
            if strict:
                problems.append(f"{why} ({path}/plugin.py)")
            else:
                refused[entry.name] = why
        else:
            found[entry.name] = entry
    ordered = _ordered(found, refused, problems)
    core = [_core_area(name) for name in CORE_AREAS]
    for entry in (*core, *ordered):
        _import_modules(entry, problems)
    if problems:
        raise PluginError(problems)
    return Registry(core, ordered, refused)


def _core_area(name: str) -> Loaded:
    here = Path(__file__).parent
    plugin = Plugin(name, name, version="", api=API_VERSION)
    return Loaded(plugin, f"panel.{name}", here / name, here.parent / "migrations" / "core")


def _discover(folder: Path) -> Iterator[tuple[str, Path, Path]]:
    folder = folder.resolve()
    if folder.is_dir():
        if str(folder.parent) not in sys.path:
            sys.path.insert(0, str(folder.parent))
        for path in sorted(folder.iterdir()):
            if (path / "plugin.py").is_file():
                yield f"{folder.name}.{path.name}", path, folder.parent / "migrations" / path.name
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        package = point.module.removesuffix(".plugin")
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            path = Path(spec.origin).parent
            yield package, path, path / "migrations"


def _declared(package: str, path: Path, migrations: Path, problems: list[str]) -> Loaded | None:
    try:
        module = importlib.import_module(f"{package}.plugin")
    except Exception as error:
        problems.append(f"plugin {path.name}: {path}/plugin.py cannot be imported: {type(error).__name__}: {error}")
        return None
    plugin = getattr(module, "plugin", None)
    if not isinstance(plugin, Plugin):
        problems.append(f"plugin {path.name}: {path}/plugin.py must hold `plugin = Plugin(...)`")
        return None
    if plugin.name != package.rsplit(".", 1)[-1] or not plugin.name.isidentifier():
        problems.append(f"plugin {plugin.name}: its name must be that of its folder, {path.name}")
        return None
    return Loaded(plugin, package, path, migrations)


def _ordered(found: dict[str, Loaded], refused: dict[str, str], problems: list[str]) -> list[Loaded]:
    """Requirements first, by name within a rank; what cannot be placed is a problem that names the culprit."""
    for entry in list(found.values()):
        for name in entry.plugin.requires:
            if name in refused:
                refused[entry.name] = f"plugin {entry.name}: requires {name}, which is refused"
                found.pop(entry.name, None)
            elif name not in found:
                problems.append(f"plugin {entry.name}: requires {name}, which is not installed")
    placed: dict[str, Loaded] = {}
    waiting = dict(sorted(found.items()))
    while waiting:
        ready = [
            n
            for n, e in waiting.items()
            if all(r in placed or r not in found for r in e.plugin.requires)
            and all(u in placed or u not in found for u in e.plugin.uses)
        ]
        if not ready:  # a soft wish may be broken, a requirement may not
            ready = [n for n, e in waiting.items() if all(r in placed or r not in found for r in e.plugin.requires)][:1]
        if not ready:
            problems.append(f"plugins require each other in a circle: {', '.join(waiting)}")
            break
        for name in ready:
            placed[name] = waiting.pop(name)
    return list(placed.values())


def _import_modules(entry: Loaded, problems: list[str]) -> None:
    for name in EXTENSION_POINTS:
        for part in ("", *entry.plugin.parts):
            where = entry.folder / part / f"{name}.py"
            if not where.is_file():
                continue
            try:
                module = importlib.import_module(".".join(filter(None, (entry.package, part, name))))
            except Exception as error:
                problems.append(f"plugin {entry.name}: {where} cannot be imported: {type(error).__name__}: {error}")
                continue
            if part:
                entry.more.append((name, module))
            else:
                entry.modules[name] = module
    prefix = f"{entry.name}."
    for permission in entry.permissions:
        if not permission.startswith(prefix) or permission.count(".") != 2:
            problems.append(f"plugin {entry.name}: permission {permission} must read {prefix}<model>.<action>")
