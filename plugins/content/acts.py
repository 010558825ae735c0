"""The acts on a piece and its parts: for each a form, a verb, and what its page says."""

from __future__ import annotations

from typing import Any

from flask import request

from panel.api import Act, Form, NotAllowed, Refused, _, _l, paper_sent, scope
from plugins.accounts.services import Account
from plugins.content import services
from plugins.content.choices import HitState
from plugins.content.forms import (
    CommentForm,
    ConsentForm,
    DayForm,
    DropForm,
    FileForm,
    FilesForm,
    HitForm,
    MendForm,
    NoteForm,
    ReadsForm,
    ReleaseForm,
    RepostForm,
    SupplyForm,
    UploadForm,
)
from plugins.content.models import Attachment, Hit, PlanItem, Release, Submission, Target
from plugins.content.permissions import ContentPermission as P
from plugins.content.policy import Column


def _sent(name: str = "file") -> list[tuple[str, bytes]]:
    """Name and content of the files that were sent."""
    given = [f for f in request.files.getlist(name) if f.filename]
    return [(str(f.filename).replace("\\", "/").rpartition("/")[2], f.read()) for f in given]


def _one_file() -> tuple[str, bytes]:
    sent = _sent()
    if not sent or not sent[0][1]:
        raise Refused(_("Choose a file."), "file")
    return sent[0]


def piece_of(row: Any) -> Any:
    """The piece a row belongs to."""
    return row.submission


def _for_one_account(form: Any, _row: Target) -> None:
    del form.account, form.medium  # the task says where


def _orders(_form: Any, row: Column) -> None:
    if not services.may_order(row):
        raise NotAllowed(_("Only the owner of the column or the office may say so."))


def _import(row: Submission, values: dict[str, Any]) -> None:
    name, data = _one_file()
    services.import_text(row, name, data)


def _attach(row: Submission, values: dict[str, Any]) -> None:
    sent = [one for one in _sent() if one[1]]
    if not sent:
        raise Refused(_("Choose a file."), "file")
    services.attach_all(row, sent, **values)


def _consent(row: Submission, values: dict[str, Any]) -> None:
    paper = {f"consent_{name}": value for name, value in paper_sent(row.institution_id).items()}
    services.change(row, None, {**values, **paper})


def _release(row: Submission, values: dict[str, Any]) -> None:
    account = values.pop("account")
    if account is not None and not scope(Account.select().where(Account.id == account.id), P.RELEASE_EDIT).exists():
        raise Refused(_("You do not release on this account. Ask whoever runs it."), "account")
    services.release(row, account, values.pop("medium"), **values, **paper_sent(row.institution_id))


def _task(target: Target, values: dict[str, Any]) -> None:
    values |= {"account": target.account, "medium": target.medium}
    _release(target.submission, values)


