"""What a chain of signatures decides about groups: whether one is opened."""

from __future__ import annotations

from typing import Any

from panel.api import ApprovalField, ApprovalSubject, _l, records, today
from plugins.groupchat.choices import App, GroupKind, GroupState
from plugins.groupchat.groups import Group


def _facts(group: Group) -> list[tuple[Any, Any]]:
    return [
        (_l("Name"), group.name),
        (_l("Kind"), GroupKind(group.kind).label),
        (_l("App"), App(group.app).label),
        (_l("Kept by"), str(group.unit)),
        (_l("Owner"), str(group.owner or "")),
        (_l("Purpose"), group.purpose),
        (_l("Overlap with other groups"), group.overlap),
        (_l("Ends on"), str(group.ends_on or "")),
    ]


def _approved(group: Group, request: Any) -> None:
    records.update(group, state=GroupState.ACTIVE.value, opened_on=today())


def _ended(group: Group, request: Any) -> None:
    if str(request.state) in ("rejected", "withdrawn"):
        records.update(group, state=GroupState.CLOSED.value, closed_on=today())


opening = ApprovalSubject(
    name="groupchat.opening",
    title=_l("Opening of a group"),
    model=Group,
    unit=lambda group: group.unit,
    facts=_facts,
    fields=(
        ApprovalField("kind", _l("Kind"), lambda group: group.kind, choices=GroupKind.pairs()),
        ApprovalField("app", _l("App"), lambda group: group.app, choices=App.pairs()),
    ),
    approved=_approved,
    ended=_ended,
    rules=("s1-23-r02",),
)
