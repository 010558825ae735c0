"""The acts on groups and their parts: for each a form, a verb, and what its page says."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import request, url_for

from panel.api import Act, Form, Person, Refused, _, _l, files, paper_sent
from plugins.groupchat import forms, services
from plugins.groupchat.choices import Sanction
from plugins.groupchat.models import Bulletin, Case, DutyDay, Group, Member, Notice, OwnerTerm, Problem, Receipt
from plugins.groupchat.policy import WordList


def _sanctions(form: Any, case: Case) -> None:
    form.sanction.choices = [(s.value, s.label) for s in services.sanctions_for(case)]


def _links(keys: Sequence[tuple[Person, str]]) -> list[tuple[Person, str]]:
    """Each person with the address that answers for them."""
    return [(person, url_for("groupchat_answer.index", key=key, _external=True)) for person, key in keys]


def upload(name: str = "file") -> bytes:
    """What was uploaded; empty where nothing was."""
    sent = request.files.get(name)
    return sent.read() if sent is not None and sent.filename else b""


def _file_name(default: str, name: str = "file") -> str:
    sent = request.files.get(name)
    return (sent.filename or default).replace("\\", "/").rpartition("/")[2] if sent is not None else default


def _take_members(group: Group, values: dict[str, Any]) -> Any:
    data = upload() or values["pasted"].encode()
    if not data.strip():
        raise Refused(_("Choose a file, or paste the list."), "file")
    report = services.import_members(group, data, _file_name(_("pasted")))
    return _(
        "%(count)s members. On no roster: %(strangers)s, left: %(left)s, missing: %(missing)s, not under the real "
        "name: %(unnamed)s, not recognised: %(unknown)s.",
        count=len(report.lines),
        strangers=len(report.strangers),
        left=len(report.left),
        missing=len(report.missing),
        unnamed=len(report.unnamed),
        unknown=len(report.unknown),
    )


def _attest(group: Group, values: dict[str, Any]) -> None:
    data = upload()
    name = files.save_image(data, group.institution_id, "file") if data else ""
    services.attest(group, services.me(), values["on"], name, values["note"])


def _set_qr(group: Group, _values: dict[str, Any]) -> None:
    services.change_group(group, None, {"qr": files.save_image(upload(), group.institution_id, "file")})


def _take_record(group: Group, _values: dict[str, Any]) -> None:
    services.take_in(group, io.BytesIO(upload()), _file_name("chat.txt"))


def _correct(problem: Problem, values: dict[str, Any]) -> None:
    data = upload()
    name = files.save_image(data, problem.institution_id, "file") if data else ""
    services.correct(problem, values["proof"], name)


def _add_words(words: WordList, values: dict[str, Any]) -> Any:
    count = services.add_words(words, upload() or values["pasted"].encode(), values["allowed"])
    return _("%(count)s words are new in the list.", count=count)


GROUP_ACTS = {
    "ask": Act(
        Group,
        forms.NoteForm,
        _l("Ask for the group again"),
        _l("Ask again"),
        _l("Asked for; the approval is under way."),
        lambda group, v: services.ask_again(group, v["note"]),
        {"note": ("s1-23-r02",)},
        _l("What the signers wanted changed is changed under “Edit” first."),
    ),
    "hand_over": Act(
        Group,
        forms.OwnerForm,
        _l("Hand the group over"),
        _l("Hand over"),
        _l("The group is handed over; the new owner cleans the list up."),
        lambda group, v: services.hand_over(group, v["successor"], v["note"]),
        {"successor": ("s1-23-r11", "s1-23-r12", "s1-13-r03")},
        _l("First in the app (群主管理权转让), then here."),
    ),
    "deputy": Act(
        Group,
        forms.DeputyForm,
        _l("Name a deputy"),
        _l("Name"),
        _l("The deputy is named."),
        lambda group, v: services.name_deputy(group, v["person"], v["note"]),
    ),
    "end_deputy": Act(
        OwnerTerm,
        forms.NoteForm,
        _l("End a deputy's term"),
        _l("End"),
        _l("The term ended."),
        lambda term, v: services.end_deputy(term, v["note"]),
        back=lambda term: term.group,
    ),
    "cleanup": Act(
        OwnerTerm,
        forms.NoteForm,
        _l("The list is cleaned up"),
        _l("Tick off"),
        _l("Noted."),
        lambda term, v: services.clean_up(term, note=v["note"]),
        {"note": ("s1-23-r12",)},
        back=lambda term: term.group,
    ),
    "members": Act(
        Group,
        forms.MembersForm,
        _l("Take in the member list"),
        _l("Take in"),
        "",
        _take_members,
        {"file": ("s1-23-r03", "s1-14-r01", "s1-14-r02")},
        _l("Whoever is not in it counts as out of the group."),
    ),
    "attest": Act(
        Group,
        forms.AttestForm,
        _l("Confirm the members"),
        _l("Confirm"),
        _l("The members are confirmed."),
        _attest,
        {"on": ("s1-13-r04", "s1-14-r12")},
    ),
    "qr": Act(Group, forms.QrForm, _l("QR code"), _l("Save"), _l("The QR code is kept."), _set_qr),
    "close": Act(
        Group,
        forms.ReasonForm,
        _l("Close the group"),
        _l("Close it"),
        _l("The group is closed; it stays in the archive."),
        lambda group, v: services.close_group(group, reason=v["reason"]),
        {"reason": ("s1-23-r02",)},
        _l("Dissolve it in the app first."),
    ),
    "extend": Act(
        Group,
        forms.ExtendForm,
        _l("Extend the group"),
        _l("Extend"),
        _l("The group goes on."),
        lambda group, v: services.extend_group(group, v["until"], v["reason"]),
        {"until": ("s1-23-r02",)},
    ),
    "log": Act(
        Group,
        forms.LogForm,
        _l("Write into the log"),
        _l("Write"),
        _l("Noted."),
        lambda group, v: services.note(group, **v, person=services.me(), **paper_sent(group.institution_id)),
        {"kind": ("s1-14-r09", "s1-14-r13", "s1-15-r02"), "file": ("s1-23-r07",)},
    ),
    "match": Act(
        Member,
        forms.MatchForm,
        _l("Say who it is"),
        _l("Confirm"),
        _l("Confirmed; the nickname is known from now on."),
        lambda member, v: services.confirm_match(member, v["person"]),
        {"person": ("s1-14-r02",)},
    ),
    "guest": Act(
        Member,
        forms.GuestForm,
        _l("Admit a guest"),
        _l("Admit"),
        _l("Admitted."),
        lambda member, v: services.admit_guest(member, v["until"], v["reason"]),
        {"until": ("s1-14-r01",)},
    ),
    "remove": Act(
        Member,
        forms.RemoveForm,
        _l("Removed from the group"),
        _l("Tick off"),
        _l("Noted."),
        lambda member, v: services.remove_member(member, v["on"], v["reason"]),
        {"on": ("s1-23-r03", "s1-14-r12")},
    ),
    "add": Act(
        Member,
        forms.DayForm,
        _l("Added to the group"),
        _l("Tick off"),
        _l("Noted."),
        lambda member, v: services.add_member(member, v["on"]),
        {"on": ("s1-23-r03",)},
    ),
}
CASE_ACTS = {
    "record": Act(
        Group,
        forms.RecordForm,
        _l("Read a chat record"),
        _l("Read"),
        _l("The record is read in the background; a file that was read before adds nothing."),
        _take_record,
        {"file": ("s1-23-r21", "s1-14-r10", "s1-12-r06")},
        _l("Only hits are kept, as cases for a person to judge. The file itself is deleted as the policy says."),
    ),
    "confirm": Act(
        Case,
        forms.VerdictForm,
        _l("Confirm the case"),
        _l("Confirm"),
        _l("Confirmed."),
        lambda case, v: services.confirm_case(case, Sanction(v["sanction"]), v["serious"], v["text"]),
        {"sanction": ("s1-14-r14", "s1-14-r15", "s1-15-r05", "s1-23-r06")},
        ready=_sanctions,
    ),
    "dismiss": Act(
        Case,
        forms.DismissForm,
        _l("Dismiss the case"),
        _l("Dismiss"),
        _l("Dismissed."),
        lambda case, v: services.dismiss_case(case, v["text"]),
    ),
    "steps": Act(
        Case,
        forms.StepsForm,
        _l("Steps taken"),
        _l("Save"),
        _l("Noted."),
        lambda case, v: services.take_steps(case, [n for n, on in v.items() if on is True], v["reported_to"]),
        {"stopped_at": ("s1-23-r05",), "reported_to": ("s1-12-r10",)},
    ),
    "close": Act(
        Case,
        Form,
        _l("Close the case"),
        _l("Close it"),
        _l("The case is closed."),
        lambda case, _v: services.close_case(case),
        remark=_l("Each of the four steps has its time."),
    ),
}
NOTICE_ACTS = {
    "send": Act(
        Notice,
        forms.SendForm,
        _l("Post the notice"),
        _l("Post it"),
        _l("The notice is out."),
        lambda notice, v: _links(services.send(notice, v["way"] == "hand")),
        {"way": ("s1-23-r14", "s1-23-r22")},
        once="groupchat/links.html",
    ),
    "links": Act(
        Notice,
        Form,
        _l("Personal receipt links"),
        _l("Make new links"),
        "",
        lambda notice, _v: _links(services.new_links(notice)),
        once="groupchat/links.html",
        remark=_l("For everybody who has not answered. Links made before stop working."),
    ),
    "remind": Act(
        Notice,
        forms.SendForm,
        _l("Remind by name"),
        _l("Remind"),
        _l("The reminder is noted; an explanation is due from now on."),
        lambda notice, v: services.remind(notice, v["way"] == "hand") and None,
        {"way": ("s1-23-r16", "s1-23-r19")},
    ),
    "answer": Act(
        Receipt,
        forms.AnswerForm,
        _l("Enter an answer"),
        _l("Enter"),
        _l("The answer is entered."),
        lambda receipt, v: services.answer(receipt, v["text"]),
        {"text": ("s1-23-r18",)},
        back=lambda receipt: receipt.notice,
    ),
    "explain": Act(
        Receipt,
        forms.ExplainForm,
        _l("Enter an explanation"),
        _l("Enter"),
        _l("The explanation is entered."),
        lambda receipt, v: services.explain(receipt, v["text"]),
        {"text": ("s1-23-r19",)},
        back=lambda receipt: receipt.notice,
    ),
    "acknowledge": Act(
        Problem,
        Form,
        _l("The person has answered"),
        _l("Note it"),
        _l("Noted."),
        lambda problem, _v: services.acknowledge(problem),
    ),
    "correct": Act(
        Problem,
        forms.ProofForm,
        _l("Report the correction"),
        _l("Report"),
        _l("The correction is noted."),
        _correct,
        {"proof": ("s1-23-r26",)},
    ),
    "summon": Act(
        Problem,
        forms.OutcomeForm,
        _l("Summoned to explain"),
        _l("Note it"),
        _l("Noted."),
        lambda problem, v: services.summon(problem, v["outcome"]),
        {"outcome": ("s1-23-r26",)},
    ),
    "publish": Act(
        Bulletin,
        Form,
        _l("Publish the bulletin"),
        _l("Publish"),
        _l("The bulletin is out; copy its text."),
        lambda bulletin, _v: services.publish(bulletin),
    ),
    "duty": Act(
        DutyDay,
        forms.DutyForm,
        _l("Record what was found"),
        _l("Save"),
        _l("Recorded."),
        lambda day, v: services.record_duty(day, v["text"]),
        {"text": ("s1-23-r23",)},
    ),
}
RULE_ACTS = {
    "words": Act(
        WordList,
        forms.WordsForm,
        _l("Add words"),
        _l("Add"),
        "",
        _add_words,
        remark=_l("Words that are in the list already are left as they are."),
    )
}
