"""`panel groups`: what a member list and a chat record say of a group."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from panel.api import Person, Refused, _, at_work, institution_option, json_option, policy_of, today
from plugins.groupchat import services
from plugins.groupchat.belonging import expected_in
from plugins.groupchat.matching import read_members
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.reading import Reader
from plugins.groupchat.report import MemberReport, as_lists, compare, read_chat
from plugins.groupchat.rulesets import roster_of, rules_of

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("groups")
def groups() -> None:
    """Work groups: check a member list and a chat record, teach nicknames."""


@groups.command("check")
@click.argument("group")
@click.option("--members", type=FILE, help="Member list: CSV or XLSX. Without: the members as registered.")
@click.option("--log", type=FILE, help="Chat record: copied text, CSV or WeCom archive.")
@click.option("--alias", "aliases", multiple=True, metavar="NICKNAME=NAME", help="A nickname to learn first.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Judge by this day.  [default: today]")
@institution_option
@json_option
def check(
    group: str,
    members: Path | None,
    log: Path | None,
    aliases: Sequence[str],
    day: datetime | None,
    institution: str | None,
    as_json: bool,
) -> None:
    """Compare a member list with the roster and judge a chat record by the group's rules. Writes nothing else."""
    with at_work(institution) as here:
        found = services.find_group(here, group)
        for alias in aliases:
            _learn(here, alias)
        on = day.date() if day else today()
        roster, rules = roster_of(here.id, on), rules_of(found, on)
        lines = read_members(members.read_bytes()) if members else services.registered_lines(found)
        report = compare(lines, roster, expected_in(found), on) if lines else MemberReport()
        policy = policy_of(GroupPolicy, here, on) or GroupPolicy()
        chat = read_chat(Reader(log, ZoneInfo(here.time_zone)), rules, policy.exact_wording) if log else None
        lists = as_lists(report, chat, roster, rules)
    _print(lists, as_json)


@groups.command("alias")
@click.argument("nickname")
@click.argument("name")
@institution_option
def alias(nickname: str, name: str, institution: str | None) -> None:
    """Remember that a nickname is a person's (by name or number)."""
    with at_work(institution) as here:
        _learn(here, f"{nickname}={name}")
    click.echo(_("%(nickname)s is %(person)s.", nickname=nickname, person=name))


def _learn(institution: Any, pair: str) -> None:
    nickname, _equals, name = pair.rpartition("=")
    fitting = list(
        Person.select().where(Person.institution == institution, (Person.name == name) | (Person.number == name))
    )
    if len(fitting) != 1 or not nickname:
        raise Refused(_("%(pair)s: %(count)s people are called so; use the number.", pair=pair, count=len(fitting)))
    services.learn(institution, nickname, fitting[0])


def _print(lists: dict[str, Any], as_json: bool) -> None:
    if as_json:
        json.dump(lists, sys.stdout, ensure_ascii=False, indent=1)
        click.echo()
        return
    for name, value in lists.items():
        click.echo(f"{name}: {value if not isinstance(value, list) else len(value)}")
        for one in value if isinstance(value, list) else ():
            click.echo(f"  {'  '.join(map(str, one.values())) if isinstance(one, dict) else one}")


commands = (groups,)
