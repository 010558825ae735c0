from stand_ins.content.models import Slip

from panel.api import ApprovalField, ApprovalSubject, records

FIELDS = ("class", "source", "kind", "topic", "column", "has_media")

submission = ApprovalSubject(
    name="content.submission",
    title="submission",
    model=Slip,
    unit=lambda paper: paper.unit,
    facts=lambda paper: [("名称", paper.name), ("内容", str(paper.values))],
    fields=tuple(ApprovalField(f, f, lambda paper, f=f: paper.values.get(f, "")) for f in FIELDS),
    approved=lambda paper, request: records.update(paper, state="approved"),
    ended=lambda paper, request: records.update(paper, state=request.state),
)
