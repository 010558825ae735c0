"""The page of one's API tokens."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, request, url_for
from wtforms import SelectField

from panel.access.fields import PermissionsField
from panel.access.forms import run
from panel.access.guard import needs, signed_in
from panel.access.identity import current
from panel.access.labels import Thing, show_permissions
from panel.access.proof import ProofField
from panel.admin.fields import LineField, RefField, Required
from panel.admin.forms import RecordForm, form_sent
from panel.admin.view import Menu, PageView, expose
from panel.i18n import _, _l
from panel.org.models import Unit
from panel.org.permissions import OrgPermission
from panel.tokens import openapi, services
from panel.tokens.permissions import TokensPermission as P

BOTH = ("GET", "POST")


class OwnPermissionsField(PermissionsField):
    """The permissions one holds oneself, as boxes."""

    def process(self, formdata: Any, data: Any = (), extra_filters: Any = None) -> None:
        """What one does not hold has no box."""
        super().process(formdata, data, extra_filters)
        who = current()
        kept = []
        for area, things in self.groups:
            held = [
                (thing.title, [(p, text) for p, text in thing.actions if who is not None and _may_hold(who, p)])
                for thing in things
            ]
            if any(actions for _title, actions in held):
                kept.append((area, [Thing(title, tuple(actions)) for title, actions in held if actions]))
        self.groups = kept
        self.offered = {p for _area, things in kept for thing in things for p, _text in thing.actions}


def _may_hold(who: Any, permission: str) -> bool:
    return who.may(permission) and not permission.startswith(services.NEVER)


class TokenForm(RecordForm):
    """What a new token is to be."""

    name = LineField(_l("Name"), [Required()], most=60, description=_l("What uses it, so that you know which to end."))
    days = SelectField(_l("Works for"), [Required()], choices=())
    unit = RefField(_l("Only in"), Unit, description=_l("This unit and all below. Empty: wherever you may."))
    permissions = OwnPermissionsField(_l("Permissions"))
    proof = ProofField()

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.days.choices = [(str(n), _("%(count)s days", count=n)) for n in services.TERMS]

    def make(self) -> tuple[Any, str]:
        """The token asked for, and its secret."""
        name, days = str(self.name.data or ""), str(self.days.data)
        chosen = [str(p) for p in self.permissions.data or ()]
        return services.make(name, chosen, self.unit.data, int(days) if days.isdecimal() else 0)


class EndForm(RecordForm):
    """The proof that it is oneself who ends it."""

    proof = ProofField()


class TokenView(PageView):
    """One's own tokens; everybody's for who may end them."""

    menu = Menu(section=_l("Settings"), label=_l("API tokens"), order=42)

    @expose("/")
    @signed_in("everybody may see the tokens made in their name")
    def index(self) -> str:
        """The tokens, those that work first."""
        rows = sorted(services.visible().limit(500), key=lambda t: (not t.works, -t.id))
        return self.render("tokens/tokens.html", tokens=rows, show_permissions=show_permissions, me=current())

    @expose("/new/", methods=BOTH)
    @needs(P.TOKEN_CREATE)
    def new(self) -> Any:
        """Making one; its secret is shown this once."""
        form = TokenForm(form_sent(), permission=OrgPermission.UNIT_VIEW)
        made: list[Any] = []
        if run(form, lambda: made.append(form.make())):
            token, secret = made[0]
            return self.render("tokens/made.html", token=token, secret=secret)
        return self.render("tokens/new.html", form=form), 422 if form.wrong else 200

    @expose("/end/", methods=BOTH)
    @signed_in("one's own, or with a permission that the row is looked up by")
    def end(self) -> Any:
        """Ending one, after a fresh proof."""
        token = services.find_token(request.args.get("id"))
        form = EndForm(form_sent())
        if run(form, lambda: services.end(token)):
            flash(_("Ended: %(name)s", name=token.name), "success")
            return redirect(url_for(".index"))
        return self.render("tokens/end.html", token=token, form=form), 422 if form.wrong else 200

    @expose("/openapi.json")
    @signed_in("it says what the API can do, not what is in the panel")
    def document(self) -> Response:
        """The description of the API, for programs that make clients of it."""
        text = json.dumps(openapi.document(), ensure_ascii=False, indent=1)
        response = Response(text, mimetype="application/json")
        response.headers["Content-Disposition"] = "attachment; filename=zhangyin-openapi.json"
        return response
