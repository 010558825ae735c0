"""Work groups: their rows and pages."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from panel import files, records
from panel.database import utcnow
from plugins.groupchat import acts, services
from plugins.groupchat.models import (
    Alias,
    Attestation,
    Bulletin,
    Case,
    DutyDay,
    Group,
    LogEntry,
    Member,
    Notice,
    OwnerTerm,
    Problem,
    Reach,
    Receipt,
    RequiredGroup,
    Result,
    Source,
    Term,
)
from plugins.groupchat.policy import QuietHours, SanctionRule, WecomLink, Word, WordList
from tests.security.cases import Case as Ask
from tests.security.cases import person_of, today_text, unit_of
from tests.security.places import Place, picture

ROLES = ("alice", "bob", "carol", "dave", "oscar", "root")


def _key(place: Place) -> str:
    return f"key-of-{place.name}-0123456789"


def fill(place: Place, name: str) -> list[Any]:
    """A group with owner, deputy, members, evidence, and everything that is posted in it."""
    owned, person = {"institution": place.institution}, place.people[0]
    base = {**owned, "unit": place.unit, "kind": "other", "purpose": name, "owner": person}
    group = services.open_group({**base, "name": f"{name}群"})
    inside = {**owned, "group": group}
    shot = files.save_image(picture(), place.institution.id)
    records.update(group, qr=shot)
    notice = records.create(
        Notice, **inside, kind="release", subject=name, text=name, needs_receipt=True, wording="收到", author=person
    )
    bulletin = records.create(Bulletin, **inside, subject=name)
    words = records.create(WordList, **owned, name=f"{name}词表", kind="abuse")
    problem = {"person": person, "inspector": person, "fact": name, "due_at": utcnow() - timedelta(days=1)}
    token = hashlib.sha256(_key(place).encode()).hexdigest()
    return [
        group,
        OwnerTerm.get(OwnerTerm.group == group),
        records.create(OwnerTerm, **inside, person=place.people[1], deputy=True),
        records.create(Reach, **inside, unit=place.unit),
        records.create(Member, **inside, nickname=name, state="present"),
        records.create(Attestation, **inside, on=date(2026, 1, 1), person=person, file=shot),
        records.create(Source, **inside, kind="chat", file_name=f"{name}.txt", digest=name, state="done"),
        records.create(Case, **inside, kind="abuse", sender=name, text=name),
        notice,
        records.create(Receipt, **owned, notice=notice, person=person, token=token),
        records.create(Problem, **inside, **problem),
        bulletin,
        records.create(Result, **owned, bulletin=bulletin, person=person, fact=name, score=1),
        records.create(DutyDay, **owned, unit=place.unit, on=date(2026, 1, 1), person=person),
        records.create(LogEntry, **inside, text=name, file=shot, file_name=f"{name}.png"),
        *_rules(place, name, words),
    ]


def _rules(place: Place, name: str, words: WordList) -> list[Any]:
    owned: dict[str, Any] = {"institution": place.institution}
    link = WecomLink.get_or_none(WecomLink.institution == place.institution)
    alike = len(WordList.select().where(WordList.institution == place.institution))
    return [
        words,
        records.create(Word, **owned, list=words, word=name),
        records.create(QuietHours, **owned, starts="23:00", ends="06:00"),
        records.create(
            SanctionRule, **owned, kind=("abuse", "rumour", "obscene", "chat")[alike % 4], sanction="warning"
        ),
        records.create(Term, **owned, name=name, starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 20)),
        records.create(RequiredGroup, **owned, unit_kind=("class", "base", "mass", "virtual")[alike % 4], kind="class"),
        records.create(Alias, **owned, text=f"{name}昵称", person=place.people[0]),
        link or records.create(WecomLink, **owned, corporation=name, unit=place.unit),
    ]


def _in_group(place: Place) -> dict[str, Any]:
    group = place.row(Group)
    return {"group-id": group.id, "group": group.name}


def _posted(place: Place, **form: Any) -> Ask:
    return Ask("", form={**_in_group(place), **form}, also=(place.row(Group),))


NEW: dict[str, Callable[[Place], Ask]] = {
    "groupchat.group": lambda p: Ask(
        "",
        form={**unit_of(p), "name": "新群", "kind": "other", "app": "wechat", "purpose": "新", "state": "active"},
        also=(p.unit,),
    ),
    "groupchat.reach": lambda p: _posted(p, post="主任", kind=""),
    "groupchat.case": lambda p: _posted(p, kind="abuse", sender="某人", posts="1", minutes="0"),
    "groupchat.notice": lambda p: _posted(p, kind="release", subject="题", text="文", paper_reason=""),
    "groupchat.problem": lambda p: Ask(
        "",
        form={**_in_group(p), **person_of(p.people[0]), "fact": "事", "due_at": "2035-01-01 10:00"},
        also=(p.row(Group), p.people[0]),
    ),
    "groupchat.bulletin": lambda p: _posted(p, subject="题", on=today_text(), measure="score"),
    "groupchat.result": lambda p: Ask(
        "",
        form={"bulletin-id": p.row(Bulletin).id, "bulletin": p.row(Bulletin).subject, "fact": "事", "score": "1"},
        also=(p.row(Bulletin),),
    ),
    "groupchat.duty_day": lambda p: Ask(
        "", form={**unit_of(p), "on": "2026-03-02", **person_of(p.people[0])}, also=(p.unit, p.people[0])
    ),
    "groupchat.quiet_hours": lambda p: Ask("", form={"starts": "1:00", "ends": "2:00", "days": "all"}, whole=True),
    "groupchat.word_list": lambda p: Ask("", form={"name": "新表", "kind": "abuse", "needed": "1"}, whole=True),
    "groupchat.word": lambda p: Ask(
        "",
        form={"list-id": p.row(WordList).id, "list": p.row(WordList).name, "word": "新词"},
        also=(p.row(WordList),),
        whole=True,
    ),
    "groupchat.sanction_rule": lambda p: Ask("", form={"kind": "file", "sanction": "none"}, whole=True),
    "groupchat.term": lambda p: Ask(
        "", form={"name": "新学期", "starts_on": "2027-03-01", "ends_on": "2027-07-01"}, whole=True
    ),
    "groupchat.required_group": lambda p: Ask(
        "", form={"unit_kind": "other", "kind": "other", "days": "7"}, whole=True
    ),
    "groupchat.alias": lambda p: Ask(
        "", form={"text": "新昵称", **person_of(p.people[0])}, also=(p.people[0],), whole=True
    ),
}

FORMS: dict[str, dict[str, Callable[[Place], dict[str, Any]]]] = {
    "group": {
        "ask": lambda p: {},
        "hand_over": lambda p: person_of(p.people[1], "successor"),
        "deputy": lambda p: person_of(p.people[1]),
        "end_deputy": lambda p: {},
        "cleanup": lambda p: {},
        "members": lambda p: {"pasted": "张三\n李四"},
        "attest": lambda p: {},
        "qr": lambda p: {"file": lambda: (io.BytesIO(picture()), "a.png")},
        "close": lambda p: {"reason": "完成"},
        "extend": lambda p: {"until": "2035-01-01", "reason": "继续"},
        "log": lambda p: {"kind": "note", "text": "事"},
        "match": lambda p: person_of(p.people[0]),
        "guest": lambda p: {"until": "2035-01-01", "reason": "来宾"},
        "remove": lambda p: {},
        "add": lambda p: {},
    },
    "case": {
        "record": lambda p: {"file": lambda: (io.BytesIO("[2026-01-01 10:00] 甲: 好\n".encode()), "a.txt")},
        "confirm": lambda p: {"sanction": "warning"},
        "dismiss": lambda p: {"text": "无"},
        "steps": lambda p: {"stopped_at": "1"},
        "close": lambda p: {},
    },
    "notice": {
        "send": lambda p: {"way": "hand"},
        "links": lambda p: {},
        "remind": lambda p: {"way": "hand"},
        "answer": lambda p: {"text": "收到"},
        "explain": lambda p: {"text": "忘了"},
        "acknowledge": lambda p: {},
        "correct": lambda p: {"proof": "已改"},
        "summon": lambda p: {},
        "publish": lambda p: {},
        "duty": lambda p: {"text": "无"},
    },
    "rule": {"words": lambda p: {"pasted": "新词"}},
}
ACTS = {"group": acts.GROUP_ACTS, "case": acts.CASE_ACTS, "notice": acts.NOTICE_ACTS, "rule": acts.RULE_ACTS}


def _acts(area: str) -> Callable[[Place], Iterator[Ask]]:
    def made(place: Place) -> Iterator[Ask]:
        for name, act in ACTS[area].items():
            row, form = place.row(act.model), FORMS[area][name](place)
            people = tuple(p for p in place.people if form.get("person-id", form.get("successor-id")) == p.id)
            # What an act refuses by the state the row happens to be in is said on its page.
            found = {"done": (200, 302, 422), "whole": area == "rule"}
            yield Ask("", {"act": name, "id": row.id}, form, (row, *people), act=name, **found)
        missing: dict[str, Any] = {"seen": (404,), "done": (404,), "whole": area == "rule"}
        yield Ask("", {"act": "no-such", "id": place.row(Group).id}, act="unknown", **missing)

    return made


OTHERS: dict[str, Callable[[Place], Any]] = {
    "groupchat_group_acts.index": _acts("group"),
    "groupchat_case_acts.index": _acts("case"),
    "groupchat_notice_acts.index": _acts("notice"),
    "groupchat_rule_acts.index": _acts("rule"),
    "groupchat_group.qr": lambda p: [Ask("", {"id": p.row(Group).id}, rows=(p.row(Group),))],
    "groupchat_group.screenshot": lambda p: [Ask("", {"id": p.row(Attestation).id}, rows=(p.row(Attestation),))],
    "groupchat_log_entry.paper": lambda p: [Ask("", {"id": p.row(LogEntry).id}, rows=(p.row(LogEntry),))],
    "groupchat_problem.picture": lambda p: [Ask("", {"id": p.row(Problem).id}, rows=(p.row(Problem),), seen=(404,))],
    "groupchat_figures.index": lambda p: [Ask("", whole=True)],
    "groupchat_answer.index": lambda p: [
        Ask("", {"key": _key(p)}, {}, seen=(200,), done=(200,), only=dict.fromkeys((*ROLES, "anonymous"), 200))
    ],
    "groupchat_wecom_link.create_view": lambda p: [
        Ask(
            "",
            form={**unit_of(p), "corporation": "x", "new_secret": "y", "base": "https://qyapi.weixin.qq.com"},
            also=(p.unit,),
            whole=True,
            done=(302, 422),
        )
    ],
}
