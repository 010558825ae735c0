"""The institution's own figures for its accounts, its lists of words in names, and its quotas."""

from __future__ import annotations

import re
from typing import Any

from peewee import CharField, Check, DateField, IntegerField

from panel.api import (
    Choice,
    Institution,
    InstitutionKind,
    Owned,
    PolicyRecord,
    Refused,
    RestrictedKey,
    Unit,
    _,
    _l,
    check_pattern,
    figure,
    policy,
    switch,
    text,
)
from plugins.accounts.models import Account, Platform

DAYS = _l("days")
# What an institution may require of each account, in the order a finding names them.
# What an institution may require of an application to open an account, beside reason, name and people.
APPLIED = ("identifier", "purpose", "publishing_scope", "description", "contact_phone", "level", "entity", "licence")
APPLIED_TOO = ("identity", "operators", "necessity", "paper")
REQUIRABLE = ("identifier", "level", "entity", "purpose", "description", "contact_phone", "opened_on")


BLANK = re.compile(r"\{(year|month|unit|platform|number)(?::(\d))?\}")


def check_scheme(scheme: str) -> None:
    """Raises Refused where a scheme of filing numbers holds no running number, or a blank nobody can fill in."""
    left = BLANK.sub("", scheme)
    if "{" in left or "}" in left:
        raise Refused(
            _("“%(scheme)s” holds a blank that cannot be filled in. There are: %(known)s.", scheme=scheme, known=KNOWN),
            "filing_scheme",
        )
    if not any(found[1] == "number" for found in BLANK.finditer(scheme)):
        raise Refused(_("Without {number} all filing numbers would be the same."), "filing_scheme")


KNOWN = "{year} {month} {unit} {platform} {number} {number:4}"


