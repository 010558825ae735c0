"""Pages of findings, waivers and policy parameters."""

from __future__ import annotations

from flask import render_template, request

from panel.checks.saving import CONFIRM, Unconfirmed


def ask(warnings: Unconfirmed) -> tuple[str, int]:
    """What a save would bring in, with everything that was typed, to be sent again once confirmed."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in (CONFIRM, "csrf_token")]
    return render_template("checks/confirm.html", warnings=warnings.warnings, typed=typed, confirm=CONFIRM), 409
