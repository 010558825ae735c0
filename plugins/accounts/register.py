"""Verbs of the register: platforms, accounts, their states and names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from panel.api import (
    Institution,
    NotFound,
    Person,
    PersonKind,
    Refused,
    _,
    current,
    files,
    policy_of,
    records,
    scope,
    today,
    transaction,
)
from plugins.accounts.choices import CHANGES, Status
from plugins.accounts.custody import add_custodian, end_custodian
from plugins.accounts.governing import require_direct_appointment, require_direct_change, require_direct_opening
from plugins.accounts.life.filing import owe_filing
from plugins.accounts.life.reading import still_out
from plugins.accounts.models import Account, Custodian, Device, FormerName, Operator, Platform, SealedCopy
from plugins.accounts.operators import end_operator, enter_operator
from plugins.accounts.permissions import AccountsPermission
from plugins.accounts.policy import AccountsPolicy
from plugins.accounts.preconditions import locked, past, require_in_service, same_institution
from plugins.accounts.shipped import PLATFORMS

PEOPLE = ("responsible", "bound_phone_owner", "bound_email_owner")
FILED = (
    "name",
    "responsible",
    "unit",
    "entity",
    "description",
)  # a change of these is to be filed (s0-07-r14, s4-01-r20)


def ship_platforms(institution: Institution) -> list[Platform]:
    """Insert the shipped platforms the institution does not have yet, and give those; run again, it adds nothing."""
    here = Platform.select(Platform.code, Platform.name).where(Platform.institution == institution).tuples()
    codes, names = map(set, zip(*here, strict=True)) if here else (set(), set())
    rows = [
        {**values, "institution": institution, "position": place * 10}
        for place, values in enumerate(PLATFORMS, 1)
        if values["code"] not in codes and values["name"] not in names
    ]
    return records.bulk_create(Platform, rows)


def change_platform(row: Platform, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a platform. Its family stays while it has accounts: their identity in the register hangs on it."""
    with transaction():
        family = values.get("family", row.family)
        if family != row.family and Account.select().where(Account.platform == row).exists():
            raise Refused(_("There are accounts on this platform; its family can no longer be changed."), "family")
        records.update(row, expected_version, **values)


