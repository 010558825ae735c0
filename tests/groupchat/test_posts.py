"""The rules on what is posted: records, cases, notices, receipts, problems, bulletins, duty."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from panel import records, vault
from panel.errors import NotFound, Refused
from panel.i18n import today
from panel.jobs.models import Run
from plugins.groupchat import jobs, rectification, services
from plugins.groupchat.choices import CaseKind, NoticeKind, Sanction
from plugins.groupchat.evidence import purge
from plugins.groupchat.models import Bulletin, Case, DutyDay, Group, Member, Notice, Receipt, Result, Source
from plugins.groupchat.policy import SanctionRule, WecomLink, Word, WordList
from plugins.groupchat.statistics import by_unit
from plugins.groupchat.wecom import Client, WecomError
from tests.groupchat.conftest import SAMPLES, School
from tests.groupchat.test_rules import due, take

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # Monday, 12:00 in Shanghai


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the clock of the panel, in Shanghai's time."""

    def at(text: str) -> None:
        moment = datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)
        for module in ("notices", "cases", "rectification", "register", "evidence"):
            monkeypatch.setattr(f"plugins.groupchat.{module}.utcnow", lambda: moment, raising=False)
        monkeypatch.setattr("panel.i18n.utcnow", lambda: moment, raising=False)

    return at


def read(group: Group, data: bytes, name: str = "chat.txt") -> Source:
    source = services.take_in(group, io.BytesIO(data), name)
    run = Run.get_by_id(source.run_id) if source.run_id else None
    if run is not None and source.state == "waiting":
        jobs.read_chat(run, source_id=source.id)
    return Source.get_by_id(source.id)


# ── chat records ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s1-12-r06")
@pytest.mark.rule("s1-14-r10")
def test_a_record_counts_once(school: School, set_policy: Callable[..., None]) -> None:
    set_policy(school.institution, max_length=200, exact_wording=True)
    school.quiet(("00:00", "06:30"), ("12:40", "14:20"), ("23:00", "24:00"))
    school.group = school.open()
    data = (SAMPLES / "chat.txt").read_bytes()
    source = read(school.group, data)
    kinds = [CaseKind(c.kind).value for c in Case.select()]
    assert (source.state, source.messages, len(kinds)) == ("done", 209, 19)
    assert (kinds.count("quiet_hours"), kinds.count("too_long"), kinds.count("advertisement")) == (17, 1, 1)
    assert all(case.state == "open" and case.sanction == "none" for case in Case.select())
    read(school.group, data)  # the same file
    read(school.group, data + b"\n\n")  # the same talk in another file
    half = data.decode().split("—————  2026-9-16")[0].encode("gb18030")
    read(school.group, half)  # a part of it, encoded otherwise
    assert Case.select().count() == 19
    assert Source.select().count() == 3
    ad = Case.get(Case.kind == "advertisement")
    assert ad.context
    assert "刷单" in ad.word
    purged = purge(school.institution)
    assert purged == {"files": 0, "cases": 0}
    with pytest.raises(Refused, match="no message"):
        read(school.group, b"\x00\x01 nothing")
    assert Source.select().where(Source.state == "failed").count() == 1


