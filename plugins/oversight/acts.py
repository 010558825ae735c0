"""The acts on documents, inspections, items and duties: for each a form, a verb, and what its page says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from panel.api import Act, Refused, _, _l, files, find, paper_sent, records, today
from plugins.oversight import forms, services
from plugins.oversight.models import Duty, Inspection, Item, RuleDocument


def send_paper_of(model: Any, permission: Any) -> Any:
    """The paper of the row the address names, as a download. Raises NotFound."""
    row = find(model, request.args.get("id"), permission)
    return files.send_paper(row.file, row.institution_id, row.file_name)


# ── documents ──────────────────────────────────────────────────────────────────────────────────


def _ended(_form: Any, row: RuleDocument) -> list[str]:
    return [_("“%(name)s” ends the day before.", name=row.supersedes)] if row.supersedes is not None else []


KNOWN = Act(
    RuleDocument,
    forms.KnownForm,
    _l("Enter how it was made known"),
    _l("Enter"),
    _l("Entered."),
    lambda row, v: services.make_known(row, {**v, **paper_sent(row.institution_id)}),
    rules={"on": ("s0-01-r14", "s1-18-r16")},
    begins=lambda row: {"on": today()},
)
ISSUE = Act(
    RuleDocument,
    forms.IssueForm,
    _l("Issue the document"),
    _l("Issue"),
    _l("The document is issued."),
    lambda row, v: services.issue(row, v["issued_on"], v["effective_on"]),
    rules={"effective_on": ("s0-01-r14", "s1-18-r16", "s1-14-r16")},
    ready=_ended,
    begins=lambda row: {"issued_on": today(), "effective_on": row.effective_on},
)
CONFIRM = Act(
    RuleDocument,
    forms.DayForm,
    _l("Confirm after the trial period"),
    _l("Confirm"),
    _l("Confirmed."),
    lambda row, v: services.confirm(row, v["on"]),
    begins=lambda row: {"on": today()},
)
REVIEW = Act(
    RuleDocument,
    forms.DayForm,
    _l("Reviewed, and left as it is"),
    _l("Enter"),
    _l("Entered."),
    lambda row, v: services.review(row, v["on"]),
    begins=lambda row: {"on": today()},
)
REPEAL = Act(
    RuleDocument,
    forms.RepealForm,
    _l("Repeal"),
    _l("Repeal"),
    _l("The document ends on that day."),
    lambda row, v: services.repeal(row, v["until"], v["reason"]),
    begins=lambda row: {"until": today()},
)
ATTACH = Act(
    RuleDocument,
    forms.FileForm,
    _l("Attach the text"),
    _l("Attach"),
    _l("Attached."),
    lambda row, _v: records.update(row, **paper_sent(row.institution_id)),
)

# ── inspections ────────────────────────────────────────────────────────────────────────────────

ITEM = ("finding", "advice", "gravity", "due_on")


def _carry_out(row: Inspection, values: dict[str, Any]) -> None:
    item = {name: values[name] for name in ITEM}
    if item["advice"] and not item["finding"]:
        raise Refused(_("Say what was found."), "finding")
    found = [item] if item["finding"] else []
    services.carry_out(row, values["on"], values["result"], found, **paper_sent(row.institution_id))


CARRY_OUT = Act(
    Inspection,
    forms.FoundForm,
    _l("Enter what was found"),
    _l("Enter"),
    _l("Entered. Each item waits for an answer of the unit."),
    _carry_out,
    rules={"finding": ("s1-06-r05",), "due_on": ("s2-04-r13",), "gravity": ("s1-09-r12",)},
    remark=_l("Further items are added on the page of the inspection."),
    begins=lambda row: {"on": today()},
)
ADD = Act(
    Inspection,
    forms.ItemForm,
    _l("Add an item"),
    _l("Add"),
    _l("Added."),
    services.add_item,
)
DROP = Act(
    Inspection,
    forms.ReasonForm,
    _l("Drop the inspection"),
    _l("Drop"),
    _l("Dropped."),
    lambda row, v: services.drop_inspection(row, v["reason"]),
    look="btn-danger",
)
ANSWER = Act(
    Item,
    forms.AnswerForm,
    _l("Answer the item"),
    _l("Answer"),
    _l("The answer is entered."),
    lambda row, v: services.answer(row, v["answer"], v["on"], **paper_sent(row.institution_id)),
    rules={"answer": ("s1-06-r08", "s2-03-r06")},
    ready=lambda _form, row: [_("Found: %(text)s", text=row.finding)],
    begins=lambda row: {"on": today(), "answer": row.answer},
)
ACCEPT = Act(
    Item,
    forms.AcceptForm,
    _l("Accept the answer"),
    _l("Accept"),
    _l("The item is closed."),
    lambda row, v: services.accept(row, v["note"]),
)
GIVE_BACK = Act(
    Item,
    forms.ReturnForm,
    _l("Return the answer"),
    _l("Return"),
    _l("The item is returned to the unit."),
    lambda row, v: services.give_back(row, v["reason"], v["due_on"]),
    begins=lambda row: {"due_on": today() + timedelta(days=7)},
)

# ── duties ─────────────────────────────────────────────────────────────────────────────────────

HAND_OVER = Act(
    Duty,
    forms.SuccessorForm,
    _l("Hand the duty over"),
    _l("Hand over"),
    _l("The duty is handed over."),
    lambda row, v: services.hand_over_duty(row, v["successor"], v["note"]),
)
END = Act(
    Duty,
    forms.EndForm,
    _l("End the duty"),
    _l("End"),
    _l("Ended."),
    lambda row, v: services.end_duty(row, v["until"], v["reason"]),
    begins=lambda row: {"until": today()},
)
