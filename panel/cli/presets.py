"""`panel preset`: what source policies lay down, looked at, put in force, and taken along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from panel.cli.context import at_work, institution_option, json_option, show
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution
from panel.policies import applying, presets
from panel.policies.applying import NEW, Plan
from panel.policies.presets import Preset


@click.group()
def preset() -> None:
    """Presets: parameters, lists, duties and approval chains of a written policy."""


@preset.command("list")
@institution_option
@json_option
def list_presets(institution: str | None, as_json: bool) -> None:
    """List the presets; those for this kind of institution are marked with *."""
    with at_work(institution) as place:
        known = [*presets.own(place), *presets.shipped()]
        rows = [
            {
                "fits": "*" if one.meant_for(place) or one.own else " ",
                "code": one.code,
                "name": one.name,
                "parts": len(one.parts),
                "chains": one.count("chain"),
            }
            for one in known
        ]
        show(rows, as_json)


@preset.command("show")
@click.argument("which", metavar="PRESET")
@institution_option
@json_option
def show_preset(which: str, institution: str | None, as_json: bool) -> None:
    """Say what PRESET (a code, or a TOML file) would change; nothing is changed."""
    with at_work(institution) as place:
        plan = applying.plan(_preset(place, which), place)
        if as_json:
            click.echo(json.dumps(_as_json(plan), ensure_ascii=False, indent=2))
            return
        for change in plan.changes:
            click.echo(f"{_mark(change)} {change.part.key}: {change.misfit or change.after}")
            if change.open and change.before:
                click.echo(f"    {_('now')}: {change.before}")
        for question in plan.questions:
            click.echo(f"? {question.asked.key}" + (f" = {_chosen(question)}" if question.chosen else ""))


@preset.command("apply")
@click.argument("which", metavar="PRESET")
@institution_option
@click.option("--only", "only", multiple=True, metavar="KEY", help="Only this part (see `show`); may be repeated.")
@click.option(
    "--match", "matches", multiple=True, metavar="KEY=NAME", help="What `office:…` or `role:…` is called here."
)
@click.option("--new", "make", is_flag=True, help="Add the offices and roles that are not matched.")
@click.option("--reason", default="", help="Stands in the history; needed against a national rule.")
@json_option
def apply_preset(
    which: str,
    institution: str | None,
    only: tuple[str, ...],
    matches: tuple[str, ...],
    make: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Put PRESET (a code, or a TOML file) in force, all or nothing. Safe to repeat."""
    with at_work(institution) as place:
        found = _preset(place, which)
        plan = applying.plan(found, place)
        known = {change.part.key for change in plan.changes}
        if unknown := [key for key in only if key not in known]:
            raise Refused(_("The preset has no part %(names)s.", names="、".join(unknown)))
        ticked = set(only) or {change.part.key for change in plan.new}
        changes = applying.apply(found, place, ticked, _answers(plan, matches, make), reason)
        rows = [{"part": change.part.key, "now": change.after, "kept": change.off} for change in changes]
        if as_json:
            show(rows, as_json)
        else:
            for change in changes:
                click.echo(f"{_mark(change)} {change.part.key}: {change.after}")
            click.echo(_("%(count)s parts put in force or kept.", count=len(changes)))


@preset.command("export")
@institution_option
@click.option("--preset", "which", metavar="PRESET", help="This preset instead of the policy in force.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.  [default: stdout]")
@json_option
def export(institution: str | None, which: str | None, output: Path | None, as_json: bool) -> None:
    """Write the institution's present policy and chains as TOML, to be applied elsewhere."""
    with at_work(institution) as place:
        found = _preset(place, which) if which else applying.in_force(place)
        text = json.dumps(_parts(found), ensure_ascii=False, indent=2) if as_json else presets.write(found)
    if output:
        output.write_text(text, "utf-8")
    else:
        click.echo(text)


def _preset(place: Institution, which: str) -> Preset:
    path = Path(which)
    if path.suffix == ".toml" and path.is_file():
        return presets.read(applying.decoded(path.read_bytes(), path.name), path.name)
    return presets.find(place, which)


def _answers(plan: Plan, matches: tuple[str, ...], make: bool) -> dict[str, str]:
    answers = {q.asked.key: q.chosen or (NEW if make else "") for q in plan.questions}
    for match in matches:
        key, _equals, name = match.partition("=")
        question = next((q for q in plan.questions if key in (q.asked.key, q.asked.name)), None)
        row = next((r for r in question.choices if r.name == name), None) if question else None
        if question is None or row is None:
            raise Refused(_("“%(match)s” matches nothing the preset asks for, or nothing that is here.", match=match))
        answers[question.asked.key] = str(row.id)
    return answers


def _mark(change: applying.Change) -> str:
    return "!" if change.misfit else "~" if change.off else "=" if change.same else "+"


def _chosen(question: applying.Question) -> str:
    return next((row.name for row in question.choices if str(row.id) == question.chosen), question.chosen)


def _parts(found: Preset) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "kinds": list(found.kinds),
        "parts": [{"table": part.table, **part.as_table()} for part in found.parts],
    }


def _as_json(plan: Plan) -> dict[str, Any]:
    changes = [
        {
            "part": change.part.key,
            "before": change.before,
            "after": change.after,
            "in_force": change.same,
            "plugin_off": change.off,
            "misfit": change.misfit,
            "rules": list(change.part.rules),
            "against": [rule.id for rule in change.against],
        }
        for change in plan.changes
    ]
    return {**_parts(plan.preset), "changes": changes, "asks": {q.asked.key: _chosen(q) for q in plan.questions}}


commands = [preset]
