"""What breaks the policy: checks, the findings they open and close, waivers, and the score (docs/decisions/0004)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from panel.plugin import Registry


def init_app(app: Flask, registry: Registry) -> list[str]:
    """Collect the checks of every area and watch every transaction; gives what is wrong with any of them."""
    from panel.checks import reading, saving
    from panel.checks.compiled import prepare
    from panel.checks.declare import Severity
    from panel.checks.registry import checks
    from panel.checks.views import ask
    from panel.database import write_observers

    if saving.observe not in write_observers:
        write_observers.append(saving.observe)
    app.jinja_env.globals.update(findings_of=reading.of_row, severity_of=Severity)
    app.register_error_handler(saving.Unconfirmed, ask)
    wrong = checks.collect(registry.areas)
    if not wrong:
        prepare(checks)
    return wrong
