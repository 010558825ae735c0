"""How the audit log reads: who, what, to what."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from panel.admin import sight
from panel.admin.history import VERBS, changes
from panel.admin.view import ChoiceFilter
from panel.audit.models import Entry
from panel.database import key_of
from panel.i18n import _l, show_time
from panel.runtime import runtime

KINDS = (
    ("web", _l("Pages")),
    ("api", _l("Script")),
    ("job", _l("Background job")),
    ("cli", _l("Command line")),
    ("migration", _l("Upgrade")),
)


class Subjects(ChoiceFilter):
    """Any of the kinds of record that are audited."""

    @property
    def options(self) -> list[tuple[str, Any]]:
        return [(key_of(model), model.title) for model in runtime().registry.models if model.audited and model.title]


def model_of(entry: Entry) -> Any:
    """The model of the row an entry is about; None when the panel no longer has it."""
    return next((m for m in runtime().registry.models if key_of(m) == entry.subject_type), None)


def show_moment(entry: Entry) -> Markup:
    """To the second: entries of one minute must stay in order."""
    return Markup('<time datetime="{}">{}</time>').format(entry.at.isoformat(), show_time(entry.at, seconds=True))


def show_kind(entry: Entry) -> str:
    """By which way the action came in."""
    return str(dict(KINDS).get(entry.actor_kind, entry.actor_kind))


def show_who(entry: Entry) -> str:
    """The user's name, or what acted without one."""
    return entry.user_name or show_kind(entry)


def show_action(entry: Entry) -> str:
    """The verb with the kind of record, `changed · Unit`."""
    model, verb = model_of(entry), entry.action.rpartition(".")[2]
    words = getattr(model, "verbs", {}).get(verb) or VERBS.get(verb) or verb.replace("_", " ")
    return f"{words} · {getattr(model, 'title', '') or entry.subject_type}"


def show_changes(entry: Entry) -> str:
    """What was before and after, in one line, as the history words it."""
    found = changes(model_of(entry), entry.before or {}, entry.after or {})
    return "；".join(f"{c.label}：{c.before} → {c.after}" if c.before else f"{c.label}：{c.after}" for c in found)


def subject_address(entry: Entry) -> str:
    """The page of the record whose history the entry belongs to; empty where it is gone or out of sight."""
    model = next((m for m in runtime().registry.models if key_of(m) == entry.root_type), None)
    view = sight.open_view(model) if model is not None else None
    if view is None:
        return ""
    row = sight.in_sight(model).where(view.model.id == entry.root_id).first()
    return str(view.url_of(row)) if row is not None else ""
