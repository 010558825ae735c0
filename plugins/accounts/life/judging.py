"""What an applicant should know before submitting: who may apply, what is missing, duplicates, quotas, names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import fn

from panel.api import Refused, UnitKind, Words, _, ngettext, policy_of, scope, today
from plugins.accounts.choices import EntityKind, Status
from plugins.accounts.life.choices import Kind, Part, State
from plugins.accounts.life.models import Application
from plugins.accounts.life.reading import nominees_of, papers_of
from plugins.accounts.models import Account
from plugins.accounts.operators import lines_of
from plugins.accounts.permissions import AccountsPermission as P
from plugins.accounts.policy import APPLIED, AccountsPolicy, NameWord, Quota, WordKind
from plugins.accounts.register import folded, register_key

HOSTED = (UnitKind.GRADE, UnitKind.STUDENT, UnitKind.BASE, UnitKind.VIRTUAL)
OF_AGE = 18


@dataclass(frozen=True)
class Notice:
    """Something the applicant sees before submitting. `stops`: it must be mended first; `field` says where."""

    text: str
    field: str = ""
    stops: bool = False
    rules: tuple[str, ...] = ()
    account: Account | None = None  # to look at


def notices(application: Application) -> list[Notice]:
    """Everything the applicant should know; what stops the submission first."""
    found = [*_who(application), *_missing(application)]
    if application.kind == Kind.OPENING:
        found += [*duplicates(application), *quotas(application), *_same_platform(application)]
    if application.kind == Kind.CHANGE:
        found += _moved(application)
    found += _words(application)
    return sorted(found, key=lambda notice: not notice.stops)


def require_submittable(application: Application) -> None:
    """Raises Refused naming the first field that stops the submission."""
    for notice in notices(application):
        if notice.stops:
            raise Refused(notice.text, notice.field or None)


def laid_down(application: Application) -> AccountsPolicy | None:
    """The policy of the day."""
    return policy_of(AccountsPolicy, application.institution_id, today())


def _who(application: Application) -> list[Notice]:
    policy, found = laid_down(application), []
    unit, body = application.unit, application.body
    if policy and policy.second_level_only and unit.kind in HOSTED:
        text = _(
            "%(unit)s (%(kind)s) cannot apply in its own name: the unit that hosts it applies.",
            unit=unit,
            kind=UnitKind(unit.kind).label,
        )
        found.append(Notice(text, "unit", True, ("s0-07-r03", "s0-07-r05")))
    for one in (unit, body):
        if policy and policy.long_term_bodies_only and one is not None and one.kind == UnitKind.TEMPORARY:
            text = _("%(unit)s is a temporary body: accounts stand for long-term organisations.", unit=one)
            found.append(Notice(text, "unit" if one is unit else "body", True, ("s0-07-r02",)))
    if application.kind == Kind.OPENING:
        found += _entity(application, policy)
    return found


def _entity(application: Application, policy: AccountsPolicy | None) -> list[Notice]:
    """An organisation, or somebody of age (s0-01-r02); with a licence that is valid (s1-09-r03)."""
    day, found = today(), []
    if application.entity_kind == EntityKind.INDIVIDUAL:
        if policy and policy.organisations_only:
            text = _("Accounts are registered to organisations here, never to individuals.")
            found.append(Notice(text, "entity_kind", True, ("s0-07-r02", "s0-09-r03")))
        elif application.born_on is None:
            text = _("Enter when the person was born: only who is of age may register.")
            found.append(Notice(text, "born_on", True, ("s0-01-r02",)))
        elif _years(application.born_on, day) < OF_AGE:
            text = _("Born on %(day)s: only who is %(age)s may register.", day=application.born_on, age=OF_AGE)
            found.append(Notice(text, "born_on", True, ("s0-01-r02",)))
    if application.licence_until is not None and application.licence_until < day:
        text = _("The licence was valid until %(day)s.", day=application.licence_until)
        found.append(Notice(text, "licence_until", True, ("s1-09-r03",)))
    if _other_name(application):
        text = _(
            "The licence is made out to “%(name)s”, not to the legal entity: it is looked at before the approval.",
            name=application.licence_name,
        )
        found.append(Notice(text, "licence_name", False, ("s0-04-r02",)))
    return found


def _other_name(application: Application) -> bool:
    """Whether the name on the licence is not the legal entity's, whatever the width of letters, brackets and spaces."""
    entity, licence = folded(application.entity or ""), folded(application.licence_name)
    return bool(entity and licence) and entity != licence


