"""The forms over secrets. What is typed as a secret is never sent back to a browser."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from panel.api import DayField, Form, ProofField, Required, _l
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

    kind = SelectField(_l("Kind"), choices=[SelectChoice(k.value, k.label) for k in SecretKind])
    label = StringField(
        _l("Which of them"),
        filters=[lambda typed: " ".join((typed or "").split())[:60]],
        description=_l("Where there are several of a kind, for example “administrator” or “backup”."),
        render_kw={"maxlength": 60},
    )
    text = _secret()
    changed_on = _changed_on()


class ReplaceSecretForm(Form):
    """Sealing another value."""

    text = _secret()
    changed_on = _changed_on()


def _reason() -> StringField:
    return StringField(
        _l("Reason"),
        [Required()],
        filters=[lambda typed: " ".join((typed or "").split())[:300]],
        render_kw={"maxlength": 300},
    )


class OpenSecretForm(Form):
    """Asking to open a secret."""

    reason = _reason()
    proof = ProofField()


class ShowSecretForm(Form):
    """Looking at it."""

    proof = ProofField()


class DestroySecretForm(Form):
    """Destroying a secret."""

    reason = _reason()
    proof = ProofField()
