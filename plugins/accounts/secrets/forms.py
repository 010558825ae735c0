"""The forms over secrets. What is typed as a secret is never sent back to a browser."""

from __future__ import annotations

from wtforms import TextAreaField

from panel.api import ChoiceField, DayField, Form, LineField, ProofField, Required, _l
from plugins.accounts.secrets.choices import SecretKind


class SecretField(TextAreaField):
    """Takes a secret, of several lines if need be, and shows none."""

    def _value(self) -> str:
        return ""


def _secret() -> SecretField:
    return SecretField(
        _l("What is sealed"),
        description=_l("It is sealed at once and shown to nobody here. After a refusal it must be typed again."),
        render_kw={
            "data-masked": "",
            "rows": 3,
            "autocomplete": "off",
            "autocapitalize": "off",
            "spellcheck": "false",
            "maxlength": 2000,
        },
    )


def _changed_on() -> DayField:
    return DayField(
        _l("New password set on"),
        description=_l("Only if it was just set at the platform. Empty: it has been the password all along."),
    )


class SealSecretForm(Form):
    """Sealing a secret."""

    kind = ChoiceField(_l("Kind"), SecretKind)
    label = LineField(
        _l("Which of them"),
        most=60,
        description=_l("Where there are several of a kind, for example “administrator” or “backup”."),
    )
    text = _secret()
    changed_on = _changed_on()


class ReplaceSecretForm(Form):
    """Sealing another value."""

    text = _secret()
    changed_on = _changed_on()


class OpenSecretForm(Form):
    """Asking to open a secret."""

    reason = LineField(_l("Reason"), [Required()], most=300)
    proof = ProofField()


class ShowSecretForm(Form):
    """Looking at it."""

    proof = ProofField()


class DestroySecretForm(Form):
    """Destroying a secret."""

    reason = LineField(_l("Reason"), [Required()], most=300)
    proof = ProofField()
