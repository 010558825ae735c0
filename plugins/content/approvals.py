"""Three reviews and three proofreadings: a submission is decided by a chain of signatures."""

from __future__ import annotations

from typing import Any

from panel.api import ApprovalField, ApprovalRequest, ApprovalSubject, UnitKind, _l, show_time
from plugins.content import reviewing, texts
from plugins.content.choices import Class, Consent, Kind, Part, Source
from plugins.content.models import Attachment, Contribution, Submission, Target


def _facts(row: Submission) -> list[tuple[Any, Any]]:
    """What signers read. Nothing that the review itself changes."""
    people: dict[Part, list[str]] = {part: [] for part in Part}
    for one in Contribution.select().where(Contribution.submission == row).order_by(Contribution.position):
        people[Part(one.part)].append(f"{one}（{one.share / 100:g}%）" if one.share else str(one))
    attached = Attachment.select().where(Attachment.submission == row).order_by(Attachment.position)
    targets = Target.select().where(Target.submission == row).order_by(Target.id)
    source = Source(row.source).label if row.source else ""
    return [
        (_l("Title"), row.headline),
        (_l("Unit"), row.unit),
        *((part.label, "、".join(names)) for part, names in people.items() if names),
        (_l("Kind"), Kind(row.kind).label),
        (_l("Content class"), Class(row.class_).label),
        (_l("Content column"), row.column or ""),
        (_l("Range of content"), row.topic or ""),
        (_l("Source of the text"), f"{source} {row.source_name}".strip()),
        (_l("Consent or licence"), f"{Consent(row.consent).label} {row.consent_note}".strip()),
        (_l("To be released on"), "、".join(str(target) for target in targets)),
        (_l("Planned for"), show_time(row.planned_at)),
        (_l("Files"), "、".join(f"{a.file_name} {a.file[:12]} {a.caption}".strip() for a in attached)),
        (_l("Text"), texts.plain(row.body)),
    ]


def _ended(row: Submission, request: ApprovalRequest) -> None:
    reviewing.ended(row, request.state, request.ended_note)


submission = ApprovalSubject(
    name="content.submission",
    title=_l("Submission"),
    model=Submission,
    unit=lambda row: row.unit,
    facts=_facts,
    fields=(
        ApprovalField("class", _l("Content class"), lambda row: row.class_, Class.pairs()),
        ApprovalField("source", _l("Source of the text"), lambda row: row.source or "", Source.pairs()),
        ApprovalField("kind", _l("Kind"), lambda row: row.kind, Kind.pairs()),
        ApprovalField("unit_kind", _l("Kind of unit"), lambda row: row.unit.kind, UnitKind.pairs()),
        ApprovalField("topic", _l("Range of content"), lambda row: str(row.topic or "")),
        ApprovalField("column", _l("Content column"), lambda row: str(row.column or "")),
        ApprovalField("has_media", _l("Has pictures or videos"), lambda row: bool(row.photos or row.videos)),
    ),
    approved=lambda row, _request: reviewing.approved(row),
    ended=_ended,
    rules=("s2-02-r15", "s2-06-r06"),
)
