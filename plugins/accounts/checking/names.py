"""Checks over names: words that not every account may bear, and the pattern names follow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from peewee import fn

from panel.api import Mark, PatternFits, Severity, Watch, Words, _l, breaking, exists, judged, listed, policy_of, today
from plugins.accounts.checking.common import EDIT, account_check, live
from plugins.accounts.models import Account
from plugins.accounts.policy import AccountsPolicy, NamePermit, NameWord, WordKind

See = Callable[[Account], Iterable[tuple[int, str]]]


@judged("accounts.words_in_name", subject=Account, inputs=("name",), parameters=(NameWord,))
def words_in_name(institution_id: int) -> tuple[str, See | None]:
    """Marks the words of the institution's list that a name contains, by their ids."""
    rows = list(NameWord.select().where(NameWord.institution == institution_id).order_by(NameWord.id))
    words = Words((row.id, row.word, row.exceptions.split("、")) for row in rows)
    by_id = {row.id: row.word for row in rows}
    stamp = hashlib.sha256(repr([(r.id, r.word, r.exceptions) for r in rows]).encode()).hexdigest()
    return stamp, (lambda account: [(key, by_id[key]) for key in words.found_in(account.name)]) if rows else None


@judged("accounts.name_off_pattern", subject=Account, inputs=("name",), parameters=(AccountsPolicy,))
def name_off_pattern(institution_id: int) -> tuple[str, See | None]:
    """Marks names that do not follow the pattern in force."""
    policy = policy_of(AccountsPolicy, institution_id, today())
    pattern = policy.name_pattern if policy else ""
    fits = PatternFits(pattern) if pattern else None
    stamp = hashlib.sha256(pattern.encode()).hexdigest()
    return stamp, (lambda account: [] if fits(account.name) else [(0, pattern)]) if fits else None


def _words(account: Any, day: Any, kind: WordKind) -> Any:
    """The words of a kind in the name, but those the account or its unit is authorised to bear."""
    permit = exists(
        NamePermit,
        NamePermit.word == NameWord.id,
        (NamePermit.account == account.id) | (NamePermit.unit == account.unit),
        NamePermit.since <= day,
        NamePermit.until.is_null() | (NamePermit.until >= day),
    )
    return (
        Mark.select(NameWord.word.alias("text"))
        .join(NameWord, on=(NameWord.id == Mark.item))
        .where(Mark.subject_id == account.id, Mark.code == words_in_name.code, NameWord.kind == kind.value, ~permit)
        .order_by(NameWord.id)
    )


def _bears(account: Any, day: Any, kind: WordKind) -> Any:
    words = _words(account, day, kind)
    return breaking(account, live(account) & fn.EXISTS(words.order_by()), words=listed(words))


WATCHES: dict[Any, Watch] = {
    NamePermit: lambda t: Account.select(Account.id).where(
        Account.id.in_(t.values("account")) | Account.unit.in_(t.values("unit"))
    ),
}


@account_check(
    "accounts.protected_name",
    sees=(words_in_name,),
    severity=Severity.ERROR,
    rules=("s0-07-r01", "s3-01-r04"),
    watches=WATCHES,
    title=_l("A protected word in the name without authorisation"),
    message=_l("The name contains %(words)s without authorisation"),
    advice=_l("Have the name authorised and enter the document, or choose another name."),
    mend=EDIT,
    measure="words",
    form_field="name",
)
def protected_name(account: Any, _policy: Any, day: Any) -> Any:
    return _bears(account, day, WordKind.PROTECTED)


@account_check(
    "accounts.forbidden_name",
    sees=(words_in_name,),
    severity=Severity.ERROR,
    rules=("s1-19-r04", "s1-09-r04"),
    watches=WATCHES,
    title=_l("A forbidden word in the name"),
    message=_l("The name contains %(words)s, which is not allowed"),
    advice=_l("Choose another name."),
    mend=EDIT,
    measure="words",
    form_field="name",
)
def forbidden_name(account: Any, _policy: Any, day: Any) -> Any:
    return _bears(account, day, WordKind.FORBIDDEN)


@account_check(
    "accounts.name_to_review",
    sees=(words_in_name,),
    severity=Severity.WARNING,
    rules=("s1-19-r04", "s1-09-r04"),
    watches=WATCHES,
    title=_l("Somebody else's mark in the name"),
    message=_l("The name contains %(words)s, which may be somebody else's mark"),
    advice=_l("Look whether it misleads; where it may stay, enter the authorisation or a waiver."),
    mend=EDIT,
    measure="words",
    form_field="name",
)
def name_to_review(account: Any, _policy: Any, day: Any) -> Any:
    return _bears(account, day, WordKind.REVIEW)


@account_check(
    "accounts.name_pattern",
    sees=(name_off_pattern,),
    parameters=("name_pattern",),
    severity=Severity.WARNING,
    rules=("s1-20-r05", "s4-01-r20"),
    title=_l("The name does not follow the pattern"),
    message=_l("“%(name)s” does not show whose account it is: names follow %(pattern)s"),
    advice=_l("Choose a name that shows institution or person."),
    mend=EDIT,
    measure="name",
    form_field="name",
)
def name_pattern(account: Any, policy: Any, _day: Any) -> Any:
    marked = exists(Mark, Mark.subject_id == account.id, Mark.code == name_off_pattern.code)
    broken = live(account) & (policy.name_pattern != "") & marked
    return breaking(account, broken, name=account.name, pattern=policy.name_pattern)