def folded(text: str) -> str:
    """A text as it is compared: width, case and spaces no longer differ."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def register_key(platform: Platform, identifier: str) -> str | None:
    """What makes two rows of the register one account, or None without an ID."""
    plain = re.sub(r"^https?://", "", folded(identifier)).rstrip("/")
    return f"{platform.family}:{plain}"[:200] if plain else None


def register_account(values: dict[str, Any]) -> Account:
    """Enter an account with its first operators and custodians (lists of people, both may be absent).

    Such an account is unfiled. Raises Refused where a chain decides about opening; naming the field: no responsible
    person in service (s0-07-r10, s0-07-r11), an ID that is already there (s0-11-r01), an operator who may not be one
    (s0-07-r13).
    """
    identity = current()
    institution = values.get("institution") or (identity.institution if identity else values["unit"].institution)
    require_direct_opening(institution.id)
    return enter_account({**values, "institution": institution})


def enter_account(values: dict[str, Any]) -> Account:
    """Enter an account, whatever chain decides about it: the last step of an approved application."""
    values = dict(values)
    operators, custodians = values.pop("operators", None) or [], values.pop("custodians", None) or []
    institution = values.pop("institution")
    with transaction():
        if values.get("responsible") is None:
            raise Refused(_("Name the person who answers for the account."), "responsible")
        values = _checked(None, institution.id, values)
        account = records.create(Account, institution=institution, **values)
        _hold(account, operators, custodians)
    return account


def change_account(row: Account, expected_version: int | None, values: dict[str, Any]) -> dict[str, Any]:
    """Change an account and give what changed as {field: old value}.

    A new name leaves the old one among the former names; a new status must be one the present one leads to (CHANGES),
    and closing ends everything the account still had. `operators` and `custodians`, where given, are all there shall
    be: who is not among them ends today. Raises Refused naming the field, Stale where it moved on, NeedsApproval where
    a chain decides about it.
    """
    with transaction():
        stored = locked(row)
        if expected_version is None or stored.version == expected_version:
            require_direct_change(stored, values)
            _require_same_operators(stored, values.get("operators"))
            _require_same_entity(stored, values)
            if values.get("status") == Status.CLOSED and stored.status != Status.CLOSED:
                _require_handed_in(stored)
        changed = write_account(row, expected_version, values)
        if what := [n for n in FILED if n in changed]:
            owe_filing(row, "、".join(str(Account._meta.fields[name].verbose_name) for name in what))
    return changed


def write_account(row: Account, expected_version: int | None, values: dict[str, Any]) -> dict[str, Any]:
    """Change an account, whatever chain decides about it: the last step of an approved application."""
    values = dict(values)
    operators, custodians = values.pop("operators", None), values.pop("custodians", None)
    with transaction():
        stored = locked(row)
        if expected_version is not None and stored.version != expected_version:
            return records.update(row, expected_version, **values)  # says who else changed it
        if "responsible" in values and values["responsible"] is None and stored.responsible_id is not None:
            raise Refused(_("Name the person who answers for the account."), "responsible")
        values = _checked(stored, stored.institution_id, values)
        if any(getattr(values[name], "id", values[name]) != stored.__data__[name] for name in FILED if name in values):
            values.setdefault("changed_on", today())
        changed = records.update(row, expected_version, **values)
        if "name" in changed:
            records.create(FormerName, institution=row.institution_id, account=row, name=changed["name"], until=today())
        if "status" in changed and row.status == Status.CLOSED:
            _end_everything(row)
        else:
            _hold(row, operators, custodians)
    return changed


def change_status(account: Account, status: str, on: date | None = None) -> None:
    """Take an account to another status; `on` is the day it was closed, where it is."""
    values: dict[str, Any] = {"status": Status(status).value}
    if status == Status.CLOSED:
        values["closed_on"] = on or today()
    change_account(account, None, values)


def change_responsible(accounts: Iterable[Account], person: Person) -> None:
    """Give all these accounts one responsible person, all or none."""
    with transaction():
        for account in accounts:
            change_account(account, None, {"responsible": person})


def set_qr_code(account: Account, picture: bytes) -> None:
    """Keep the account's QR code, an image file's bytes; none at all takes it away. Raises Refused for no image."""
    name = files.save_image(picture, account.institution_id, "qr_code") if picture else ""
    with transaction():
        records.update(locked(account), qr_code=name)


def leave_vacant(account: Account) -> None:
    """Take the responsible person off an account; it stays without one until a successor is named."""
    with transaction():
        records.update(locked(account), responsible=None)


def _require_same_operators(stored: Account, wanted: Iterable[Any] | None) -> None:
    if wanted is None:
        return
    here: Any = Operator.select(Operator.person).where(Operator.account == stored, Operator.until.is_null()).tuples()
    if {person.id for person in wanted} != {person for (person,) in here}:
        try:
            require_direct_appointment(stored)
        except Refused as refusal:
            raise Refused(refusal.message, "operators") from refusal


def _require_same_entity(stored: Account, values: dict[str, Any]) -> None:
    """Raises Refused where an account would pass to another legal entity, and the policy forbids it (s1-19-r03)."""
    wanted = values.get("entity", stored.entity)
    if not stored.entity or wanted == stored.entity:
        return
    policy = policy_of(AccountsPolicy, stored.institution_id, today())
    if policy and policy.transfers_forbidden:
        raise Refused(_("A registered account may not be transferred to another legal entity."), "entity")


def _require_handed_in(stored: Account) -> None:
    if missing := still_out(stored):
        names = "、".join(str(item) for item in missing)
        raise Refused(_("Not everything is handed in yet: %(names)s.", names=names), "status")


def _checked(stored: Account | None, institution_id: int, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored, after every rule that one account alone can break."""
    values = dict(values)
    same_institution(institution_id, values.get("unit"), values.get("platform"), *(values.get(n) for n in PEOPLE))
    for name in PEOPLE:
        person = values.get(name)
        if person is not None and (stored is None or person.id != getattr(stored, f"{name}_id")):
            require_in_service(person, name, (PersonKind.STAFF,) if name == "responsible" else tuple(PersonKind))
    _check_status(stored, values)
    _check_days(stored, values)
    if "platform" in values or "identifier" in values:
        _set_key(stored, institution_id, values)
    if values.get("followers") is not None and not values.get("followers_on"):
        if stored is None or stored.followers != values["followers"]:
            values["followers_on"] = today()
        else:
            values.pop("followers_on", None)
    return values