@policy
class AccountsPolicy(PolicyRecord):
    """What the institution lays down for accounts. An empty figure: that rule is not in force."""

    title, titles = _l("Policy on accounts"), _l("Policies on accounts")

    max_custodians = figure(
        _l("Password custodians of an account, at most"),
        _l("“Generally 1 or 2 people” or exactly one. More need a waiver with its reason."),
        ("s3-01-r07", "s4-01-r22", "s4-01-r24"),
        least=1,
        most=20,
        default=2,
    )
    undertaking_required = switch(
        _l("Custodians sign a confidentiality undertaking"),
        _l("Its date stands with the custodian's term."),
        ("s2-01-r18", "s2-04-r11"),
    )
    custodian_unit = text(
        _l("Passwords are kept by the people of"),
        _l("The name of a unit, where the rules say that one office keeps all passwords."),
        ("s2-09-r21",),
    )
    password_days = figure(
        _l("A new password at least every"),
        _l("The sources say “regularly” and give no figure."),
        ("s4-01-r23",),
        least=7,
        most=730,
        default=None,
        unit=DAYS,
    )
    sealed_copy_required = switch(
        _l("User name and password lie sealed in the archive"),
        _l("The envelope must not be older than the password."),
        ("s3-03-r21",),
        default=True,
    )
    devices_required = switch(
        _l("Accounts are run from registered devices only"),
        _l("Each account names its devices."),
        ("s0-05-r08", "s4-01-r25"),
    )
    device_check_days = figure(
        _l("A virus check of each device at least every"),
        _l("The sources say “regularly” and give no figure."),
        ("s4-01-r26",),
        least=1,
        most=730,
        default=None,
        unit=DAYS,
    )
    max_administrators = figure(
        _l("Administrators of an account, at most"),
        _l("The platform's own limit applies besides."),
        ("s0-11-r02",),
        least=1,
        most=50,
        default=None,
    )
    qualifications = figure(
        _l("Qualifications of an operator to be confirmed, at least"),
        _l("One a line: knows the law and the rules, writes and edits well, works in a team, for example."),
        ("s1-17-r04", "s2-01-r05", "s2-04-r02"),
        least=1,
        most=9,
        default=None,
    )
    administrator_required = switch(
        _l("Each account has an administrator"), _l("One of its operators is of this kind."), ("s0-11-r02",)
    )
    students_may_administer = switch(
        _l("Students may be administrators"),
        _l("Some rules let enrolled students operate an account, others forbid handing it to them."),
        ("s0-07-r13", "s3-03-r16"),
    )
    max_accounts_per_person = figure(
        _l("Accounts one person operates, at most"),
        _l("WeChat itself lets one user operate 5."),
        ("s0-07-r13",),
        least=1,
        most=100,
        default=5,
    )
    leaders_answer = switch(
        _l("Who answers for an account heads the unit"),
        _l("“Generally the head or leader in charge”: a warning otherwise."),
        ("s0-07-r11",),
    )
    faculty_post = text(
        _l("In schools and faculties, who answers holds the post of"),
        _l("For example 党总支书记, where “who runs it answers for it” names the Party branch secretary."),
        ("s3-03-r14",),
    )
    organisations_only = switch(
        _l("Accounts are registered to organisations, never to individuals"),
        _l("Counts for accounts that are in use."),
        ("s0-07-r02", "s0-09-r03"),
        default=True,
    )
    long_term_bodies_only = switch(
        _l("Only long-term bodies have accounts"),
        _l("No account for a research group, a conference or another temporary body."),
        ("s0-07-r02",),
        default=True,
    )
    second_level_only = switch(
        _l("Only second-level entities have accounts of their own"),
        _l("Classes, student organisations, research bases and virtual bodies go through the unit that hosts them."),
        ("s0-07-r03", "s0-07-r05"),
    )
    official_unit = text(
        _l("Accounts of the institution itself are kept by"),
        _l("The name of the home department."),
        ("s0-03-r01", "s0-06-r01", "s0-08-r10", "s2-03-r09", "s2-09-r02", "s3-01-r02", "s4-01-r05"),
    )
    one_account_per_platform = switch(
        _l("One unit, one account on a platform"),
        _l("For state bodies a national rule."),
        ("s0-07-r06",),
    )
    required = text(
        _l("What the register must know of each account"),
        _l("Columns, commas between: identifier, level, entity, purpose, description, contact_phone, opened_on."),
        ("s0-01-r03", "s0-11-r01", "s1-05-r01", "s2-03-r01"),
        default="identifier,level",
    )
    filing_required = switch(
        _l("Accounts are filed"),
        _l("With a filing number or the day of filing."),
        ("s0-03-r08", "s2-02-r01"),
        default=True,
    )
    changes_filed_days = figure(
        _l("Changes are filed within"),
        _l("“Promptly”: of the name, the people, and what the account says of itself. One source says 3 working days."),
        ("s0-07-r14", "s4-01-r20"),
        least=0,
        most=365,
        default=None,
        unit=DAYS,
    )
    filing_scheme = text(
        _l("Filing numbers follow the scheme"),
        _l("{year}, {month}, {unit} (code), {platform} and {number} are filled in, {number:4} with four digits."),
        ("s0-03-r08",),
        default="{year}-{number:3}",
    )
    filing_offices = text(
        _l("Changes are filed with"),
        _l("Names of units, 、 between. Each gets its own filing of every change that no chain has decided."),
        ("s0-07-r14",),
    )
    application_required = text(
        _l("An application holds at least"),
        _l(
            "Beside name, reason and responsible person; commas between: identifier, purpose, publishing_scope,"
            " description, contact_phone, level, entity, licence, identity, operators, necessity, paper."
        ),
        ("s0-01-r03", "s1-19-r02", "s2-03-r08", "s3-03-r26"),
    )
    hand_in_days = figure(
        _l("Everything is handed in within"),
        _l("After the closing was approved."),
        ("s0-09-r18",),
        least=1,
        most=365,
        default=14,
        unit=DAYS,
    )
    transfers_forbidden = switch(
        _l("A registered account is never transferred"),
        _l("Once entered, its legal entity stays; another one needs another account."),
        ("s1-19-r03",),
    )
    verification_required = switch(
        _l("Official accounts are verified under real name"),
        _l("Where the platform verifies; without it an account counts as not official."),
        ("s3-03-r01",),
    )
    verification_own_only = switch(
        _l("Only accounts of the institution's own level must be verified"),
        _l("For those of its units, verification is optional."),
        ("s2-03-r10",),
    )
    institution_bindings_only = switch(
        _l("No personal phone or mailbox is bound"),
        _l("Whoever leaves takes a personal phone along, and the account with it."),
        ("s0-05-r08",),
        default=True,
    )
    idle_days = figure(
        _l("Idle accounts are closed after"),
        _l("Without a publication for so long. Half a year is usual; the source gives no figure."),
        ("s1-18-r14",),
        least=7,
        most=1825,
        default=180,
        unit=DAYS,
    )
    silent_days = figure(
        _l("An account is updated at least every"),
        _l("For accounts of state bodies 14 days is a national rule; vendors and districts advise 7 or 10."),
        ("s3-01-r14", "s2-01-r12"),
        least=1,
        most=365,
        default=None,
        unit=DAYS,
    )
    icp_required = switch(
        _l("Websites show their ICP filing number"), _l("It stands in the filing number."), ("s0-09-r06",), default=True
    )
    work_accounts = figure(
        _l("WeCom work accounts each employee has"),
        _l("Counted are accounts on WeCom that the employee answers for."),
        ("s1-11-r01", "s1-12-r01", "s1-21-r01"),
        least=1,
        most=5,
        default=None,
    )
    name_pattern = text(
        _l("Names follow the pattern"),
        _l("A regular expression for the whole name, such as 示范大学.+ ; one that could run away is refused."),
        ("s1-20-r05", "s4-01-r20"),
    )

    @classmethod
    def presets(cls, institution: Institution) -> dict[str, Any]:
        """State bodies start with what binds them; companies with one work account each."""
        if institution.kind == InstitutionKind.STATE:
            return {"silent_days": 14, "one_account_per_platform": True}
        if institution.kind == InstitutionKind.COMPANY:
            return {"work_accounts": 1}
        return {}

    @classmethod
    def checked(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Refuses a pattern that could run away and columns that are none."""
        if values.get("name_pattern"):
            check_pattern(values["name_pattern"], "name_pattern")
        for column, known in (("required", REQUIRABLE), ("application_required", (*APPLIED, *APPLIED_TOO))):
            if column in values:
                names = [name for name in re.split(r"[\s,，、;；]+", values[column] or "") if name]
                if unknown := [name for name in names if name not in known]:
                    raise Refused(_("The register has no column %(names)s.", names="、".join(unknown)), column)
                values = {**values, column: ",".join(names)}
        if values.get("filing_scheme"):
            check_scheme(values["filing_scheme"])
        return values


class WordKind(Choice):
    """What a word in a name means."""

    PROTECTED = "protected", _l("Protected: only with authorisation")
    FORBIDDEN = "forbidden", _l("Forbidden")
    REVIEW = "review", _l("Someone else's mark: to be looked at")


class NameWord(Owned):
    """A word that not every account may have in its name (s0-07-r01, s3-01-r04, s1-19-r04)."""

    title, titles = _l("Word in names"), _l("Words in names")
    called = "word"
    refusals = {"institution,word": _l("This word is on the list already."), "accounts_name_word": _l("Enter a word.")}

    word = CharField(max_length=60, verbose_name=_l("Word"))
    kind = CharField(max_length=20, choices=WordKind.pairs(), default=WordKind.PROTECTED.value, verbose_name=_l("Kind"))
    exceptions = CharField(max_length=500, default="", verbose_name=_l("Not meant in"))  # between them 、
    note = CharField(max_length=200, default="", verbose_name=_l("Source or remark"))

    class Meta:
        indexes = ((("institution", "word"), True),)
        constraints = [
            Check(WordKind.sql("kind"), name="accounts_name_word_kind"),
            Check("word <> ''", name="accounts_name_word"),
        ]

    def __str__(self) -> str:
        return self.word


class NamePermit(Owned):
    """The authorisation of one account, or of all accounts of a unit, to bear a protected word."""

    title, titles = _l("Authorisation of a name"), _l("Authorisations of names")
    scope_unit = None
    refusals = {
        "accounts_name_permit_who": _l("Name an account or a unit, one of the two."),
        "accounts_name_permit_term": _l("A term cannot end before it begins."),
        "accounts_name_permit_document": _l("Say by which document."),
    }

    word = RestrictedKey(NameWord, backref="permits", verbose_name=_l("Word"))
    account = RestrictedKey(Account, null=True, backref="name_permits", verbose_name=_l("Account"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    document = CharField(max_length=200, verbose_name=_l("Document"))
    since = DateField(verbose_name=_l("From"))
    until = DateField(null=True, verbose_name=_l("Until"))

    class Meta:
        constraints = [
            Check("(account_id IS NULL) <> (unit_id IS NULL)", name="accounts_name_permit_who"),
            Check("until IS NULL OR until >= since", name="accounts_name_permit_term"),
            Check("document <> ''", name="accounts_name_permit_document"),
        ]

    def __str__(self) -> str:
        return f"{self.word} · {self.document}"


class Quota(Owned):
    """How many accounts there may be: of a unit, on a platform, of a legal entity, or of any of these together."""

    title, titles = _l("Quota"), _l("Quotas")
    scope_unit = "unit"
    refusals = {
        "accounts_quota_most": _l("A quota is a whole number from 0 up."),
        "accounts_quota_what": _l("Say of what: unit, platform or legal entity."),
    }

    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    platform = RestrictedKey(Platform, null=True, backref="quotas", verbose_name=_l("Platform"))
    entity = CharField(max_length=200, default="", verbose_name=_l("Legal entity"))
    most = IntegerField(verbose_name=_l("Accounts, at most"))
    note = CharField(max_length=200, default="", verbose_name=_l("Source or remark"))

    class Meta:
        constraints = [
            Check("most >= 0", name="accounts_quota_most"),
            Check("unit_id IS NOT NULL OR platform_id IS NOT NULL OR entity <> ''", name="accounts_quota_what"),
        ]

    def __str__(self) -> str:
        return " · ".join(str(part) for part in (self.unit, self.platform, self.entity) if part)
