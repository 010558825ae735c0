from stand_ins.groupchat.models import Slip

from panel.api import ApprovalField, ApprovalSubject, records

FIELDS = ("kind",)

opening = ApprovalSubject(
    name="groupchat.opening",
    title="opening",
    model=Slip,
    unit=lambda paper: paper.unit,
    facts=lambda paper: [("名称", paper.name), ("内容", str(paper.values))],
    fields=tuple(ApprovalField(f, f, lambda paper, f=f: paper.values.get(f, "")) for f in FIELDS),
    approved=lambda paper, request: records.update(paper, state="approved"),
    ended=lambda paper, request: records.update(paper, state=request.state),
)
