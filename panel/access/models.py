"""Users, roles, grants, and what log-in must remember."""

from __future__ import annotations

from flask_login import UserMixin
from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from panel.choices import Choice
from panel.database import BaseModel, RestrictedKey, SealedText, SecretText, UtcDateTimeField
from panel.i18n import _l
from panel.org.models import Owned, Person, Unit


class Match(Choice):
    """By what a user is found whom the single sign-on names."""

    SUBJECT = "subject", _l("the name entered for the user")
    USERNAME = "username", _l("the user name")
    EMAIL = "email", _l("the person's e-mail address, where it is verified")


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
        "session_end": _l("a session was ended"),
        "recovery_used": _l("logged in with a recovery code"),
    }
    refusals = {
        "username": _l("This user name is taken."),
        "person": _l("This person has a user already."),
        "institution,subject": _l("Another user has this name at the single sign-on."),
    }

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
    subject = CharField(max_length=255, null=True, verbose_name=_l("Name at the single sign-on"))

    class Meta:
        indexes = ((("institution", "subject"), True),)
        constraints = [Check("username = lower(username)", name="access_user_lower")]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_active(self) -> bool:
        return bool(self.active)

    def session_id(self) -> str:
        """What sessions and remember cookies carry: id, epoch and the key of the session that was opened."""
        return f"{self.id}:{self.epoch}:{self.session_key}"

    session_key = ""  # known only where the session was opened or read
    session: Session  # joined by `login.load_user`


class Role(Owned):
    """A named set of permissions an institution may edit. `code` is set on the shipped ones."""

    title, titles = _l("Role"), _l("Roles")
    derived = ("offered",)
    refusals = {"institution,name": _l("There is already a role of this name.")}

    code = CharField(max_length=40, default="")
    name = CharField(max_length=60, verbose_name=_l("Name"))
    permissions = JSONField(default=list, verbose_name=_l("Permissions"))
    second_factor = BooleanField(default=False, verbose_name=_l("Holders need a second factor"))
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


class Session(BaseModel):
    """A browser somebody is logged in with, until it ends. Bookkeeping: log-in, log-out and *end* are in the audit."""

    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    user_id: int
    key_hash = CharField(max_length=64, unique=True)  # of the key in its cookie
    factor = BooleanField(default=False)  # whether a second factor was shown
    remembered = BooleanField(default=False)
    started_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()
    until = UtcDateTimeField(index=True)  # moved on while it is used
    proved_at = UtcDateTimeField(null=True)  # when it last showed password or code
    ip = CharField(max_length=64, default="")
    agent = CharField(max_length=300, default="")


class SecondFactor(Owned):
    """The authenticator app of a user (TOTP). Counts once a first code was right."""

    title, titles = _l("Second factor"), _l("Second factors")
    scope_parent = "user"
    derived = ("secret", "last_step")

    user = RestrictedKey(User, unique=True, backref="factors", verbose_name=_l("User"))
    user_id: int
    secret = SealedText(bound=("user",), verbose_name=_l("Secret"))
    confirmed_at = UtcDateTimeField(null=True, verbose_name=_l("Confirmed"))
    last_step = BigIntegerField(default=0)  # of the last code taken: none is taken twice
    recovery = SecretText(default="", verbose_name=_l("Recovery codes"))  # hashes of those left

    def __str__(self) -> str:
        return str(self.user)


class SignOn(Owned):
    """The institution's single sign-on (OpenID Connect)."""

    title, titles = _l("Single sign-on"), _l("Single sign-ons")
    derived = ("client_secret",)
    verbs = {"secret_changed": _l("entered another secret")}
    refusals = {"access_sign_on_one": _l("There is one single sign-on for an institution.")}

    label = CharField(max_length=60, default="", verbose_name=_l("Text of the button"))
    issuer = CharField(max_length=300, verbose_name=_l("Issuer"))
    client_id = CharField(max_length=200, verbose_name=_l("Client id"))
    client_secret = SealedText(verbose_name=_l("Client secret"))
    match = CharField(max_length=20, choices=Match.pairs(), default=Match.SUBJECT.value, verbose_name=_l("Matched by"))
    claim = CharField(max_length=60, default="preferred_username", verbose_name=_l("Claim with the user name"))
    proves_factor = BooleanField(default=False, verbose_name=_l("It asks for a second factor itself"))
    enabled = BooleanField(default=False, verbose_name=_l("In use"))

    class Meta:
        constraints = [Check(Match.sql("match"), name="access_sign_on_match")]

    def __str__(self) -> str:
        return self.label or self.issuer


SignOn.add_index(SignOn.index(SignOn.institution, unique=True, name="access_sign_on_one"))


class LoginDelay(BaseModel):
    """Failed log-ins of a name, an address or both, and when the next may come. Bookkeeping, like Session."""

    name = CharField(max_length=60, unique=True)
    failures = IntegerField(default=0)
    retry_at = UtcDateTimeField(null=True)


class Setting(BaseModel):
    """A fact about the installation itself, such as the pending set-up token."""

    name = CharField(max_length=60, unique=True)
    value = TextField(default="")
