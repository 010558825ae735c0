"""Secrets sealed in the panel: what they open, who opened them, and who knows what they hold now."""

from __future__ import annotations

from peewee import SQL, CharField, Check, DateField

from panel.api import Owned, Person, RestrictedKey, SealedText, Unit, User, UtcDateTimeField, _l, today, utcnow
from plugins.accounts.models import Account
from plugins.accounts.secrets.choices import Learned, OpeningState, SecretKind


class Secret(Owned):
    """A secret of an account: in force until it is destroyed, when nothing of it is left but this row.

    `sealed_on` is the day its present value was put in. `owed_since` is the day from which another value is owed: a
    person who knows it left, or it was opened; of a password the account says so itself.
    """

    title, titles = _l("Sealed secret"), _l("Sealed secrets")
    scope_parent = "account"
    derived = ("sealed",)
    verbs = {
        "value_changed": _l("sealed another value"),
        "proof_failed": _l("was refused: wrong proof of identity"),
        "unreadable": _l("could not be opened"),
    }
    refusals = {
        "accounts_secret_current": _l("This account has a secret of this kind and designation already: replace it."),
    }

    account = RestrictedKey(Account, backref="secrets", verbose_name=_l("Account"))
    account_id: int
    kind = CharField(max_length=20, choices=SecretKind.pairs(), verbose_name=_l("Kind"))
    label = CharField(max_length=60, default="", verbose_name=_l("Which of them"))
    sealed = SealedText(bound=("account", "kind"))
    sealed_on = DateField(default=today, verbose_name=_l("Sealed on"))
    sealed_by = RestrictedKey(Person, backref="+", verbose_name=_l("Sealed by"))
    owed_since = DateField(null=True, verbose_name=_l("New one owed since"))
    destroyed_at = UtcDateTimeField(null=True, verbose_name=_l("Destroyed"))

    class Meta:
        constraints = [
            Check(SecretKind.sql("kind"), name="accounts_secret_kind"),
            Check("destroyed_at IS NULL OR sealed = ''", name="accounts_secret_destroyed"),
        ]

    def __str__(self) -> str:
        kind = SecretKind(self.kind).label
        return f"{kind} · {self.label}" if self.label else str(kind)


Secret.add_index(
    Secret.index(
        Secret.account,
        Secret.kind,
        Secret.label,
        unique=True,
        where=SQL("destroyed_at IS NULL"),
        name="accounts_secret_current",
    )
)


class SecretOpening(Owned):
    """One opening: asked for with a reason and a proof, released where two must agree, shown once."""

    title, titles = _l("Opening of a secret"), _l("Openings of secrets")
    called = "what"
    scope_unit, scope_parent = "unit", "account"  # seen by the account's unit of then; stands in the account's history
    verbs = {"shown": _l("was shown the secret")}
    refusals = {
        "accounts_secret_opening_reason": _l("Say why it is opened."),
        "accounts_secret_opening_shown": _l("It was shown already, and is shown only once."),
    }

    account = RestrictedKey(Account, backref="secret_openings", verbose_name=_l("Account"))
    account_id: int
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    secret = RestrictedKey(Secret, backref="openings", verbose_name=_l("What is sealed"))
    what = CharField(max_length=100, verbose_name=_l("What is sealed"))  # kind and designation, as they were
    person = RestrictedKey(Person, backref="secrets_opened", verbose_name=_l("Opened by"))
    person_id: int
    user = RestrictedKey(User, backref="+", verbose_name=_l("User"))
    user_id: int
    reason = CharField(max_length=300, verbose_name=_l("Reason"))
    state = CharField(max_length=20, choices=OpeningState.pairs(), verbose_name=_l("State"))
    asked_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Asked"))
    released_by = CharField(max_length=120, default="", verbose_name=_l("Released by"))
    until = UtcDateTimeField(verbose_name=_l("May be shown until"))
    shown_at = UtcDateTimeField(null=True, verbose_name=_l("Shown at"))

    class Meta:
        indexes = ((("institution", "id"), False),)
        constraints = [
            Check(OpeningState.sql("state"), name="accounts_secret_opening_state"),
            Check("reason <> ''", name="accounts_secret_opening_reason"),
            Check("(state = 'shown') = (shown_at IS NOT NULL)", name="accounts_secret_opening_shown"),
        ]

    def __str__(self) -> str:
        return f"{self.what} · {self.person}"


class SecretKnowledge(Owned):
    """Somebody knows what a secret holds now, beside those who keep the password: from `since` until it holds another.

    `given_up_on` is the day they left, or gave it up: from then on another value is owed.
    """

    title, titles = _l("Knowledge of a secret"), _l("Knowledge of secrets")
    called = "how"
    scope_parent = "account"
    refusals = {"accounts_secret_knowledge_once": _l("This person is known to know it.")}

    account = RestrictedKey(Account, backref="secret_knowledge", verbose_name=_l("Account"))
    secret = RestrictedKey(Secret, backref="known_to", verbose_name=_l("What is sealed"))
    person = RestrictedKey(Person, backref="secrets_known", verbose_name=_l("Person"))
    person_id: int
    how = CharField(max_length=20, choices=Learned.pairs(), verbose_name=_l("How"))
    since = DateField(default=today, verbose_name=_l("Since"))
    given_up_on = DateField(null=True, verbose_name=_l("Given up on"))
    until = DateField(null=True, verbose_name=_l("Until"))

    class Meta:
        constraints = [Check(Learned.sql("how"), name="accounts_secret_knowledge_how")]

    def __str__(self) -> str:
        return f"{self.person} · {self.secret}"


SecretKnowledge.add_index(
    SecretKnowledge.index(
        SecretKnowledge.secret,
        SecretKnowledge.person,
        unique=True,
        where=SQL("until IS NULL"),
        name="accounts_secret_knowledge_once",
    )
)
SecretKnowledge.add_index(
    # What somebody who leaves still knows.
    SecretKnowledge.index(
        SecretKnowledge.person,
        where=SQL("until IS NULL AND given_up_on IS NULL"),
        name="accounts_secret_knowledge_held",
    )
)
