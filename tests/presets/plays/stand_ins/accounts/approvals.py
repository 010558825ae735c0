from stand_ins.accounts.models import Slip

from panel.api import ApprovalField, ApprovalSubject, records

FIELDS = ("platform", "kind", "hosted", "level", "changes_responsible", "changes_name", "administrator")


def _subject(name):
    return ApprovalSubject(
        name=f"accounts.{name}",
        title=name,
        model=Slip,
        unit=lambda paper: paper.unit,
        facts=lambda paper: [("名称", paper.name), ("内容", str(paper.values))],
        fields=tuple(ApprovalField(f, f, lambda paper, f=f: paper.values.get(f, "")) for f in FIELDS),
        approved=lambda paper, request: records.update(paper, state="approved"),
        ended=lambda paper, request: records.update(paper, state=request.state),
    )


NAMES = ("opening", "change", "closing", "appointment", "secret_opening")
opening, change, closing, appointment, secret_opening = map(_subject, NAMES)
