"""The pages of users, roles and plugins."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import PasswordField
from wtforms.validators import Length

from panel.access import factor, labels, letters, services, sessions, sign_on, sign_on_pages, switches
from panel.access.fields import PermissionsField
from panel.access.forms import GrantForm, run
from panel.access.guard import needs
from panel.access.identity import asking
from panel.access.models import Grant, Role, SecondFactor, Session, SignOn, User
from panel.access.permissions import AccessPermission as P
from panel.access.scope import find, require
from panel.access.showing import load_grants, load_holders, show_active, show_roles, show_seen
from panel.admin.forms import form_sent
from panel.admin.view import Crud, Menu, PageView, RecordView, Section, bulk, expose
from panel.errors import NotAllowed, NotFound, Refused
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
    sections = (Section(_l("Basics"), ("username", "display_name", "person", "subject", "active")),)
    help = {
        "username": _l("What they type to log in; small letters. A number or an e-mail address will do."),
        "display_name": _l("The person's name, if left empty."),
        "subject": _l(
            "The permanent name (sub) the single sign-on knows the user by; noted at their first log-in by it."
        ),
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
        form = GrantForm(form_sent(), permission=P.USER_EDIT)
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

    @expose("/mail/", methods=("POST",))
    @needs(P.USER_EDIT)
    def mail(self) -> Any:
        """Mailing the link to the user themselves."""
        user = find(User, request.args.get("id"), P.USER_EDIT)
        try:
            letters.ask(user)
        except NotAllowed:
            raise
        except Refused as refusal:
            flash(str(refusal.message), "error")
        else:
            flash(_("A link to set the password is on its way to %(address)s.", address=user.person.email), "success")
        return redirect(self.url_of(user))

    def mail_reaches(self, user: User) -> bool:
        """Whether a link can be mailed to the user."""
        return letters.channel_for(user) is not None

    def sessions_of(self, user: User) -> list[Session]:
        """Where the user is logged in."""
        return sessions.of_user(user)

    def factor_of(self, user: User) -> SecondFactor | None:
        """The user's second factor."""
        return factor.of_user(user)

    @expose("/session/", methods=("POST",))
    @needs(P.USER_EDIT)
    def session(self) -> Any:
        """Ending a session of a user."""
        user = find(User, request.args.get("id"), P.USER_EDIT)
        sessions.end_one(user, request.form.get("session", ""))
        flash(_("The session has ended."), "success")
        return redirect(self.url_of(user))

    @expose("/factor/", methods=BOTH)
    @needs(P.USER_EDIT)
    def factor(self) -> Any:
        """Taking the second factor from a user who lost it, after asking."""
        user = find(User, request.args.get("id"), P.USER_EDIT)
        refusal = None
        if request.method == "POST":
            try:
                factor.reset(user)
            except Refused as error:
                refusal = error
            else:
                flash(_("%(user)s logs in without a second factor, and can set one up anew.", user=user), "success")
                return redirect(self.url_of(user))
        return self.render("access/factor_reset.html", user=user, refusal=refusal), 422 if refusal else 200

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
        Section(_l("Log-in"), ("second_factor",)),
    )
    wide = ("permissions",)
    help = {
        "second_factor": _l(
            "Whoever has this role sets up an authenticator app at their next click, and logs in with its codes."
        )
    }
    form_extra_fields = {"permissions": PermissionsField(_l("Permissions"))}
    new = _l("Add a role")
    details = "access/role.html"
    create_with = staticmethod(services.create_role)
    update_with = staticmethod(services.edit_role)
    delete_with = staticmethod(services.delete_role)

    def load(self, rows: list[Role]) -> None:
        load_holders(rows)


class SignOnView(RecordView):
    """The institution's single sign-on."""

    model = SignOn
    may = Crud(view=P.SIGN_ON_VIEW, create=P.SIGN_ON_EDIT, edit=P.SIGN_ON_EDIT, delete=P.SIGN_ON_EDIT)
    menu = Menu(section=SETTINGS, label=_l("Single sign-on"), order=45)
    columns = ("issuer", "client_id", "match", "enabled")
    formats = {"secret": lambda row: _("kept sealed") if row.client_secret else ""}
    sections = (
        Section(
            _l("Server"),
            ("issuer", "client_id", "secret"),
            help=_l("The institution's OpenID Connect provider. A CAS or LDAP server needs one in front of it."),
        ),
        Section(
            _l("Who is let in"),
            ("match", "claim", "proves_factor"),
            help=_l("Only users that are entered here already; nobody is entered by logging in."),
        ),
        Section(_l("Log-in page"), ("label", "enabled")),
    )
    help = {
        "issuer": _l("For example https://sso.example.edu.cn/realms/staff; what stands before /.well-known/."),
        "match": _l("Found once by user name or e-mail, a user is known by the server's permanent name from then on."),
        "claim": _l("Where users are matched by user name: the claim that holds it."),
        "proves_factor": _l("Then the panel asks for no second factor of its own after it."),
        "label": _l("Empty: “Log in by single sign-on”."),
    }
    form_extra_fields = {
        "secret": PasswordField(
            _l("Client secret"),
            [Length(max=500)],
            description=_l("Kept sealed and never shown again; empty: as it is."),
        )
    }
    new = _l("Enter the single sign-on")
    details = "access/sign_on.html"
    create_with = staticmethod(sign_on.add)
    update_with = staticmethod(sign_on.change)
    delete_with = staticmethod(sign_on.remove)

    def callback_of(self, row: SignOn) -> str:
        """The address the server sends browsers back to."""
        return sign_on_pages.callback(row)

    @expose("/ask/", methods=("POST",))
    @needs(P.SIGN_ON_EDIT, whole=True)
    def ask(self) -> Any:
        """Whether the server answers, and as whom."""
        row = find(SignOn, request.args.get("id"), P.SIGN_ON_EDIT)
        try:
            sign_on.client_of(row).load_server_metadata()
        except sign_on_pages.WRONG as error:
            flash(_("The server does not answer as it should: %(error)s", error=str(error)[:300]), "error")
        else:
            flash(_("The server answers. Now log in by it in another browser, before anybody relies on it."), "success")
        return redirect(self.url_of(row))


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
            on=switches.switched_on(asking().institution),
            refused=registry.refused,
            may_switch=require(P.PLUGIN_VIEW).reach(P.PLUGIN_SWITCH) is None,
        )

    @expose("/switch/", methods=BOTH)
    @needs(P.PLUGIN_SWITCH, whole=True)
    def switch(self) -> Any:
        """Switching one on or off, after saying what comes along or stands in the way. `?plugin=` names it."""
        registry, institution, name = runtime().registry, asking().institution, request.args.get("plugin", "")
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