def identity_waits(application: Application) -> bool:
    """Whether somebody still has to look whether entity and licence are one (s0-04-r02)."""
    return _other_name(application) and application.identity_accepted != identity_of(application)


def identity_of(application: Application) -> str:
    """The two names somebody looks at; another of either is looked at anew."""
    return f"{application.entity} = {application.licence_name}"


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _missing(application: Application) -> list[Notice]:
    """The reason, always; of an opening what the policy asks for; of a change, something that changes."""
    asked = ["reason"]
    policy = laid_down(application)
    required = [n for n in re.split(r"[\s,]+", policy.application_required if policy else "") if n]
    people = nominees_of(application)
    if application.kind == Kind.OPENING:
        asked += ["name", "platform", "responsible", *(n for n in required if n in (*APPLIED, "identity", "necessity"))]
    if application.kind == Kind.CLOSING and "necessity" in required:
        asked.append("necessity")
    found = [_to_fill(name) for name in asked if getattr(application, name) in (None, "")]
    if application.kind == Kind.OPENING and "operators" in required and all(n.part != Part.OPERATOR for n in people):
        found.append(Notice(_("Name at least one operator."), "operators", True, ("s3-03-r26",)))
    if "paper" in required and not papers_of(application):
        found.append(Notice(_("Attach the form or report, signed and sealed."), "paper", True, ("s0-03-r08",)))
    if application.kind == Kind.CHANGE and not (changes(application) or people):
        found.append(Notice(_("Nothing is to change yet: fill in what shall be different."), "", True))
    wanted = (policy.qualifications if policy else None) or 0
    begin = any(n.part == Part.OPERATOR and not n.leaves for n in people)
    if application.kind == Kind.APPOINTMENT and begin and len(lines_of(application.qualifications)) < wanted:
        text = ngettext("%(num)s qualification must be confirmed.", "%(num)s qualifications must be confirmed.", wanted)
        found.append(Notice(text, "qualifications", True, ("s2-04-r02",)))
    if application.kind == Kind.APPOINTMENT and not people:
        found.append(Notice(_("Name at least one person."), "operators", True))
    return found


def _to_fill(name: str) -> Notice:
    label = Application._meta.fields[name].verbose_name
    text = _("“%(field)s” must be filled in.", field=label)
    return Notice(text, name, True, ("s0-01-r03", "s1-19-r02", "s3-03-r03") if name == "reason" else ())


CHANGEABLE = (
    *("name", "level", "to_unit", "purpose", "publishing_scope", "description"),
    *("responsible", "contact_phone", "entity", "entity_kind", "identifier"),
)


def changes(application: Application) -> dict[str, tuple[Any, Any]]:
    """What an application for a change would make different: {field of the account: (now, then)}."""
    account, found = application.account, {}
    for name in CHANGEABLE:
        wanted, own = getattr(application, name), "unit" if name == "to_unit" else name
        if wanted is not None and account is not None and wanted != getattr(account, own):
            found[own] = (getattr(account, own), wanted)
    return found


def _moved(application: Application) -> list[Notice]:
    found, policy, altered = [], laid_down(application), changes(application)
    if policy and policy.transfers_forbidden and "entity" in altered and altered["entity"][0]:
        text = _("A registered account may not be transferred to another legal entity.")
        found.append(Notice(text, "entity", True, ("s1-19-r03",)))
    return found


def duplicates(application: Application) -> list[Notice]:
    """Accounts, and applications on their way, that look like this one. One with its ID is the same account."""
    platform, found = application.platform, []
    if platform is None:
        return []
    mine = Account.institution == application.institution_id
    key = register_key(platform, application.identifier or "")
    if key is not None:
        for twin in Account.select().where(mine, Account.register_key == key):
            text = _("An account with this ID on this platform is already in the register.")
            found.append(Notice(text, "identifier", True, ("s0-11-r01",), _seen(twin)))
    named = fn.LOWER(fn.REPLACE(Account.name, " ", "")) == (application.name or "").replace(" ", "").lower()
    for twin in (
        Account.select().where(mine, named, Account.status != Status.CLOSED).limit(5) if application.name else ()
    ):
        text = _("There is an account of the same name: %(name)s on %(platform)s.", name=twin, platform=twin.platform)
        found.append(Notice(text, "name", False, ("s0-11-r01",), _seen(twin)))
    others = Application.select().where(
        Application.institution == application.institution_id,
        Application.id != application.id,
        Application.state.in_((State.WAITING, State.APPROVED)),
        Application.kind == Kind.OPENING,
        Application.name == application.name,
        Application.platform == platform,
    )
    if application.name and others.exists():
        found.append(Notice(_("The same account is applied for already."), "name", False, ("s0-11-r01",)))
    return found


