"""Checks over the people of an account: who answers for it, who operates it, how many, and whether they are here."""

from __future__ import annotations

from typing import Any

from peewee import Case, fn

from panel.api import (
    Person,
    PersonKind,
    Severity,
    Unit,
    UnitKind,
    _l,
    breaking,
    check,
    exists,
    how_many,
    listed,
    serving,
)
from plugins.accounts.checking.common import (
    EDIT,
    OPERATORS,
    account_check,
    live,
    named,
    of_units,
    operators_of,
    responsible_of,
)
from plugins.accounts.choices import OperatorKind
from plugins.accounts.models import Account, Operator, Platform
from plugins.accounts.policy import AccountsPolicy

ADMINISTRATOR = OperatorKind.ADMINISTRATOR.value
WORK = "wecom"  # the platform family on which employees have accounts of their own


def _running(account: Any, *where: Any) -> tuple[Any, ...]:
    return (Operator.account == account.id, Operator.until.is_null(), *where)


def _has_operator(account: Any, *where: Any) -> Any:
    return exists(Operator.select().join_from(Operator, Person), *_running(account, *where))


def _operators(account: Any, *where: Any) -> Any:
    people = Operator.select(Person.name.alias("text")).join_from(Operator, Person)
    return listed(people.where(*_running(account, *where)).order_by(Operator.id))


def _answering(account: Any, *where: Any) -> Any:
    return exists(Person, Person.id == account.responsible, *where)


@account_check(
    "accounts.no_responsible",
    severity=Severity.ERROR,
    rules=("s0-07-r10", "s1-08-r13", "s1-20-r04", "s4-01-r02"),
    title=_l("Nobody answers for the account"),
    message=_l("Responsible person missing"),
    advice=_l("Name the person who answers for the account."),
    mend=EDIT,
    form_field="responsible",
    at_save=False,
)
def no_responsible(account: Any, _policy: Any, _day: Any) -> Any:
    return breaking(account, live(account) & account.responsible.is_null())


@account_check(
    "accounts.responsible_left",
    severity=Severity.ERROR,
    rules=("s0-07-r11", "s1-11-r03", "s1-21-r11"),
    watches={Person: responsible_of},
    title=_l("Who answers for the account has left"),
    message=_l("%(name)s, who answers for the account, left on %(day)s"),
    advice=_l("Name a successor, or close the account."),
    mend=EDIT,
    at_save=False,
)
def responsible_left(account: Any, _policy: Any, day: Any) -> Any:
    gone = _answering(account, Person.in_service_until < day)
    last_day = Person.select(Person.in_service_until).where(Person.id == account.responsible)
    return breaking(account, live(account) & gone, name=named(Person, account.responsible), day=last_day)


@account_check(
    "accounts.responsible_not_staff",
    severity=Severity.ERROR,
    rules=("s0-07-r11",),
    watches={Person: responsible_of},
    title=_l("Who answers for the account is not staff"),
    message=_l("%(name)s, who answers for the account, is not in-service staff but: %(kind)s"),
    advice=_l("Name somebody on the staff."),
    mend=EDIT,
    measure="name",
    form_field="responsible",
    labels={"kind": PersonKind},
)
def responsible_not_staff(account: Any, _policy: Any, _day: Any) -> Any:
    kind = Person.select(Person.kind).where(Person.id == account.responsible)
    other = _answering(account, Person.kind != PersonKind.STAFF.value)
    return breaking(account, live(account) & other, name=named(Person, account.responsible), kind=kind)


@account_check(
    "accounts.responsible_no_leader",
    parameters=("leaders_answer",),
    severity=Severity.WARNING,
    rules=("s0-07-r11",),
    watches={Person: responsible_of},
    title=_l("Who answers for the account does not head the unit"),
    message=_l("%(name)s answers for the account and is neither head nor leader in charge"),
    advice=_l("Generally the head or the leader in charge answers for it."),
    mend=EDIT,
    form_field="responsible",
)
def responsible_no_leader(account: Any, policy: Any, day: Any) -> Any:
    staff = _answering(
        account,
        Person.kind == PersonKind.STAFF.value,
        serving(Person, day),
        Person.leads_unit == False,  # noqa: E712
    )
    broken = live(account) & policy.leaders_answer & staff
    return breaking(account, broken, name=named(Person, account.responsible))


