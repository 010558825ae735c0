"""What a person can hold of the accounts: all of it is listed, handed over or ended when they leave or move."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from panel.api import Holding, Person, Refused, _, _l, records, transaction
from plugins.accounts.choices import OperatorKind, Status
from plugins.accounts.custody import end_custodian, hand_over
from plugins.accounts.devices import give_device
from plugins.accounts.models import Account, Custodian, Device, Operator, Platform, SealedCopy
from plugins.accounts.operators import assign_operator, end_operator
from plugins.accounts.preconditions import locked, require_in_service, same_institution
from plugins.accounts.register import change_account, leave_vacant


def _accounts_of(field: str) -> Callable[[Iterable[Person]], list[Account]]:
    def held_by(people: Iterable[Person]) -> list[Account]:
        key = getattr(Account, field)
        return list(
            Account.select(Account, Platform)
            .join(Platform)
            .where(key.in_([p.id for p in people]), Account.status != Status.CLOSED)
            .order_by(Account.name, Account.id)
        )

    return held_by


def _parts_of(model: Any, field: str, is_open: Any) -> Callable[[Iterable[Person]], list[Any]]:
    def held_by(people: Iterable[Person]) -> list[Any]:
        key = getattr(model, field)
        return list(
            model.select(model, Account, Platform)
            .join(Account)
            .join(Platform)
            .where(key.in_([p.id for p in people]), is_open.is_null())
            .order_by(Account.name, model.id)
        )

    return held_by


def _named(account: Account) -> str:
    return _("%(account)s (%(platform)s)", account=account, platform=account.platform)


def _named_part(row: Any) -> str:
    return _named(row.account)


def _pass_operation(row: Operator, successor: Person, note: str) -> None:
    with transaction():
        end_operator(row, note=note)
        running = Operator.select().where(Operator.account == row.account, Operator.until.is_null())
        if successor.id not in {other.person_id for other in running}:
            assign_operator(row.account, successor, OperatorKind(row.kind), note=note)


def _pass_binding(field: str, contact: str) -> Callable[[Account, Person, str], None]:
    """The successor's own phone or mailbox takes the place of the binding; unknown, it stays empty until entered."""

    def pass_on(account: Account, successor: Person, note: str) -> None:
        with transaction():
            stored = locked(account)
            same_institution(stored.institution_id, successor)
            require_in_service(successor, f"{field}_owner")
            records.update(stored, None, **{field: getattr(successor, contact), f"{field}_owner": successor})

    return pass_on


def _drop_binding(field: str) -> Callable[[Account, str], None]:
    def drop(account: Account, note: str) -> None:
        with transaction():
            records.update(locked(account), None, **{field: "", f"{field}_owner": None})

    return drop


def _pass_copy(row: SealedCopy, successor: Person, note: str) -> None:
    with transaction():
        same_institution(row.institution_id, successor)
        require_in_service(successor, "keeper")
        if row.retired_on is not None:
            raise Refused(_("This envelope was opened or retired already."))
        records.update(row, keeper=successor)


responsible = Holding(
    kind="accounts.responsible",
    title=_l("Answers for an account"),
    held_by=_accounts_of("responsible"),
    holder=lambda account: account.responsible_id,
    subject=_named,
    hand_over=lambda account, successor, note: change_account(account, None, {"responsible": successor}),
    end=lambda account, note: leave_vacant(account),
)
operator = Holding(
    kind="accounts.operator",
    title=_l("Operates an account"),
    held_by=_parts_of(Operator, "person", Operator.until),
    holder=lambda row: row.person_id,
    subject=lambda row: f"{_named_part(row)} · {OperatorKind(row.kind).label}",
    hand_over=_pass_operation,
    end=lambda row, note: end_operator(row, note=note),
)
custodian = Holding(
    kind="accounts.custodian",
    title=_l("Keeps the password of an account"),
    held_by=_parts_of(Custodian, "person", Custodian.until),
    holder=lambda row: row.person_id,
    subject=_named_part,
    hand_over=lambda row, successor, note: hand_over(row.account, row.person, successor, note=note),
    end=lambda row, note: end_custodian(row, note=note),
)
device = Holding(
    kind="accounts.device",
    title=_l("Keeps a device of an account"),
    held_by=_parts_of(Device, "person", Device.until),
    holder=lambda row: row.person_id,
    subject=lambda row: f"{row.label} · {_named_part(row)}",
    hand_over=lambda row, successor, note: give_device(row, successor),
    end=lambda row, note: give_device(row, None),
)
sealed_copy = Holding(
    kind="accounts.sealed_copy",
    title=_l("Keeps a sealed copy"),
    held_by=_parts_of(SealedCopy, "keeper", SealedCopy.retired_on),
    holder=lambda row: row.keeper_id,
    subject=lambda row: f"{row} · {_named_part(row)}",
    hand_over=_pass_copy,
)
bound_phone = Holding(
    kind="accounts.bound_phone",
    title=_l("Their phone is bound to an account"),
    held_by=_accounts_of("bound_phone_owner"),
    holder=lambda account: account.bound_phone_owner_id,
    subject=_named,
    hand_over=_pass_binding("bound_phone", "phone"),
    end=_drop_binding("bound_phone"),
)
bound_email = Holding(
    kind="accounts.bound_email",
    title=_l("Their mailbox is bound to an account"),
    held_by=_accounts_of("bound_email_owner"),
    holder=lambda account: account.bound_email_owner_id,
    subject=_named,
    hand_over=_pass_binding("bound_email", "email"),
    end=_drop_binding("bound_email"),
)