def _seen(account: Account) -> Account | None:
    found: Account | None = scope(Account.select().where(Account.id == account.id), P.ACCOUNT_VIEW).first()
    return found


def _same_platform(application: Application) -> list[Notice]:
    """What the unit has on this platform already; where only one may be, that stops it (s0-07-r06)."""
    if application.platform is None:
        return []
    query = Account.select().where(
        Account.unit == application.unit, Account.platform == application.platform, Account.status != Status.CLOSED
    )
    there = [a for a in query.order_by(Account.id) if a.id != application.replaces_id]
    if not there:
        return []
    policy = laid_down(application)
    only = bool(policy and policy.one_account_per_platform)
    names = "、".join(str(account) for account in there[:5])
    text = _("%(unit)s already has on this platform: %(names)s.", unit=application.unit, names=names)
    return [Notice(text, "platform", only, ("s0-07-r06",), _seen(there[0]))]


@dataclass(frozen=True)
class Used:
    """A quota the new account would count against, and how many count against it now."""

    quota: Quota
    count: int

    @property
    def full(self) -> bool:
        return self.count >= self.quota.most


def used_quotas(application: Application, standing: bool = False) -> list[Used]:
    """Every quota of the institution that the new account would count against.

    What is being closed, for this one or anyhow, counts only with `standing`: until it is gone.
    """
    gone = (Status.CLOSED,) if standing else (Status.CLOSED, Status.CLOSING)
    replaced = None if standing else application.replaces_id
    found = []
    for quota in Quota.select().where(Quota.institution == application.institution_id).order_by(Quota.id):
        if not _counts(quota, application):
            continue
        query = Account.select().where(Account.institution == application.institution_id, Account.status.not_in(gone))
        for name in ("unit", "platform"):
            if quota.__data__[name] is not None:
                query = query.where(getattr(Account, name) == quota.__data__[name])
        if quota.entity:
            query = query.where(Account.entity == quota.entity)
        found.append(Used(quota, query.where(Account.id != (replaced or 0)).count()))
    return found


def _counts(quota: Quota, application: Application) -> bool:
    return (
        quota.__data__["unit"] in (None, application.unit_id)
        and quota.__data__["platform"] in (None, application.__data__["platform"])
        and quota.entity in ("", application.entity or "")
    )


def quotas(application: Application) -> list[Notice]:
    """How full each quota is; a full one stops the submission until an account is named that is closed for it."""
    found = []
    for used in used_quotas(application):
        values = {"quota": used.quota, "count": used.count, "most": used.quota.most}
        if used.full:
            text = _(
                "The quota of %(quota)s is used up: %(count)s of %(most)s. Name an account that is closed for it.",
                **values,
            )
        else:
            text = _("Quota of %(quota)s: %(count)s of %(most)s are used.", **values)
        found.append(Notice(text, "replaces", used.full, ("s0-07-r06",)))
    return found


def words_in(application: Application, *kinds: WordKind) -> list[str]:
    """The words of the institution's list that the name applied for contains, of these kinds."""
    if not application.name:
        return []
    rows = list(NameWord.select().where(NameWord.institution == application.institution_id, NameWord.kind.in_(kinds)))
    by_id = {row.id: row.word for row in rows}
    words = Words((row.id, row.word, row.exceptions.split("、")) for row in rows)
    return [by_id[found] for found in words.found_in(application.name)]


def _words(application: Application) -> list[Notice]:
    found = []
    if bad := words_in(application, WordKind.FORBIDDEN):
        text = _("The name contains %(words)s, which is not allowed.", words="、".join(bad))
        found.append(Notice(text, "name", True, ("s1-19-r04", "s1-09-r04")))
    if kept := words_in(application, WordKind.PROTECTED):
        text = _("The name contains %(words)s: it takes an authorisation.", words="、".join(kept))
        found.append(Notice(text, "name", False, ("s0-07-r01", "s3-01-r04")))
    if unsure := words_in(application, WordKind.REVIEW):
        text = _("The name contains %(words)s: it is looked at before the approval.", words="、".join(unsure))
        found.append(Notice(text, "name", False, ("s1-09-r04",)))
    return found


def name_waits(application: Application) -> bool:
    """Whether somebody still has to look at the name (s1-09-r04)."""
    doubtful = words_in(application, WordKind.REVIEW, WordKind.PROTECTED)
    return bool(doubtful) and application.name_accepted != application.name
