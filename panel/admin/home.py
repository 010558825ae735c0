"""The home page."""

from __future__ import annotations

from flask import Flask, render_template

from panel.access.guard import signed_in


def init_app(app: Flask) -> None:
    app.add_url_rule("/", "index", index)


@signed_in("everybody has a home page; it shows only what they may see")
def index() -> str:
    """Where everybody lands after logging in."""
    return render_template("admin/home.html")
