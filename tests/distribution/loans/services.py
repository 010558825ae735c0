from datetime import date

from loans.models import Loan
from panel.api import Holding, Institution, Person, Refused, _, _l, records, today, transaction


def on_enable(institution: Institution) -> None:
    """Nothing to prepare: an empty list of loans is a good start."""


def bring_back(loan: Loan, on: date) -> None:
    """End a loan. Raises Refused when it has ended already."""
    if loan.returned_on is not None:
        raise Refused(_("%(item)s is back already.", item=loan.item), "returned_on")
    records.update(loan, returned_on=on)


def pass_on(loan: Loan, successor: Person, note: str) -> None:
    """Somebody else has it from now on."""
    records.update(loan, person=successor)


def mark_overdue(institution: Institution, today: date) -> int:
    """Note for every overdue loan that its holder was reminded today; gives how many were."""
    overdue = Loan.select().where(
        Loan.institution == institution,
        Loan.returned_on.is_null(),
        Loan.due_on < today,
        Loan.reminded_on.is_null() | (Loan.reminded_on < today),
    )
    with transaction():
        rows = list(overdue)
        for loan in rows:
            records.update(loan, reminded_on=today)
    return len(rows)


LENT = Holding(
    "loans.loan",
    _l("Equipment"),
    held_by=lambda people: Loan.select().where(Loan.person.in_(list(people)), Loan.returned_on.is_null()),
    holder=lambda loan: loan.person_id,
    subject=lambda loan: loan.item,
    hand_over=pass_on,
    end=lambda loan, note: bring_back(loan, today()),
)
