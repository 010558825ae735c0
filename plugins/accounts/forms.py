"""The forms of the acts on one account; each field is named as the verb's argument it fills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, FileField
from wtforms.fields.choices import SelectChoice

from panel.api import ChoiceField, DayField, Form, LineField, Person, ProseField, RefField, Required, _l, current, scope
from plugins.accounts.choices import DeviceKind, OperatorKind, Way
from plugins.accounts.models import Account
from plugins.accounts.permissions import AccountsPermission as P


def _person(label: Any, needed: bool = True, **options: Any) -> RefField:
    return RefField(label, Person, [Required()] if needed else [], **options)


def _qualifications(validators: Sequence[Any] = ()) -> ProseField:
    asked = _l("One a line; the policy says how many.")
    return ProseField(_l("Qualifications confirmed"), validators, most=500, description=asked)


class OperatorForm(Form):
    """Assigning an operator."""

    person = _person(_l("Person"), description=_l("Staff in service or an enrolled student."))
    kind = ChoiceField(_l("Kind"), OperatorKind, default=OperatorKind.LONG.value)
    since = DayField(_l("Since"), description=_l("Today, if left empty."))
    note = LineField(_l("Note"))
    qualifications = _qualifications()


class QualificationsForm(Form):
    """Confirming what an operator has to know and be able to do."""

    qualifications = _qualifications([Required()])


class EndForm(Form):
    """Ending a term."""

    until = DayField(_l("Until"), description=_l("Today, if left empty."))
    note = LineField(_l("Note"))


class CustodianForm(Form):
    """Entering a custodian without a handover."""

    person = _person(_l("Person"))
    since = DayField(_l("Since"), description=_l("Today, if left empty."))
    way = ChoiceField(_l("Handed over"), Way)
    undertaking_on = DayField(_l("Confidentiality undertaking signed on"))
    note = LineField(_l("Note"))


class HandoverForm(Form):
    """Handing over. What is asked beside the people is the same for one account and for many."""

    taking = _person(_l("Takes over"))
    witness = _person(_l("Witness"), description=_l("Neither who leaves nor who takes over."))
    on = DayField(_l("Handed over on"), description=_l("Today, if left empty."))
    way = ChoiceField(_l("How"), Way)
    password_changed_on = DayField(
        _l("New password set on"),
        description=_l("Leave empty if it is still to be changed: the account is then marked until it is."),
    )
    place = LineField(_l("New sealed copy: place"), most=120, description=_l("Empty if no new envelope was sealed."))
    number = LineField(_l("New sealed copy: number"), most=60)
    note = LineField(_l("Note"), most=500)

    @property
    def sealed(self) -> dict[str, str] | None:
        """The new envelope, or None."""
        return {"place": self.place.data, "number": self.number.data} if self.place.data or self.number.data else None


class ResponsibleForm(Form):
    """Naming who answers for several accounts."""

    responsible = _person(_l("Responsible person"), description=_l("Staff in service, as a rule the head of the unit."))


class PasswordForm(Form):
    """Recording that the password was changed."""

    on = DayField(_l("Changed on"), description=_l("Today, if left empty."))
    person = _person(_l("Changed by"), needed=False)
    asked_by = _person(_l("Asked for by"), needed=False, description=_l("Who had lost it, for example."))
    why = LineField(_l("Why"))


class SealForm(Form):
    """Sealing an envelope."""

    place = LineField(_l("Place"), [Required()], most=120)
    number = LineField(_l("Number"), most=60)
    sealed_by = _person(_l("Sealed by"))
    sealed_on = DayField(_l("Sealed on"), description=_l("Today, if left empty."))
    keeper = _person(_l("Kept by"), needed=False)


class OpenForm(Form):
    """Opening an envelope."""

    person = _person(_l("Opened by"))
    why = LineField(_l("Opened because"), [Required()])
    on = DayField(_l("Envelope opened on"), description=_l("Today, if left empty."))


class DayForm(Form):
    """An act of which only the day is asked."""

    on = DayField(_l("On"), description=_l("Today, if left empty."))


class DeviceForm(Form):
    """Allowing a device."""

    label = LineField(_l("Designation"), [Required()], most=80)
    kind = ChoiceField(_l("Kind"), DeviceKind)
    serial = LineField(_l("Serial or asset number"), most=80)
    person = _person(_l("Kept by"), needed=False)
    since = DayField(_l("Since"), description=_l("Today, if left empty."))


class QrCodeForm(Form):
    """Uploading the QR code."""

    qr_code = FileField(_l("QR code"), description=_l("A PNG or JPEG file, at most 5 MB."))
    remove = BooleanField(_l("Take the present one away"))


def bounded(form: Any) -> Any:
    """The account's form as whoever fills it in may use it: statuses that can follow, people they may assign."""

    class AccountForm(form):
        def __init__(self, *given: Any, obj: Any = None, **options: Any) -> None:
            super().__init__(*given, obj=obj, **options)
            if obj is not None and "status" in self:
                self.status.choices = [SelectChoice(s.value, s.label) for s in obj.next_statuses()]
            for name, permission in (("operators", P.OPERATOR_ASSIGN), ("custodians", P.CUSTODIAN_HAND_OVER)):
                if not _may(permission, obj):
                    del self[name]

    return AccountForm


def _may(permission: P, account: Account | None) -> bool:
    identity = current()
    if account is None or identity is None:
        return identity is not None and identity.may(permission)
    return scope(Account.select().where(Account.id == account.id), permission).exists()
