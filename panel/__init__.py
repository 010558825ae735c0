"""Zhangyin 掌印: one panel in which an institution governs the public accounts it owns."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader

from panel.config import Settings

__version__ = "0.1.0"


class StartError(Exception):
    """The panel cannot start. `problems` holds one line each, naming plugin, file or setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The panel cannot start:\n" + "\n".join(f"- {p}" for p in problems))
        self.problems = problems


def create_app(settings: Settings | None = None) -> Flask:
    """The application, wired in this order. Runs no query. Raises StartError with everything that is wrong."""
    from panel import admin, approvals, checks, config, database, following, i18n, jobs, obligations, plugin, web
    from panel.access import guard, login
    from panel.audit import marks
    from panel.reports import declare as reports
    from panel.runtime import Runtime

    try:
        settings = settings or config.load()
        database.connect(settings.database_url)
        registry = plugin.load(settings.plugins, strict=settings.environment != "production")
    except (config.SettingsError, plugin.PluginError) as error:
        raise StartError(error.problems) from error
    # ── below this line the plugins exist ──────────────────────────────────────────────────
    app = Flask(__name__, instance_path=str(settings.instance))
    own = FileSystemLoader([str(area.folder / "templates") for area in registry])
    app.jinja_loader = ChoiceLoader([FileSystemLoader(str(Path(__file__).parent / "templates")), own])
    app.config.update(web.flask_config(settings))
    runtime = app.extensions["zhangyin"] = Runtime(settings, registry)
    marks.init_app(runtime)
    i18n.init_app(app, [area.folder / "translations" for area in registry])
    web.init_app(app)
    login.init_app(app)
    runtime.pages, problems = admin.init_app(app, registry)
    runtime.guards, missing = guard.guards_of(app)
    problems += [f"route {name} declares no permission: mark it @needs, @signed_in or @public" for name in missing]
    guard.enforce(app, runtime.guards)
    runtime.tasks, wrong = jobs.collect(registry.areas)
    problems += wrong
    runtime.reports, wrong = reports.collect(registry.areas)
    problems += wrong
    following.init_app(runtime)
    problems += checks.init_app(app, registry) + obligations.init_app(runtime) + approvals.init_app(app, runtime)
    if problems:
        raise StartError(problems)
    return app