def test_a_broken_reading_adds_the_rest(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies in the middle leaves what it wrote; the next one adds what is missing."""
    from plugins.groupchat import evidence, judging

    monkeypatch.setattr(judging, "BATCH", 50)
    monkeypatch.setattr(evidence, "AT_ONCE", 1)
    school.quiet(("00:00", "24:00"), days="all")
    group = school.open()
    source = services.take_in(group, io.BytesIO((SAMPLES / "chat.txt").read_bytes()), "chat.txt")
    seen = []

    def dies(done: int, total: int, message: str) -> None:
        seen.append(message)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evidence.read(source, dies)
    assert 0 < Case.select().count() < 209
    evidence.read(Source.get_by_id(source.id))
    assert Case.select().where(Case.kind == "quiet_hours").count() == 209


def test_raw_text_goes_when_its_time_has_come(school: School, set_policy: Callable[..., None]) -> None:
    from panel import files

    set_policy(school.institution, retention_days=90)
    group = school.open()
    source = read(group, "[2026-03-02 10:00] 甲: 兼职刷单\n".encode())
    records.derive(Source, Source.id == source.id, messages=1)
    case = Case.get()
    services.dismiss_case(case, "误报")
    Source._meta.database.execute_sql("UPDATE groupchat_source SET created_at = '2026-01-01 00:00:00'")
    Case._meta.database.execute_sql("UPDATE groupchat_case SET posted_at = '2026-01-01 00:00:00'")
    assert purge(school.institution) == {"files": 1, "cases": 1}
    assert purge(school.institution) == {"files": 0, "cases": 0}
    after = Source.get_by_id(source.id)
    assert (after.file, after.purged_on) == ("", today())
    assert not files.path_of(source.file, school.institution.id).exists()
    kept = Case.get_by_id(case.id)
    assert (kept.text, kept.word, kept.kind, kept.note) == ("", "", "advertisement", "误报")


# ── cases ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s1-23-r04")
@pytest.mark.rule("s1-01-r04")
@pytest.mark.rule("s1-01-r06")
@pytest.mark.rule("s1-14-r06")
@pytest.mark.rule("s1-14-r07")
@pytest.mark.rule("s1-14-r08")
@pytest.mark.rule("s1-15-r04")
def test_reports(school: School) -> None:
    group = school.open()
    base = {"group": group, "sender": "某甲"}
    kinds = ("against_party", "after_hours", "cyber_violence", "false", "advertisement", "chat", "against_policy")
    for kind in kinds:
        assert services.report_case({**base, "kind": kind}).kind == kind
    attack = services.report_case({**base, "kind": "abuse", "target": "某乙", "text": "骂人"})
    assert (attack.sender, attack.target, attack.text) == ("某甲", "某乙", "骂人")
    flood = services.report_case({**base, "kind": "flooding", "posts": 30, "minutes": 5})
    assert (flood.posts, flood.minutes) == (30, 5)
    with pytest.raises(Refused):
        services.report_case({"group": group, "kind": "abuse"})
    with pytest.raises(Refused):
        services.report_case({**base, "kind": "no such"})
    from plugins.groupchat.cases import counts

    assert counts(group)["chat"] == 1


@pytest.mark.rule("s1-14-r14")
@pytest.mark.rule("s1-14-r15")
@pytest.mark.rule("s1-15-r05")
@pytest.mark.rule("s1-23-r05")
@pytest.mark.rule("s1-23-r06")
@pytest.mark.rule("s1-12-r10")
@pytest.mark.rule("s1-12-r11")
@pytest.mark.rule("s1-01-r07")
def test_what_follows_a_case(school: School, set_policy: Callable[..., None]) -> None:
    owned = {"institution": school.institution}
    for kind, sanction in (("inciting", "removal"), ("disrespect", "warning"), ("groundless", "removal")):
        records.create(SanctionRule, **owned, kind=kind, sanction=sanction)
    zhang = school.person("张三")
    group = school.open(name="市场部群", kind="department", unit=school.unit("市场部"))
    take(school, group, "张三")
    inciting = services.report_case({"group": group, "kind": "inciting", "sender": "张三", "person": zhang})
    assert services.sanctions_for(inciting) == [Sanction.REMOVAL]
    with pytest.raises(Refused, match="not offered"):
        services.confirm_case(inciting, Sanction.WARNING)
    services.confirm_case(inciting, Sanction.REMOVAL, serious=True)
    member = Member.get(Member.nickname == "张三")
    assert (member.state, member.left_on) == ("gone", today())
    assert str(inciting.id) in member.reason
    with pytest.raises(Refused, match="decided already"):
        services.dismiss_case(inciting, "重复")
    rude = services.report_case({"group": group, "kind": "disrespect", "sender": "李四"})
    assert services.sanctions_for(rude) == [Sanction.WARNING]
    free = services.report_case({"group": group, "kind": "abuse", "sender": "李四"})
    offered = services.sanctions_for(free)
    assert {Sanction.WARNING, Sanction.FINE, Sanction.TERMINATION} <= set(offered)
    with pytest.raises(Refused):
        services.close_case(free)
    services.confirm_case(free, Sanction.FINE)
    with pytest.raises(Refused, match="Stopped、Criticised"):
        services.close_case(free)
    services.take_steps(free, ["stopped_at", "criticised_at", "deleted_at", "corrected_at"])
    set_policy(school.institution, report_required=True)
    with pytest.raises(Refused, match="superior"):
        services.close_case(free)
    services.take_steps(free, [], "王校长")
    services.close_case(free)
    stored = Case.get_by_id(free.id)
    assert stored.state == "closed"
    assert stored.stopped_at
    assert stored.reported_to == "王校长"
    assert services.report_case({"group": group, "kind": "chat", "sender": "x"}).state == "open"
    lines = by_unit(school.institution, today().replace(day=1))
    assert [(str(line.unit), line.total) for line in lines] == [("市场部", 2)]


# ── notices ────────────────────────────────────────────────────────────────────────────────────


def prepare(group: Group, **values: Any) -> Notice:
    return services.prepare({"group": group, "kind": "release", "subject": "会议", "text": "周五开会。", **values})


@pytest.mark.rule("s1-23-r01")
@pytest.mark.rule("s1-23-r09")
@pytest.mark.rule("s1-23-r14")
@pytest.mark.rule("s1-23-r15")
@pytest.mark.rule("s1-23-r17")
@pytest.mark.rule("s1-14-r05")
@pytest.mark.rule("s1-14-r10")
@pytest.mark.rule("s1-23-r21")
def test_composing(school: School, set_policy: Callable[..., None]) -> None:
    wording = "我已知晓，马上照办（坚决执行）！"
    set_policy(school.institution, receipt_wording=wording, max_length=200)
    group, classes = school.open(), school.open("班级群", "class", unit=school.unit("初一", "class"))
    plain = prepare(group)
    assert services.compose(plain) == "周五开会。\n此条信息不必回复！"
    asked = prepare(group, needs_receipt=True, text=f"周五开会。\n\n收到请回复：{wording}\n")
    assert services.compose(asked) == f"周五开会。\n收到请回复：{wording}"
    services.send(plain)
    assert Receipt.select().count() == 0
    with pytest.raises(Refused, match="one of"):
        prepare(group, kind="homework")
    with pytest.raises(Refused, match="one of"):
        prepare(classes, kind="release")
    assert prepare(classes, kind="homework").kind == NoticeKind.HOMEWORK
    with pytest.raises(Refused, match="Use a link"):
        prepare(group, text="长" * 201)
    assert prepare(group, text="长" * 200)
    assert prepare(group, text="长" * 201, link="https://example.com/a")
    with pytest.raises(Refused, match="Paper only"):
        prepare(group, paper=True)
    assert prepare(group, paper=True, paper_reason="存档").paper
    school.quiet(("00:00", "06:30"), ("12:40", "14:20"), ("23:00", "24:00"))
    for minute, fits in ((389, 0), (390, 1), (759, 1), (760, 0), (859, 0), (861, 1), (1381, 0)):
        at = datetime(2026, 3, 1, 16, tzinfo=UTC) + timedelta(minutes=minute)
        if fits:
            assert prepare(group, planned_at=at)
        else:
            with pytest.raises(Refused, match="quiet hours"):
                prepare(group, planned_at=at)
    records.update(school.group or group, kind="staff")
    school.quiet(("23:30", "07:30"), days="all")
    for clock, fits in (("23:29", 1), ("23:30", 0), ("07:29", 0), ("07:30", 1)):
        at = datetime.fromisoformat(f"2026-03-07T{clock}+08:00")  # a Saturday
        if fits:
            assert prepare(group, planned_at=at)
        else:
            with pytest.raises(Refused, match="quiet hours"):
                prepare(group, planned_at=at)


@pytest.mark.rule("s1-23-r16")
@pytest.mark.rule("s1-23-r18")
@pytest.mark.rule("s1-23-r19")
@pytest.mark.rule("s1-12-r07")
@pytest.mark.rule("s1-23-r22")
def test_receipts_reminder_and_explanation(
    school: School, clock: Callable[[str], None], set_policy: Callable[..., None]
) -> None:
    set_policy(school.institution, receipt_wording="我已知晓，马上照办")
    clock("2026-03-02T12:00")
    people = [school.person(name, phone="1390000") for name in ("冯老师", "陈老师", "褚老师", "卫老师")]
    group = school.open()
    take(school, group, *(person.name for person in people))
    notice = prepare(group, needs_receipt=True, complete_by=datetime(2026, 3, 2, 10, 0, tzinfo=UTC), author=people[3])
    keys = dict(services.send(notice))
    assert set(keys) == set(people[:3])  # the sender answers nobody
    by_name = {r.person.name: r for r in Receipt.select()}
    services.answer(by_name["冯老师"], "好的")
    assert not Receipt.get_by_id(by_name["冯老师"].id).fits  # wording differs
    services.answer_by_link(services.by_key(keys[people[1]]))
    with pytest.raises(NotFound):
        services.by_key("x" * 24)
    assert services.reminder(notice) == ""  # not yet
    clock("2026-03-02T18:00")
    text = services.reminder(notice)
    assert "冯老师" in text
    assert "褚老师" in text
    assert "陈老师" not in text
    clock("2026-03-02T18:05")
    assert services.remind(notice) == text
    late = [r for r in Receipt.select() if services.explanation_due(r)]
    assert {(r.person.name, str(services.explanation_due(r))) for r in late} == {
        ("冯老师", "2026-03-03"),
        ("褚老师", "2026-03-03"),
    }
    assert {(o.person.name, str(o.due_on)) for o in due("explanation")} == {
        ("冯老师", "2026-03-03"),
        ("褚老师", "2026-03-03"),
    }
    from plugins.groupchat.notices import overdue

    assert len(overdue(late, datetime(2026, 3, 4).date())) == 2
    services.explain(late[0], "开会没看到")
    record = "—— 2026-03-02 ——\n\n褚老师  19:00\n\n我已知晓，马上照办！\n"
    read(group, record.encode())
    assert Receipt.get(Receipt.person == people[2]).fits
    assert due("explanation") == []
    school.quiet(("12:40", "14:20"), days="all")
    clock("2026-03-03T13:00")
    urgent = prepare(group, urgent=True, subject="紧急")
    services.send(urgent)
    assert Notice.get_by_id(urgent.id).state == "calls"
    assert [p.phone for p in services.to_call(urgent)] == ["1390000"] * 4
    with pytest.raises(Refused, match="quiet hours"):
        services.send(prepare(group, subject="不急"))


# ── problems, bulletins, duty ──────────────────────────────────────────────────────────────────


@pytest.mark.rule("s1-23-r25")
@pytest.mark.rule("s1-23-r26")
def test_named_problems(school: School, clock: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    clock("2026-03-02T09:00")
    feng, inspector = school.person("冯老师"), school.person("督导")
    group = school.open()
    limit = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    base = {"group": group, "person": feng, "inspector": inspector, "fact": "走廊未扫", "due_at": limit}
    problem = services.name_problem({**base, "named_at": NOON})
    (task,) = due("acknowledge")
    assert (task.person, task.details["wording"]) == (feng, "存在问题我已清楚，将立即整改！")
    services.acknowledge(problem, NOON)
    assert due("acknowledge") == []
    with pytest.raises(Refused, match="words or with a picture"):
        services.correct(problem)
    with pytest.raises(Refused, match="before the time"):
        services.summon(problem)
    clock("2026-03-05T17:01")
    monkeypatch.setattr(jobs, "utcnow", rectification.utcnow)
    run = Run(institution=school.institution)
    assert jobs.watch(run) == {"overdue": 1}
    (summons,) = due("summons")
    assert summons.person == inspector
    assert "校长室" in summons.subject_text
    services.summon(problem, "已说明")
    services.correct(problem, "已打扫")
    assert due("summons") == due("correct") == []


@pytest.mark.rule("s1-23-r24")
def test_bulletins(school: School, set_policy: Callable[..., None]) -> None:
    group = school.open()
    bulletin = records.create(Bulletin, institution=school.institution, group=group, subject="卫生检查")
    with pytest.raises(Refused, match="no line"):
        services.publish(bulletin)
    base = {"institution": school.institution, "bulletin": bulletin, "fact": "整洁"}
    people = [school.person(name) for name in ("甲", "乙", "丙", "丁")]
    rows = [
        services.add_result({**base, "person": p, "score": s}) for p, s in zip(people, (90, 95, 90, None), strict=True)
    ]
    with pytest.raises(Refused, match="Line 4"):
        services.publish(bulletin)
    records.update(rows[3], score=80.5)
    services.publish(bulletin)
    placed = [(rank, row.person.name) for rank, row in rectification.ranked(Result.select())]
    assert placed == [(1, "乙"), (2, "丙"), (2, "甲"), (4, "丁")]
    assert rectification.text_of(bulletin).splitlines()[1] == "No. 1 乙, score 95: 整洁"
    likes = records.create(Bulletin, institution=school.institution, group=group, subject="点赞", measure="likes")
    allowed, why = rectification.may_rank(likes)
    assert not allowed
    assert "指尖上的形式主义" in why
    set_policy(school.institution, rank_by_likes=True)
    assert rectification.may_rank(likes)[0]


@pytest.mark.rule("s1-23-r23")
def test_duty(school: School) -> None:
    feng = school.person("冯老师")
    base = {"institution": school.institution, "unit": school.root, "person": feng}
    day = records.create(DutyDay, **base, on=today() - timedelta(days=1))
    assert [(o.person, o.due_on) for o in due("duty")] == [(feng, day.on)]
    with pytest.raises(Refused):
        services.record_duty(day, " ")
    services.record_duty(day, "无异常")
    assert due("duty") == []


def test_words_from_a_file(school: School) -> None:
    made = records.create(WordList, institution=school.institution, name="敏感", kind="rumour")
    text = "谣言一\n 谣言二 \n\n谣言一\n"
    assert services.add_words(made, text.encode("gb18030")) == 2
    assert services.add_words(made, text.encode()) == 0
    with pytest.raises(Refused):
        services.add_words(made, b"\n \n")
    assert Word.select().where(Word.list == made).count() == 2


def test_law_above_policy(school: School) -> None:
    """A school that demands answers at once is shown the national rule, and gives its reason."""
    from panel.checks import policy
    from plugins.groupchat.policy import GroupPolicy

    for name in ("instant_replies", "sign_ins", "rank_by_likes"):
        with pytest.raises(Refused, match="national rule"):
            policy.change(GroupPolicy, school.institution, today(), {name: True})
    policy.change(GroupPolicy, school.institution, today(), {"instant_replies": True}, reason="校内规定")


# ── WeCom ──────────────────────────────────────────────────────────────────────────────────────


class Fake(BaseHTTPRequestHandler):
    """Speaks the documented format: gettoken by GET, the two calls by POST, errcode in every answer."""

    answers: ClassVar[list[dict[str, Any]]] = []  # given before all others
    calls: ClassVar[list[str]] = []
    tokens: ClassVar[int] = 0

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if asked.get("corpsecret") != ["s3cret&"]:
            return self._give({"errcode": 40001, "errmsg": "invalid credential"})
        type(self).tokens += 1
        return self._give({"errcode": 0, "errmsg": "ok", "access_token": f"t{self.tokens}", "expires_in": 7200})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = urlsplit(self.path)
        self.calls.append(path.path)
        if self.answers:
            return self._give(self.answers.pop(0))
        if parse_qs(path.query)["access_token"] != [f"t{self.tokens}"]:
            return self._give({"errcode": 40014, "errmsg": "invalid access_token"})
        if path.path.endswith("/list"):
            assert body["limit"] == 1000
            first = not body["cursor"]
            row = {"chat_id": "wrA" if first else "wrB", "status": 0 if first else 1}
            more = {"next_cursor": "c2"} if first else {}
            return self._give({"errcode": 0, "errmsg": "ok", "group_chat_list": [row], **more})
        members = [{"userid": "zhang", "type": 1, "name": "张三"}, {"userid": "wmX", "type": 2, "name": "客户"}]
        chat = {"chat_id": body["chat_id"], "name": "客户群", "owner": "zhang", "member_list": members}
        return self._give({"errcode": 0, "errmsg": "ok", "group_chat": chat})

    def _give(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_given: Any) -> None:
        pass


@contextmanager
def wecom() -> Iterator[str]:
    Fake.answers, Fake.calls, Fake.tokens = [], [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.one_database
def test_customer_groups(app: Flask, school: School) -> None:
    runtime = app.extensions["zhangyin"]
    before, runtime.settings = runtime.settings, replace(runtime.settings, local_targets=True)
    zhang = school.person("张三")
    services.learn(school.institution, "zhang", zhang)
    with wecom() as base:
        link = records.create(
            WecomLink,
            institution=school.institution,
            corporation="ww1",
            base=base,
            unit=school.root,
        )
        vault.put(link, "secret", "s3cret&")
        assert services.read_wecom(school.institution) == {"groups": 2}
        groups = {g.external_id: g for g in Group.select()}
        assert groups["wrA"].owner == zhang
        assert not groups["wrA"].owner_left
        assert groups["wrB"].owner_left
        assert groups["wrB"].kind == "customer"
        assert {m.nickname for m in Member.select().where(Member.group == groups["wrA"])} == {"张三", "客户"}
        count = Member.select().count()
        Fake.tokens += 1  # the token of before is no longer valid: it is fetched anew, once
        assert services.read_wecom(school.institution) == {"groups": 2}
        assert Member.select().count() == count
        Fake.answers = [{"errcode": 81017, "errmsg": "too many"}]
        with pytest.raises(WecomError, match="narrow its range"):
            services.read_wecom(school.institution)
        Fake.answers = [{"errcode": 42001, "errmsg": "expired"}] * 2
        with pytest.raises(WecomError, match="42001"):
            list(Client(base, "ww1", "s3cret&").groups())
        with pytest.raises(WecomError, match="secret is wrong"):
            list(Client(base, "ww1", "wrong").groups())
        records.update(link, active=False)
        assert services.read_wecom(school.institution) == {}
    with pytest.raises(WecomError):
        list(Client(base, "ww1", "s3cret&").groups())
    runtime.settings = before
