from subjects.papers.models import Kind, Line, Paper

from panel.api import ApprovalField, ApprovalSubject, Refused, records


def _facts(paper):
    lines = Line.select().where(Line.paper == paper).order_by(Line.id)
    return [
        ("名称", paper.name),
        ("类别", Kind(paper.kind).label),
        ("金额", paper.amount),
        ("明细", [line.name for line in lines]),
    ]


def _approved(paper, request):
    if paper.name == "坏":
        raise Refused("坏了")
    records.update(paper, state="approved")


opening = ApprovalSubject(
    name="papers.opening",
    title="开设申请",
    model=Paper,
    unit=lambda paper: paper.unit,
    facts=_facts,
    fields=(
        ApprovalField("kind", "类别", lambda p: p.kind, choices=Kind.pairs()),
        ApprovalField("amount", "金额", lambda p: p.amount),
        ApprovalField("secret", "涉密", lambda p: p.secret),
    ),
    approved=_approved,
    ended=lambda paper, request: records.update(paper, state=request.state),
)
