"""Content: its rows and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from panel import files, records
from panel.checks.saving import recording
from panel.i18n import today
from plugins.accounts.models import Account
from plugins.content import acts
from plugins.content import services as content
from plugins.content.models import (
    Attachment,
    Comment,
    Contribution,
    Correction,
    Forwarding,
    Hit,
    PlanItem,
    ReadCount,
    Release,
    Round,
    StagePlan,
    Submission,
    Target,
)
from plugins.content.policy import Column, ContentWord, Hours, Medium, ReviewItem, Rhythm, SendBudget, Topic
from tests.security.cases import Case, later_text, today_text, unit_of
from tests.security.places import Place, picture


def fill(place: Place, name: str) -> list[Any]:
    """A piece that was out on one account and is due on another, with all its parts; the plan; the lists."""
    owned, account = {"institution": place.institution}, place.row("accounts.account")
    with recording():
        piece = content.begin({**owned, "unit": place.unit, "headline": name, "body": name, "submitter": place.user})
        paper = files.save_paper(picture(), place.institution.id, "file")
        part = {**owned, "submission": piece}
        rows = [
            content.attach(piece, f"{name}.png", picture()),
            records.create(Contribution, **part, name=name),
            records.create(Round, **part, number=1, headline=name, body=name, print="0", submitted_at=piece.created_at),
            records.create(Comment, **part, round=1, note=name),
            records.create(Hit, **part, kind="word", text=name),
            records.create(Target, **part, account=place.spare, due_on=today()),
        ]
        release = records.create(
            Release,
            **part,
            account=account,
            link=f"https://example.com/{place.name}",
            file=paper,
            file_name=f"{name}.png",
        )
        records.update(
            piece,
            state="returned",
            round=1,
            consent_file=paper,
            consent_file_name=f"{name}.png",
        )
    column = records.create(Column, **owned, name=name)
    return [
        piece,
        *rows,
        release,
        records.create(ReadCount, **owned, release=release, on=today(), reads=7),
        records.create(Correction, **owned, release=release, kind="corrected", what=name),
        column,
        records.create(PlanItem, **owned, name=name, unit=place.unit, planned_on=today(), column=column),
        records.create(StagePlan, **owned, name=name, starts_on=today(), ends_on=today(), priorities=name),
        records.create(Forwarding, **part, person=place.people[0]),
        records.create(Topic, **owned, name=name),
        records.create(Medium, **owned, name=name),
        records.create(ContentWord, **owned, word=name),
        records.create(ReviewItem, **owned, name=name),
        records.create(Rhythm, **owned, account=account, silent_days=9),
        records.create(Hours, **owned, name=name, begins="08:00", ends="09:00"),
        records.create(SendBudget, **owned, account=account, most=3),
    ]


def _account(place: Place, name: str = "account") -> dict[str, Any]:
    return {f"{name}-id": place.spare.id, name: place.spare.name}


NEW: dict[str, Callable[[Place], Case]] = {
    "content.submission": lambda p: Case(
        "",
        form={**unit_of(p), "headline": "新稿", "kind": "article", "class_": "general", "consent": "none"},
        also=(p.unit,),
    ),
    "content.plan_item": lambda p: Case(
        "", form={**unit_of(p), "name": "新选题", "planned_on": later_text(30)}, also=(p.unit,)
    ),
    "content.stage_plan": lambda p: Case(
        "",
        form={"name": "新阶段", "starts_on": today_text(), "ends_on": later_text(30), "priorities": "重点"},
        whole=True,
    ),
    "content.column": lambda p: Case("", form={"name": "新栏目", "active": "1"}, whole=True),
    "content.topic": lambda p: Case("", form={"name": "新分类", "kind": "range", "active": "1"}, whole=True),
    "content.medium": lambda p: Case("", form={"name": "新媒体", "level": "national"}, whole=True),
    "content.content_word": lambda p: Case("", form={"word": "新词语", "place": "any", "effect": "hold"}, whole=True),
    "content.review_item": lambda p: Case("", form={"name": "新项", "kind": "confirm"}, whole=True),
    "content.rhythm": lambda p: Case("", form={**_account(p), "week_least": "1"}, also=(p.spare,), whole=True),
    "content.hours": lambda p: Case(
        "", form={"name": "新时段", "begins": "12:00", "ends": "13:00", "weekdays": "12345"}, whole=True
    ),
    "content.send_budget": lambda p: Case("", form={**_account(p), "most": "4", "period": "week"}, also=(p.spare,)),
}

# What the form of each act is filled in with; the piece was returned, so that what asks for a review answers 422.
FORMS: dict[str, Callable[[Place], dict[str, Any]]] = {
    **dict.fromkeys(("hand_in", "take_back", "upload", "attach", "detach"), lambda p: {}),
    "file": lambda p: {"caption": "x", "origin": "own"},
    "consent": lambda p: {"consent": "written"},
    "comment": lambda p: {"note": "改"},
    "hit": lambda p: {"state": "cleared", "reason": "可"},
    "release": lambda p: {"medium-id": p.row(Medium).id, "medium": p.row(Medium).name},
    "task": lambda p: {"link": "https://example.com/"},
    "drop": lambda p: {"why": "不发"},
    "repost": lambda p: {"accounts-id": p.spare.id, "accounts-sent": "1", "due_on": later_text(2)},
    "correct": lambda p: {"what": "改错字"},
    "withdraw": lambda p: {"what": "撤"},
    "reads": lambda p: {"on": today_text(), "reads": "9"},
    "supply": lambda p: {"submission-id": p.row(Submission).id, "submission": p.row(Submission).headline},
    "confirm": lambda p: {"on": today_text()},
}


def _acts(named: dict[str, Any], **more: Any) -> Callable[[Place], Iterator[Case]]:
    def made(place: Place) -> Iterator[Case]:
        for name, act in named.items():
            row = place.row(act.model)
            yield Case("", {"id": row.id, "act": name}, FORMS[name](place), (row,), done=(302, 422), act=name, **more)
        yield Case("", {"id": place.row(Account).id, "act": "no-such"}, seen=(404,), done=(404,), act="unknown")

    return made


def _of(model: Any, form: dict[str, Any] | None = None, **more: Any) -> Callable[[Place], list[Case]]:
    return lambda p: [Case("", {"id": p.row(model).id}, form or {}, (p.row(model),), **more)]


def _orders(place: Place) -> dict[str, Any]:
    """Its owner, or who holds the plan for the whole institution; a column elsewhere is not there."""
    return {"whole": place.name != "foreign", "row_first": True, "permission": "content.plan.edit"}


OTHERS: dict[str, Callable[[Place], Any]] = {
    "content_submission.write": _acts(acts.WRITE),
    "content_submission.judge": _acts(acts.JUDGE),
    "content_submission.task": _acts(acts.RELEASE),
    "content_submission.checklist": _of(Submission, {"item": "1"}, done=(422,)),
    "content_submission.resolved": _of(Comment),
    "content_submission.compare": _of(Submission),
    "content_submission.file": _of(Attachment),
    "content_submission.consent": _of(Submission),
    "content_submission.word": _of(Submission),
    "content_submission.preview": lambda p: [Case("", form={"body": "x"}, done=(200,))],
    "content_submission.scratch": _of(Submission, {"body": "x", "headline": "y"}, done=(200,)),
    "content_submission.restore": _of(Submission, {"keep": "0"}),
    "content_release.proof": _of(Release),
    "content_plan_item.act": _acts(acts.PLAN),
    "content_column.act": lambda p: list(_acts(acts.COLUMN, **_orders(p))(p)),
    "content_column.order": lambda p: [Case("", {"id": p.row(Column).id}, {}, (p.row(Column),), **_orders(p))],
    "content_calendar.index": lambda p: [Case("", {"month": "2026-03"})],
    "content_archive.index": lambda p: [Case("")],
    "content_archive.year": lambda p: [Case("", {"year": str(today().year)}, notes="GET")],
    "content_figures.index": lambda p: [Case("")],
}
