"""Users, roles, grants, and what log-in must remember."""

from __future__ import annotations

from flask_login import UserMixin
from peewee import SQL, BooleanField, CharField, Check, IntegerField, JSONField, TextField

from panel.database import BaseModel, RestrictedKey, SecretText, UtcDateTimeField
from panel.i18n import _l
from panel.org.models import Owned, Person, Unit


class User(Owned, UserMixin):
    """Somebody who logs in. `epoch` is in every session and remember cookie: raising it ends them all."""

    title, titles = _l("User"), _l("Users")
    called = "username"
    derived = ("epoch",)
    verbs = {
        "log_in": _l("logged in"),
        "log_in_failed": _l("failed to log in"),
        "log_out": _l("logged out"),
        "reset_link": _l("was made a one-time link"),
    }
    refusals = {"username": _l("This user name is taken."), "person": _l("This person has a user already.")}

    username = CharField(max_length=60, unique=True, verbose_name=_l("User name"))
    password_hash = SecretText(default="", verbose_name=_l("Password"))
    person = RestrictedKey(Person, null=True, unique=True, backref="users", verbose_name=_l("Person"))
    person_id: int | None
    display_name = CharField(max_length=60, default="", verbose_name=_l("Display name"))
    active = BooleanField(default=True, verbose_name=_l("May log in"))
    site_admin = BooleanField(default=False, verbose_name=_l("Administers the installation"))
    locale = CharField(max_length=20, default="", verbose_name=_l("Language"))
    epoch = IntegerField(default=1)
    reset_hash = SecretText(default="")  # of the one-time link that sets a new password
    reset_until = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("username = lower(username)", name="access_user_lower")]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_active(self) -> bool:
        return bool(self.active)

    def session_id(self) -> str:
        """What sessions and remember cookies carry: id and epoch (`get_id` is peewee's)."""
        return f"{self.id}:{self.epoch}"


class Role(Owned):
    """A named set of permissions an institution may edit. `code` is set on the shipped ones."""

    title, titles = _l("Role"), _l("Roles")
    derived = ("offered",)
    refusals = {"institution,name": _l("There is already a role of this name.")}

    code = CharField(max_length=40, default="")
    name = CharField(max_length=60, verbose_name=_l("Name"))
    permissions = JSONField(default=list, verbose_name=_l("Permissions"))
    offered = JSONField(default=list)  # what the panel ever added by itself; taken away by hand, it stays away

    class Meta:
        indexes = ((("institution", "name"), True),)

    def __str__(self) -> str:
        return self.name


Role.add_index(Role.index(Role.institution, Role.code, unique=True, where=SQL("code <> ''"), name="access_role_code"))


class Grant(Owned):
    """A user has a role in a unit and all below it."""

    title, titles = _l("Grant"), _l("Grants")
    scope_parent = "user"
    refusals = {"user,role,unit": _l("This user already has this role there.")}

    user = RestrictedKey(User, backref="grants", verbose_name=_l("User"))
    user_id: int
    role = RestrictedKey(Role, backref="grants", verbose_name=_l("Role"))
    unit = RestrictedKey(Unit, backref="grants", verbose_name=_l("Unit"))

    class Meta:
        indexes = ((("user", "role", "unit"), True),)

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.unit}"


class PluginSwitch(Owned):
    """Whether an institution has switched a plugin on."""

    title, titles = _l("Plugin switch"), _l("Plugin switches")

    plugin = CharField(max_length=40, verbose_name=_l("Plugin"))
    enabled = BooleanField(default=False, verbose_name=_l("On"))

    class Meta:
        indexes = ((("institution", "plugin"), True),)

    def __str__(self) -> str:
        return self.plugin


class LoginDelay(BaseModel):
    """Failed log-ins of a name, known or not, and when it may try again. Bookkeeping: not audited row by row."""

    name = CharField(max_length=60, unique=True)
    failures = IntegerField(default=0)
    retry_at = UtcDateTimeField(null=True)


class Setting(BaseModel):
    """A fact about the installation itself, such as the pending set-up token."""

    name = CharField(max_length=60, unique=True)
    value = TextField(default="")