def _check_status(stored: Account | None, values: dict[str, Any]) -> None:
    if "status" not in values:
        return
    if values["status"] not in list(Status):
        raise Refused(_("There is no such status."), "status")
    wanted = Status(values["status"])
    if stored is None:
        if wanted == Status.CLOSED and not values.get("closed_on"):
            raise Refused(_("Enter the day the account was closed on."), "closed_on")
        return
    here = Status(stored.status)
    if wanted == here:
        return
    if wanted not in CHANGES[here]:
        raise Refused(
            _(
                "From “%(here)s” an account cannot become “%(wanted)s”; it can become: %(next)s.",
                here=here.label,
                wanted=wanted.label,
                next="、".join(str(s.label) for s in stored.next_statuses()[1:]) or _("nothing else"),
            ),
            "status",
        )
    if wanted == Status.CLOSED:
        values["closed_on"] = past(values.get("closed_on"), "closed_on")


def _check_days(stored: Account | None, values: dict[str, Any]) -> None:
    opened = values.get("opened_on", stored and stored.opened_on)
    for name, message in (
        ("closed_on", _("An account cannot be closed before it was opened.")),
        ("certified_until", _("A verification cannot end before the account was opened.")),
    ):
        day = values.get(name, stored and getattr(stored, name))
        if name in values and opened and day and day < opened:
            raise Refused(message, name)


def _set_key(stored: Account | None, institution_id: int, values: dict[str, Any]) -> None:
    """Bring `register_key` up to date. Raises Refused where another account has it (s0-11-r01)."""
    platform = values.get("platform") or (stored.platform if stored else None)
    if platform is None:
        raise Refused(_("Choose the platform."), "platform")
    values["identifier"] = " ".join((values.get("identifier", stored.identifier if stored else "") or "").split())
    key = values["register_key"] = register_key(platform, values["identifier"])
    if key is None or (stored is not None and key == stored.register_key):
        return
    twin = Account.select().where(Account.institution == institution_id, Account.register_key == key)
    if twin.exists():
        seen = scope(twin, AccountsPermission.ACCOUNT_VIEW).first()
        if seen is not None:
            raise Refused(
                _("“%(name)s” already has this ID on this platform; correct the ID or edit that account.", name=seen),
                "identifier",
            )
        raise Refused(Account.refusals["institution,register_key"], "identifier")


def _hold(account: Account, operators: Iterable[Any] | None, custodians: Iterable[Any] | None) -> None:
    """Bring the open terms to these people; None leaves them as they are."""
    verbs: tuple[tuple[str, Any, Any, Any, Any], ...] = (
        ("operators", Operator, operators, enter_operator, end_operator),
        ("custodians", Custodian, custodians, add_custodian, end_custodian),
    )
    for field, model, wanted, begin, end in verbs:
        if wanted is None:
            continue
        people = {person.id: person for person in wanted}
        running = {t.person_id: t for t in model.select().where(model.account == account, model.until.is_null())}
        try:
            for person_id in running.keys() - people.keys():
                end(running[person_id])
            for person_id in [p for p in people if p not in running]:
                begin(account, people[person_id])
        except NotFound:
            raise
        except Refused as refusal:
            raise Refused(refusal.message, field) from refusal


def _end_everything(account: Account) -> None:
    """A closed account has no operators, custodians, devices and envelopes any more."""
    day = account.closed_on or today()
    for model in (Operator, Custodian, Device):
        for row in model.select().where(model.account == account, model.until.is_null()):
            records.update(row, until=max(day, row.since))
    for copy in SealedCopy.select().where(SealedCopy.account == account, SealedCopy.retired_on.is_null()):
        records.update(copy, retired_on=max(day, copy.sealed_on))
    records.update(account, password_due_on=None)
