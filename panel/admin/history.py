"""The history of a record, worded: who did what, when, from where, why, and what it was before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from panel import audit
from panel.admin import show
from panel.audit.models import Entry
from panel.database import key_of
from panel.i18n import _, _l
from panel.runtime import runtime

SIZE = 10
KINDS = {"job": _l("background job"), "cli": _l("command line"), "migration": _l("upgrade")}
VERBS = {
    "create": _l("created"),
    "update": _l("changed"),
    "delete": _l("deleted"),
    "export": _l("exported"),
    "import": _l("imported"),
    "revealed": _l("looked at personal data"),
    "verified": _l("had the audit log verified"),
    "loss_accepted": _l("went on after a loss of audit entries"),
}


@dataclass(frozen=True)
class Change:
    """One value before and after; empty text where there was or is none.

    `told`: the field has a name people know; others are the panel's own book-keeping, which the audit log alone shows.
    """

    label: str
    before: str
    after: str
    told: bool = True


@dataclass(frozen=True)
class Event:
    """One entry of the history. `part` names the part of the record it is about, if it is not the record itself."""

    at: datetime
    who: str
    where: str
    verb: str
    part: str
    reason: str
    made: bool  # a creation: the values are its first ones
    changes: tuple[Change, ...]


def events(row: Any, page: int = 1) -> tuple[list[Event], bool]:
    """A page of a record's history, newest first, and whether there is more."""
    entries: list[Any] = list(audit.history(row).limit(SIZE + 1).offset((max(1, page) - 1) * SIZE))
    models = {key_of(model): model for model in runtime().registry.models}
    return [_event(e, models, row) for e in entries[:SIZE]], len(entries) > SIZE


def _event(entry: Entry, models: dict[str, Any], row: Any) -> Event:
    model = models.get(entry.subject_type)
    verb = entry.action.rsplit(".", 1)[-1]
    own = entry.subject_type == key_of(row.__class__) and entry.subject_id == row.id
    title = str(getattr(model, "title", "") or entry.subject_type)
    known = getattr(model, "verbs", {}).get(verb) or VERBS.get(verb) or verb.replace("_", " ")
    return Event(
        at=entry.at,
        who=entry.user_name or _("the panel"),
        where=entry.ip or str(KINDS.get(entry.actor_kind, "")),
        verb=str(known),
        part="" if own else f"{title} {entry.subject_text}".strip(),
        reason=entry.reason,
        made=verb == "create",
        changes=tuple(c for c in changes(model, entry.before or {}, entry.after or {}) if c.told),
    )


def changes(model: Any, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The values before and after, by label; `model` is None for a table that is gone."""
    fields = model._meta.fields if model is not None else {}
    found = []
    for name in dict.fromkeys([*after, *before]):
        if name == "institution":
            continue
        field = fields.get(name)
        told = field is None or bool(field.verbose_name)
        label = str(field.verbose_name) if field is not None and told else name
        was, now = (show.stored(field, values.get(name)) for values in (before, after))
        if was or now:
            found.append(Change(label, was, now, told))
    return found
