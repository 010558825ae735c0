"""What holds in a group, read from the institution's policy and lists and made ready for the judge."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import opencc

from panel.api import Person, Unit, fold, policy_of, workdays
from plugins.groupchat.choices import CaseKind, DayKind
from plugins.groupchat.groups import Alias, Group
from plugins.groupchat.judging import Finder, QuietTimes, Rules, Window, WordSet, minutes_of
from plugins.groupchat.matching import Roster
from plugins.groupchat.policy import GroupPolicy, QuietHours, Word, WordList


@functools.cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@functools.cache
def _simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def variants(word: str) -> Iterable[str]:
    """A word in simplified and in traditional characters."""
    return _traditional().convert(word), _simplified().convert(word)


def quiet_times(group: Group) -> QuietTimes:
    """The quiet hours of a group: the institution's, and its own."""
    rows = QuietHours.select().where(
        QuietHours.institution == group.institution_id, QuietHours.group.is_null() | (QuietHours.group == group.id)
    )
    windows = [
        Window(minutes_of(r.starts), minutes_of(r.ends), DayKind(r.days), r.valid_from, r.valid_until) for r in rows
    ]
    return QuietTimes(windows, workdays().is_workday)


def rules_of(group: Group, day: date) -> Rules:
    """Everything posts of a group are judged by; the figures are those of `day`."""
    policy = policy_of(GroupPolicy, group.institution_id, day) or GroupPolicy()
    return Rules(
        quiet_times(group),
        Finder(word_sets(group), variants),
        policy.max_length,
        policy.flood_posts,
        policy.flood_minutes or 5,
        policy.links_flagged,
        policy.files_flagged,
    )


def word_sets(group: Group) -> list[WordSet]:
    """The word lists that hold in a group. Two queries."""
    lists = list(
        WordList.select()
        .where(
            WordList.institution == group.institution_id,
            WordList.active,
            WordList.group.is_null() | (WordList.group == group.id),
        )
        .order_by(WordList.id)
    )
    words: dict[tuple[int, bool], list[str]] = defaultdict(list)
    rows: Any = Word.select(Word.list, Word.allowed, Word.word).where(Word.list.in_([one.id for one in lists]))
    for list_id, allowed, word in rows.tuples():
        words[list_id, allowed].append(word)
    return [
        WordSet(
            CaseKind(one.kind),
            words[one.id, False],
            words[one.id, True],
            one.needed,
            one.valid_from,
            one.valid_until,
        )
        for one in lists
    ]


def roster_of(institution_id: int, day: date) -> Roster:
    """The people of an institution with the nicknames learned of them. Three queries."""
    people = list(
        Person.select(Person, Unit).join(Unit).where(Person.institution == institution_id).order_by(Person.id)
    )
    by_id = {person.id: person for person in people}
    aliases = {
        fold(alias.text): by_id[alias.__data__["person"]]
        for alias in Alias.select().where(Alias.institution == institution_id)
    }
    units = {str(person.unit) for person in people}
    return Roster(people, aliases, units, day)
