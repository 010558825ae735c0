"""The forms of the acts on one account; each field is named as the verb's argument it fills."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FileField, SelectField, StringField

from panel.api import DayField, Form, Person, RefField, Required, _l
from plugins.accounts.choices import DeviceKind, OperatorKind, Way


def _text(label: Any, most: int, needed: bool = False, **options: Any) -> StringField:
    return StringField(
        label,
        [Required()] if needed else [],
        filters=[lambda typed: " ".join((typed or "").replace("\0", "").split())[:most]],
        render_kw={"maxlength": most},
        **options,
    )


def _person(label: Any, needed: bool = True, **options: Any) -> RefField:
    return RefField(label, Person, [Required()] if needed else [], **options)


class OperatorForm(Form):
    """Assigning an operator."""

    person = _person(_l("Person"), description=_l("Staff in service or an enrolled student."))
    kind = SelectField(_l("Kind"), choices=OperatorKind.pairs(), default=OperatorKind.LONG.value)
    since = DayField(_l("Since"), description=_l("Today, if left empty."))
    note = _text(_l("Note"), 200)


class EndForm(Form):
    """Ending a term."""

    until = DayField(_l("Until"), description=_l("Today, if left empty."))
    note = _text(_l("Note"), 200)


class CustodianForm(Form):
    """Entering a custodian without a handover."""

    person = _person(_l("Person"))
    since = DayField(_l("Since"), description=_l("Today, if left empty."))
    way = SelectField(_l("Handed over"), choices=Way.pairs())
    undertaking_on = DayField(_l("Confidentiality undertaking signed on"))
    note = _text(_l("Note"), 200)


class HandoverForm(Form):
    """Handing over. What is asked beside the people is the same for one account and for many."""

    taking = _person(_l("Takes over"))
    witness = _person(_l("Witness"), description=_l("Neither who leaves nor who takes over."))
    on = DayField(_l("Handed over on"), description=_l("Today, if left empty."))
    way = SelectField(_l("How"), choices=Way.pairs())
    password_changed_on = DayField(
        _l("New password set on"),
        description=_l("Leave empty if it is still to be changed: the account is then marked until it is."),
    )
    place = _text(_l("New sealed copy: place"), 120, description=_l("Empty if no new envelope was sealed."))
    number = _text(_l("New sealed copy: number"), 60)
    note = _text(_l("Note"), 500)

    @property
    def sealed(self) -> dict[str, str] | None:
        """The new envelope, or None."""
        return {"place": self.place.data, "number": self.number.data} if self.place.data or self.number.data else None


class PasswordForm(Form):
    """Recording that the password was changed."""

    on = DayField(_l("Changed on"), description=_l("Today, if left empty."))
    person = _person(_l("Changed by"), needed=False)
    why = _text(_l("Why"), 200)


class SealForm(Form):
    """Sealing an envelope."""

    place = _text(_l("Place"), 120, needed=True)
    number = _text(_l("Number"), 60)
    sealed_by = _person(_l("Sealed by"))
    sealed_on = DayField(_l("Sealed on"), description=_l("Today, if left empty."))
    keeper = _person(_l("Kept by"), needed=False)


class OpenForm(Form):
    """Opening an envelope."""

    person = _person(_l("Opened by"))
    why = _text(_l("Opened because"), 200, needed=True)
    on = DayField(_l("Opened on"), description=_l("Today, if left empty."))


class DayForm(Form):
    """An act of which only the day is asked."""

    on = DayField(_l("On"), description=_l("Today, if left empty."))


class DeviceForm(Form):
    """Allowing a device."""

    label = _text(_l("Designation"), 80, needed=True)
    kind = SelectField(_l("Kind"), choices=DeviceKind.pairs())
    serial = _text(_l("Serial or asset number"), 80)
    person = _person(_l("Kept by"), needed=False)
    since = DayField(_l("Since"), description=_l("Today, if left empty."))


class QrCodeForm(Form):
    """Uploading the QR code."""

    qr_code = FileField(_l("QR code"), description=_l("A PNG or JPEG file, at most 5 MB."))
    remove = BooleanField(_l("Take the present one away"))
