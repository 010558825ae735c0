"""The form field of a role's permissions: boxes, grouped by area and by what they are over."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from panel.access.labels import catalogue
from panel.i18n import _


class PermissionsField(SelectMultipleField):
    """Any of the permissions there are. Those of plugins that are off are kept as they were."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, choices=[], **options)

    def process(self, formdata: Any, data: Any = (), extra_filters: Any = None) -> None:
        """`data`: what the role permits so far; what no box shows is not taken away."""
        self.groups = list(catalogue())
        self.offered = {p for _area, things in self.groups for thing in things for p, _text in thing.actions}
        self.process_errors: list[str] = []
        self.data = list(data) if isinstance(data, (list, tuple)) else []
        self.object_data = list(self.data)
        if formdata is not None and f"{self.name}-sent" in formdata:
            hidden = [p for p in self.object_data if p not in self.offered]
            self.raw_data = formdata.getlist(self.name)
            self.data = [*self.raw_data, *hidden]

    def pre_validate(self, form: Any) -> None:
        if any(p not in self.offered and p not in self.object_data for p in self.data or ()):
            raise ValidationError(_("There is no such permission here."))

    def __call__(self, **_attributes: Any) -> Markup:
        return Markup(render_template("access/permissions.html", field=self))  # noqa: S704  (a template of ours)
