"""The pages of users, roles and plugins."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from panel.access import labels, services, switches
from panel.access.fields import PermissionsField
from panel.access.forms import GrantForm, run
from panel.access.guard import needs
from panel.access.models import Grant, Role, User
from panel.access.permissions import AccessPermission as P
from panel.access.reach import at_work
from panel.access.scope import find, require
from panel.access.showing import load_grants, load_holders, show_active, show_roles, show_seen
from panel.admin.view import Crud, Menu, PageView, RecordView, Section, bulk, expose
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, ngettext
from panel.runtime import runtime

SETTINGS = _l("Settings")
BOTH = ("GET", "POST")


class UserView(RecordView):
    """Who logs in."""

    model = User
    whole = False  # services.refuse_over decides about each
    may = Crud(view=P.USER_VIEW, create=P.USER_CREATE, edit=P.USER_EDIT, export=P.USER_EXPORT)
    menu = Menu(section=SETTINGS, label=_l("Users"), order=30)
    columns = ("username", "person.unit", "roles", "active", "seen")
    more_columns = ("display_name", "person")
    labels = {"person.unit": _l("Unit"), "roles": _l("Roles"), "seen": _l("Last log-in"), "active": _l("State")}
    formats = {"roles": show_roles, "seen": show_seen, "active": show_active}
    search = ("username", "display_name", "person")
    filters = ("active", "person.unit")
    sort = ("username", "display_name")
    default_sort = "username"
    sections = (Section(_l("Basics"), ("username", "display_name", "person", "active")),)
    help = {
        "username": _l("What they type to log in; small letters. A number or an e-mail address will do."),
        "display_name": _l("The person's name, if left empty."),
        "person": _l("Whose user it is; when they leave or move, its sessions end."),
    }
    new = _l("Add a user")
    details = "access/user.html"
    create_with = staticmethod(services.create_user)
    update_with = staticmethod(services.change_user)

    def load(self, rows: list[User]) -> None:
        load_grants(rows)

    def note_of(self, row: User) -> str:
        return str(row.display_name)

    @bulk(
        _l("Deactivate"),
        P.USER_EDIT,
        lambda n: ngettext("Deactivate %(num)s user?", "Deactivate %(num)s users?", n),
        danger=True,
    )
    def deactivate(self, rows: list[User]) -> int:
        for user in rows:
            services.set_active(user, False)
        return len(rows)

    @bulk(_l("Activate"), P.USER_EDIT, lambda n: ngettext("Activate %(num)s user?", "Activate %(num)s users?", n))
    def activate(self, rows: list[User]) -> int:
        for user in rows:
            services.set_active(user, True)
        return len(rows)

    @expose("/grant/", methods=BOTH)
    @needs(P.USER_EDIT)
    def grant(self) -> Any:
        """Giving a user a role in a unit."""
        user = find(User, request.args.get("id"), P.USER_EDIT)
        form = GrantForm(request.form if request.method == "POST" else None, permission=P.USER_EDIT)
        if run(form, lambda: services.grant(user, *form.granted)):
            role, unit = form.granted
            flash(_("Granted: %(role)s in %(unit)s.", role=role, unit=unit), "success")
            return redirect(self.url_of(user))
        return self.render("access/grant.html", user=user, form=form), 422 if form.wrong else 200

    @expose("/revoke/", methods=BOTH)
    @needs(P.USER_EDIT)
    def revoke(self) -> Any:
        """Taking a role away, after asking."""
        held = find(Grant, request.args.get("id"), P.USER_EDIT)
        refusal = None
        if request.method == "POST":
            try:
                services.revoke(held)
            except Refused as error:
                refusal = error
            else:
                flash(_("Taken away: %(role)s in %(unit)s.", role=held.role, unit=held.unit), "success")
                return redirect(self.url_of(held.user))
        return self.render("access/revoke.html", held=held, refusal=refusal), 422 if refusal else 200

    @expose("/link/", methods=("POST",))
    @needs(P.USER_EDIT)
    def link(self) -> Any:
        """A one-time link with which the user sets their password; shown once."""
        user = find(User, request.args.get("id"), P.USER_EDIT)
        token = services.make_reset_link(user)
        address = url_for("reset_password", token=token, _external=True)
        return self.render("access/link.html", user=user, address=address)


class RoleView(RecordView):
    """What may be granted together."""

    model = Role
    may = Crud(view=P.ROLE_VIEW, create=P.ROLE_EDIT, edit=P.ROLE_EDIT, delete=P.ROLE_EDIT)
    menu = Menu(section=SETTINGS, label=_l("Roles"), order=40)
    columns = ("name", "holders", "permissions")
    labels = {"holders": _l("Holders"), "permissions": _l("Permits")}
    formats = {"permissions": lambda row: labels.show_permissions(row.permissions)}
    search = ("name",)
    sort = ("name", "id")
    default_sort = "id"
    sections = (
        Section(_l("Basics"), ("name",)),
        Section(
            _l("Permits"),
            ("permissions",),
            help=_l("In the unit it is granted for, and in all units below. You can give only what you hold yourself."),
        ),
    )
    wide = ("permissions",)
    form_extra_fields = {"permissions": PermissionsField(_l("Permissions"))}
    new = _l("Add a role")
    details = "access/role.html"
    create_with = staticmethod(services.create_role)
    update_with = staticmethod(services.edit_role)
    delete_with = staticmethod(services.delete_role)

    def load(self, rows: list[Role]) -> None:
        load_holders(rows)


class PluginView(PageView):
    """The plugins, and whether this institution has them on."""

    menu = Menu(section=SETTINGS, label=_l("Plugins"), order=50)

    @expose("/")
    @needs(P.PLUGIN_VIEW)
    def cards(self) -> str:
        """Every plugin as a card; those refused with why."""
        registry = runtime().registry
        return self.render(
            "access/plugins.html",
            plugins=list(registry),
            titles={entry.name: entry.plugin.title for entry in registry},
            on=switches.switched_on(at_work()),
            refused=registry.refused,
            may_switch=require(P.PLUGIN_VIEW).reach(P.PLUGIN_SWITCH) is None,
        )

    @expose("/switch/", methods=BOTH)
    @needs(P.PLUGIN_SWITCH, whole=True)
    def switch(self) -> Any:
        """Switching one on or off, after saying what comes along or stands in the way. `?plugin=` names it."""
        registry, institution, name = runtime().registry, at_work(), request.args.get("plugin", "")
        if name not in registry:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        is_on = name in switches.switched_on(institution)
        refusal = None
        if request.method == "POST":
            wanted = request.form.get("to") == "on"
            try:
                if wanted:
                    switches.switch_on(institution, registry, name, along="along" in request.form)
                else:
                    switches.switch_off(institution, registry, name)
            except Refused as error:
                refusal = error
            else:
                title = registry[name].plugin.title
                flash(
                    _("“%(plugin)s” is on.", plugin=title) if wanted else _("“%(plugin)s” is off.", plugin=title),
                    "success",
                )
                return redirect(url_for(".cards"))
        context = {
            "entry": registry[name],
            "is_on": is_on,
            "along": [] if is_on else switches.comes_along(institution, registry, name),
            "needed_by": switches.in_the_way(institution, registry, name) if is_on else [],
            "refusal": refusal,
        }
        return self.render("access/switch.html", **context), 422 if refusal else 200