@account_check(
    "accounts.responsible_wrong_post",
    parameters=("faculty_post",),
    severity=Severity.WARNING,
    rules=("s3-03-r14",),
    watches={Person: responsible_of, Unit: of_units},
    title=_l("The faculty's account is answered for by another post"),
    message=_l("%(name)s answers for the account of a school or faculty and is not its %(post)s"),
    advice=_l("Name the holder of the post."),
    mend=EDIT,
    form_field="responsible",
    at_save=False,
)
def responsible_wrong_post(account: Any, policy: Any, _day: Any) -> Any:
    faculty = exists(Unit, Unit.id == account.unit, Unit.kind == UnitKind.FACULTY.value)
    other = _answering(account, ~Person.post.contains(policy.faculty_post))
    broken = live(account) & (policy.faculty_post != "") & faculty & other
    return breaking(account, broken, name=named(Person, account.responsible), post=policy.faculty_post)


@account_check(
    "accounts.no_operator",
    severity=Severity.WARNING,
    rules=("s0-07-r10", "s1-16-r01", "s2-06-r01"),
    watches={Operator: "account"},
    title=_l("Nobody operates the account"),
    message=_l("Operator missing: nobody is named for daily operation"),
    advice=_l("Assign an operator."),
    mend=OPERATORS,
    at_save=False,
)
def no_operator(account: Any, _policy: Any, _day: Any) -> Any:
    return breaking(account, live(account) & ~exists(Operator, *_running(account)))


@account_check(
    "accounts.operator_not_eligible",
    severity=Severity.ERROR,
    rules=("s0-07-r13",),
    watches={Operator: "account", Person: operators_of},
    title=_l("An operator may not be one"),
    message=_l("%(names)s operates the account and is neither in-service staff nor an enrolled student"),
    advice=_l("End the term and assign somebody of the staff or an enrolled student."),
    mend=OPERATORS,
    measure="names",
    form_field="person",
)
def operator_not_eligible(account: Any, _policy: Any, day: Any) -> Any:
    may = Person.kind.in_([PersonKind.STAFF.value, PersonKind.STUDENT.value]) & serving(Person, day)
    return breaking(account, live(account) & _has_operator(account, ~may), names=_operators(account, ~may))


@account_check(
    "accounts.student_administrates",
    parameters=("students_may_administer",),
    severity=Severity.ERROR,
    rules=("s3-03-r16",),
    watches={Operator: "account", Person: operators_of},
    title=_l("A student administers the account"),
    message=_l("%(names)s is a student and administers the account"),
    advice=_l("Make somebody on the staff the administrator; students may operate."),
    mend=OPERATORS,
    measure="names",
    form_field="person",
)
def student_administrates(account: Any, policy: Any, _day: Any) -> Any:
    student = (Operator.kind == ADMINISTRATOR) & (Person.kind == PersonKind.STUDENT.value)
    broken = live(account) & ~policy.students_may_administer & _has_operator(account, student)
    return breaking(account, broken, names=_operators(account, student))


@account_check(
    "accounts.too_many_administrators",
    parameters=("max_administrators",),
    severity=Severity.ERROR,
    rules=("s0-11-r02",),
    watches={Operator: "account"},
    title=_l("Too many administrators"),
    message=_l("%(count)s administrators, at most %(limit)s may be"),
    advice=_l("End the term of those who are too many."),
    mend=OPERATORS,
    measure="count",
    form_field="kind",
)
def too_many_administrators(account: Any, policy: Any, _day: Any) -> Any:
    count = how_many(Operator, *_running(account, Operator.kind == ADMINISTRATOR))
    over = live(account) & (count > policy.max_administrators)
    return breaking(account, over, count=count, limit=policy.max_administrators)


@account_check(
    "accounts.operator_unqualified",
    parameters=("qualifications",),
    severity=Severity.WARNING,
    rules=("s1-17-r04", "s2-01-r05", "s2-04-r02"),
    watches={Operator: "account", Person: operators_of},
    title=_l("Qualifications of an operator not confirmed"),
    message=_l("Of %(names)s fewer than %(wanted)s qualifications are confirmed"),
    advice=_l("Confirm at the account what the operators know and can do, or end the term."),
    mend=OPERATORS,
    measure="names",
    form_field="qualifications",
)
def operator_unqualified(account: Any, policy: Any, _day: Any) -> Any:
    said = Operator.qualifications
    lines = Case(None, [(said == "", 0)], fn.LENGTH(said) - fn.LENGTH(fn.REPLACE(said, "\n", "")) + 1)
    short = lines < policy.qualifications
    broken = live(account) & _has_operator(account, short)
    return breaking(account, broken, names=_operators(account, short), wanted=policy.qualifications)