WRITE: dict[str, Act] = {
    "hand_in": Act(
        Submission,
        NoteForm,
        _l("Hand in for review"),
        _l("Hand in"),
        _l("It is handed in. You are told when it is decided."),
        lambda row, values: services.hand_in(row, values["note"]),
        remark=_l("The text is fixed from now on; take it back to change it."),
        look="btn-seal",
    ),
    "take_back": Act(
        Submission,
        Form,
        _l("Take back from review"),
        _l("Take back"),
        _l("It is a draft again."),
        lambda row, _values: services.take_back(row),
        remark=_l("What was signed so far no longer counts."),
    ),
    "upload": Act(
        Submission,
        UploadForm,
        _l("Take the text from a file"),
        _l("Take over"),
        _l("The text is taken over. Look it through."),
        _import,
    ),
    "attach": Act(
        Submission,
        FilesForm,
        _l("Attach files"),
        _l("Attach"),
        _l("The files are attached."),
        _attach,
        part="files",
        rules={"file": ("s2-09-r15", "s2-09-r16"), "licence": ("s0-01-r06", "s1-19-r08")},
    ),
    "file": Act(
        Attachment,
        FileForm,
        _l("What is said of the file"),
        _l("Save"),
        _l("It is saved."),
        lambda row, values: services.describe(row, **values),
        part="files",
        rules={"licence": ("s0-01-r06", "s1-19-r08")},
        back=piece_of,
        begins=lambda row: {name: getattr(row, name) for name in ("caption", "origin", "licence")},
    ),
    "detach": Act(
        Attachment,
        Form,
        _l("Take the file off"),
        _l("Take off"),
        _l("The file is taken off."),
        lambda row, _values: services.detach(row),
        part="files",
        back=piece_of,
    ),
    "consent": Act(
        Submission,
        ConsentForm,
        _l("Enter the consent"),
        _l("Save"),
        _l("The consent is on record."),
        _consent,
        rules={"consent": ("s0-05-r10", "s4-01-r12")},
        begins=lambda row: {"consent": row.consent, "consent_note": row.consent_note},
    ),
}
JUDGE: dict[str, Act] = {
    "comment": Act(
        Submission,
        CommentForm,
        _l("Comment on a passage"),
        _l("Comment"),
        _l("The comment stands beside the text."),
        lambda row, values: services.comment(row, values["note"], values["quote"]),
        part="comments",
    ),
    "hit": Act(
        Hit,
        HitForm,
        _l("May this stay?"),
        _l("Decide"),
        _l("It is decided."),
        lambda row, values: services.decide_hit(row, HitState(values["state"]), values["reason"]),
        part="hits",
        rules={"state": ("s2-02-r10", "s0-04-r04", "s1-08-r09")},
        back=piece_of,
    ),
}
RELEASE: dict[str, Act] = {
    "release": Act(
        Submission,
        ReleaseForm,
        _l("Enter a release"),
        _l("Enter"),
        _l("The release is registered."),
        _release,
        part="releases",
        rules={"tested": ("s2-09-r17",), "mass": ("s2-07-r14",)},
    ),
    "task": Act(
        Target,
        ReleaseForm,
        _l("Enter the release"),
        _l("Enter"),
        _l("The release is registered."),
        _task,
        part="releases",
        rules={"tested": ("s2-09-r17",), "mass": ("s2-07-r14",)},
        back=piece_of,
        ready=_for_one_account,
    ),
    "drop": Act(
        Target,
        DropForm,
        _l("Drop a release task"),
        _l("Drop"),
        _l("The task is dropped."),
        lambda row, values: services.drop_target(row, values["why"]),
        part="releases",
        back=piece_of,
    ),
    "repost": Act(
        Submission,
        RepostForm,
        _l("Ask accounts to repost"),
        _l("Ask"),
        _l("The accounts are asked."),
        lambda row, values: services.ask_repost(row, values["accounts"], values["due_on"]),
        part="releases",
        rules={"accounts": ("s3-03-r09",)},
    ),
    "correct": Act(
        Release,
        MendForm,
        _l("Enter a correction"),
        _l("Enter"),
        _l("The correction is registered."),
        lambda row, values: services.correct(row, values["what"], values["on"]),
        part="releases",
        back=piece_of,
    ),
    "withdraw": Act(
        Release,
        MendForm,
        _l("Enter the withdrawal"),
        _l("Take down"),
        _l("The withdrawal is registered."),
        lambda row, values: services.withdraw(row, values["what"], values["on"]),
        part="releases",
        remark=_l("Fees that were paid for it are made good in the next settlement."),
        back=piece_of,
    ),
    "reads": Act(
        Release,
        ReadsForm,
        _l("Enter the reads"),
        _l("Enter"),
        _l("The reads are entered."),
        lambda row, values: services.count_reads(row, **values),
        part="releases",
        rules={"reads": ("s2-03-r13",)},
        back=piece_of,
    ),
}
PLAN: dict[str, Act] = {
    "supply": Act(
        PlanItem,
        SupplyForm,
        _l("Supply it"),
        _l("This one"),
        _l("The plan knows which piece answers it."),
        lambda row, values: services.supply(row, values["submission"]),
        rules={"submission": ("s2-09-r03",)},
    )
}
COLUMN: dict[str, Act] = {
    "confirm": Act(
        Column,
        DayForm,
        _l("Say that it was looked through"),
        _l("Looked through"),
        _l("The day is noted."),
        lambda row, values: services.confirm_column(row, values["on"]),
        rules={"on": ("s0-08-r07", "s1-21-r06")},
        ready=_orders,
    )
}