@account_check(
    "accounts.no_administrator",
    parameters=("administrator_required",),
    severity=Severity.NOTICE,
    rules=("s0-11-r02",),
    watches={Operator: "account"},
    title=_l("No administrator"),
    message=_l("None of the operators is the administrator"),
    advice=_l("Assign an operator of the kind “Administrator”."),
    mend=OPERATORS,
)
def no_administrator(account: Any, policy: Any, _day: Any) -> Any:
    named_one = exists(Operator, *_running(account, Operator.kind == ADMINISTRATOR))
    return breaking(account, live(account) & policy.administrator_required & ~named_one)


@check(
    "accounts.operates_too_many",
    subject=Person,
    policy=AccountsPolicy,
    parameters=("max_accounts_per_person",),
    severity=Severity.WARNING,
    rules=("s0-07-r13",),
    watches={Operator: "person"},
    title=_l("One person operates too many accounts"),
    message=_l("%(name)s operates %(count)s accounts, at most %(limit)s may be"),
    advice=_l("Spread the accounts over more people."),
    measure="count",
    form_field="person",
)
def operates_too_many(person: Any, policy: Any, _day: Any) -> Any:
    count = how_many(Operator, Operator.person == person.id, Operator.until.is_null())
    over = count > policy.max_accounts_per_person
    return breaking(person, over, name=person.name, count=count, limit=policy.max_accounts_per_person)


def _work_accounts(person: Any) -> Any:
    accounts = Account.select().join_from(Account, Platform)
    return how_many(accounts, Account.responsible == person.id, live(Account), Platform.family == WORK)


WORK_WATCHES: dict[Any, Any] = {
    Account: "responsible",
    Platform: lambda t: Account.select(Account.responsible).where(
        Account.platform.in_(t.ids), Account.responsible.is_null(False)
    ),
}


@check(
    "accounts.no_work_account",
    subject=Person,
    policy=AccountsPolicy,
    parameters=("work_accounts",),
    severity=Severity.NOTICE,
    rules=("s1-11-r01", "s1-12-r01", "s1-21-r01"),
    watches=WORK_WATCHES,
    title=_l("Employee without a work account"),
    message=_l("%(name)s has no work account on WeCom"),
    advice=_l("Open one, or enter the one there is."),
)
def no_work_account(person: Any, policy: Any, day: Any) -> Any:
    staff = (person.kind == PersonKind.STAFF.value) & serving(person, day)
    broken = policy.work_accounts.is_null(False) & staff & (_work_accounts(person) == 0)
    return breaking(person, broken, name=person.name)


@check(
    "accounts.too_many_work_accounts",
    subject=Person,
    policy=AccountsPolicy,
    parameters=("work_accounts",),
    severity=Severity.ERROR,
    rules=("s1-11-r01",),
    watches=WORK_WATCHES,
    title=_l("Employee with more than one work account"),
    message=_l("%(name)s has %(count)s work accounts on WeCom, at most %(limit)s may be"),
    advice=_l("Close or reassign the others."),
    measure="count",
    form_field="responsible",
)
def too_many_work_accounts(person: Any, policy: Any, _day: Any) -> Any:
    count = _work_accounts(person)
    return breaking(person, count > policy.work_accounts, name=person.name, count=count, limit=policy.work_accounts)


@check(
    "accounts.work_profile_incomplete",
    subject=Person,
    policy=AccountsPolicy,
    parameters=("work_accounts",),
    severity=Severity.NOTICE,
    rules=("s1-02-r03",),
    watches=WORK_WATCHES,
    title=_l("Work profile without a post"),
    message=_l("The work profile of %(name)s shows no position"),
    advice=_l("Enter the post of the person."),
)
def work_profile_incomplete(person: Any, policy: Any, _day: Any) -> Any:
    broken = policy.work_accounts.is_null(False) & (fn.TRIM(person.post) == "") & (_work_accounts(person) > 0)
    return breaking(person, broken, name=person.name)
