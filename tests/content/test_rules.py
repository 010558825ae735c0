"""The rules of content by their ids: what must be stated, what is held, what a reviewer bars, how often is released."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from PIL import Image

from panel import audit, records
from panel.access.identity import acting_as
from panel.checks.models import Finding
from panel.checks.registry import checks
from panel.checks.saving import Unconfirmed, recording
from panel.checks.sweep import sweep
from panel.errors import NotAllowed, NotFound, Refused
from panel.obligations.kinds import Evidence
from panel.obligations.models import Obligation
from panel.obligations.services import complete
from panel.org.models import Person
from plugins.accounts import services as accounts
from plugins.accounts.models import Account
from plugins.content import archive, media, services, statistics, texts
from plugins.content.choices import HitState, Part
from plugins.content.finding import id_card_holds, numbers_in
from plugins.content.models import Attachment, Forwarding, Hit, PlanItem, Release, StagePlan, Submission, Target
from plugins.content.policy import Column, ContentPolicy, ContentWord, Hours, Medium, ReviewItem, Rhythm, Topic
from plugins.content.submissions import Contributor
from tests.content.conftest import CHINA, TEXT, TODAY, Desk, days_ago, flv, jpeg, mp4


def refused(desk: Desk, match: str, **values: Any) -> None:
    """A piece with these values cannot be handed in."""
    row = desk.write(**values)
    with desk.as_("erin"), pytest.raises(Refused, match=match):
        services.hand_in(row)
    assert Submission.get_by_id(row.id).state == "draft"


def asked(desk: Desk, match: str, **values: Any) -> Submission:
    """A piece with these values is asked about, and goes on once that is confirmed."""
    row = desk.write(**values)
    with desk.as_("erin"), pytest.raises(Unconfirmed, match=match):
        services.hand_in(row)
    with desk.as_("erin"), recording():
        services.hand_in(row)
    return row


# ── what a piece must state ────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s1-04-r06", "s2-08-r06", "s2-07-r03", "s2-01-r13", "s1-22-r09", "s0-02-r05", "s0-02-r04")
@pytest.mark.rule("s0-10-r01", "s0-05-r07", "s1-17-r08", "s2-04-r08", "s2-05-r08", "s2-06-r05", "s2-09-r07")
@pytest.mark.rule("s0-02-r02", "s0-02-r03", "s0-11-r05", "s1-10-r06")
def test_what_a_piece_must_state(desk: Desk) -> None:
    refused(desk, "title is missing", headline="")
    refused(desk, "no text", body="")
    refused(desk, "original, a reprint or forwarded", source=None)
    refused(desk, "No author", parts={})
    refused(desk, "unit of 何苗 is missing", parts={Part.AUTHOR: [Contributor(None, "何苗")]})
    refused(desk, "without saying whose", quotes=True)
    stated = {
        "column_required": ("column", "column is missing", desk.add(Column, name="学校新闻", owner=desk.person("bob"))),
        "topic_required": ("topic", "range of content is missing", desk.add(Topic, name="实时通知公告")),
        "theme_required": ("theme", "theme is missing", desk.add(Topic, kind="theme", name="班级特色")),
        "level_required": (
            "activity",
            "level of the activity is missing",
            desk.add(Topic, kind="level", name="教研组"),
        ),
        "speaker_required": ("speaker", "who speaks", "personal"),
        "vouching_required": ("vouched", "answer for the text", True),
        "proofreading_required": ("proofread", "proofread", True),
    }
    good: dict[str, Any] = {}
    for switch, (name, match, value) in stated.items():
        desk.lay_down(**{switch: True})
        refused(desk, match, **good)
        good[name] = value
    desk.lay_down(originals_only=True)
    taken = {"source": "reprint", "source_name": "网络", "consent": "written"}
    refused(desk, "Only original", **good, **taken)
    other = desk.add(Topic, name="领导批准的其他信息", needs_leader=True)
    refused(desk, "leader named", **{**good, "topic": other})
    row = desk.hand_in(desk.write(**{**good, "topic": other, "leader": desk.person("bob")}))
    assert (row.state, row.vouched) == ("review", True)


@pytest.mark.rule("s0-04-r05", "s0-05-r10", "s2-09-r12", "s4-01-r12")
def test_reprints_state_source_and_consent(desk: Desk) -> None:
    refused(desk, "does not say from whom", source="reprint", consent="written")
    refused(desk, "Neither consent nor licence", source="forwarded", source_name="人民日报")
    row = desk.write(source="reprint", source_name="人民日报")
    with desk.as_("erin"):
        services.change(row, None, {"consent": "official", "consent_note": "时事新闻"})
    assert desk.hand_in(row).state == "review"


@pytest.mark.rule("s2-09-r14", "s0-11-r04", "s0-11-r12", "s2-09-r13", "s1-17-r09", "s0-08-r04")
def test_length_pictures_and_the_column_of_another(desk: Desk) -> None:
    desk.lay_down(max_words=1200)
    refused(desk, "1201 characters, at most 1200", body="字" * 1201)
    assert desk.hand_in(desk.write(body="字，" * 1200)).words == 1200
    desk.lay_down(pictures_expected=True)
    row = asked(desk, "photo sets or video are expected", body="今天开会，" * 225)
    assert (row.words, row.photos, row.videos) == (900, 0, 0)
    obstetrics = desk.add(Column, name="在线孕校", unit=desk.world.office, owner=desk.person("dave"))
    desk.lay_down(pictures_expected=False)
    row = asked(desk, "belongs to 党委宣传部", column=obstetrics, body="骨科的门诊时间有调整，请大家留意。")
    assert "column_of_another" in desk.found(row)


# ── files, by what they are ────────────────────────────────────────────────────────────────────


@pytest.mark.one_database
@pytest.mark.rule("s2-09-r15", "s2-09-r16", "s1-08-r10")
@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (jpeg(), None),
        (jpeg(900, 600), r"JPEG 900\*500"),
        (jpeg(kind="PNG"), r"JPEG 900\*500"),
        (jpeg()[:600], "picture is broken"),
        (flv(20 * 2**20), None),
        (flv(20 * 2**20 + 1), "at most 20 MB"),
        (mp4(int(20.1 * 2**20)), "20.1"),
        (mp4(5 * 2**20, b"qt  "), "mp4、flv、f4v; this one is mov"),
        (mp4(9000, b"f4v "), None),
        (mp4()[:60], "broken"),
        (b"\0\0\0\x18ftypisom" + bytes(200), "no head|broken"),
        (b"MZ\x90\0" + bytes(200), "Programs"),
        (b"<html><script>", "Programs"),
    ],
    ids=["jpeg", "size", "png", "cut", "flv", "flv+1", "mp4+", "mov", "f4v", "mp4-cut", "empty-mp4", "exe", "html"],
)
def test_files_are_taken_by_content(data: bytes, wrong: str | None) -> None:
    policy = ContentPolicy(
        image_formats="JPEG", image_width=900, image_height=500, video_formats="mp4,flv,f4v", video_mb=20
    )
    if wrong is None:
        media.held_to(media.look(data), len(data), policy)
        return
    with pytest.raises(Refused, match=wrong):
        media.held_to(media.look(data), len(data), policy)


@pytest.mark.one_database
def test_a_film_is_read_from_itself() -> None:
    seen = media.look(mp4(seconds=75))
    assert (seen.format, seen.width, seen.height, seen.seconds) == ("mp4", 1280, 720, 75)
    assert media.look(mp4(handler=b"soun")).media == "audio"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("号码110101199003070004。", []),  # the check digit is wrong
        ("身份证 110101199003070353", {"110101199003070353"}),
        ("联系：138 0000 0000", {"13800000000"}),
        ("全角１３８００００００００", {"13800000000"}),
        ("订单 20138000000001", []),
        ("12800000000", []),
    ],
)
def test_numbers_of_people(text: str, found: Any) -> None:
    if "110101199003070353" in text:
        assert id_card_holds("110101199003070353")
    assert {f.text for f in numbers_in(text)} >= set(found) if found else not numbers_in(text)


# ── what is held until somebody decides ────────────────────────────────────────────────────────


@pytest.mark.rule("s0-04-r04", "s1-01-r03", "s1-05-r07", "s1-08-r09", "s1-16-r06", "s2-04-r12", "s2-02-r10")
@pytest.mark.rule("s4-01-r17", "s0-01-r06", "s1-19-r08")
def test_what_is_found_is_held_until_decided(desk: Desk) -> None:
    desk.add(ContentWord, word="赌球", category="赌博")
    desk.add(ContentWord, word="震惊", category="标题党", place="title")
    exif = Image.Exif()
    exif[0x010E] = "拍摄者电话 13912345678"
    exif.get_ifd(0x8825)[1] = "N"
    row = desk.write(
        headline="震惊！开放日", body=TEXT + "他并不震惊。严禁赌球。电话13800000000，证件110101199003070353。"
    )
    with desk.as_("erin"):
        services.attach(row, "现场.jpg", jpeg(exif=exif))
        services.attach(row, "网图.png", jpeg(90, 50, "PNG"), origin="network")
        services.attach(row, "歌.mp3", b"ID3" + bytes(99), origin="network")
    row = desk.hand_in(row)
    hits = {(h.kind, h.text): h for h in Hit.select()}
    assert set(hits) == {
        ("word", "赌球"),
        ("word", "震惊"),
        ("phone", "13800000000"),
        ("phone", "13912345678"),
        ("id_card", "110101199003070353"),
        ("position", "现场.jpg"),
        ("rights", "网图.png"),
        ("rights", "歌.mp3"),
    }
    assert hits["word", "赌球"].category == "赌博"
    assert "held" in desk.found(row)
    finding = Finding.get(Finding.code == "content.held", Finding.closed_at.is_null())
    assert "赌球" in checks["content.held"].worded(finding.values)
    for hit in hits.values():
        with pytest.raises(Refused, match="Nobody has decided"):
            desk.sign(row)
        with desk.as_("carol"):
            services.decide_hit(hit, HitState.CLEARED, "已核实")
    assert desk.sign(row).state == "approved"
    assert not desk.found(row)


BARRED = [
    *[
        ("涉密", "bar"),
        ("色情、暴力、赌博", "bar"),
        ("谣言", "bar"),
        ("低俗", "bar"),
        ("商业秘密", "bar"),
        ("抄袭", "bar"),
    ],
    *[
        ("政治敏感", "bar"),
        ("煽动性", "bar"),
        ("黄赌毒", "bar"),
        ("未经核实", "bar"),
        ("虚假广告", "bar"),
        ("邪教迷信", "bar"),
    ],
    *[("内容合法", "confirm"), ("真实准确", "confirm"), ("与工作相关", "confirm"), ("不含秘密和隐私", "confirm")],
    *[
        ("符合道德", "confirm"),
        ("不损害公司形象", "confirm"),
        ("无个人情绪化观点", "confirm"),
        ("不侵犯著作权", "confirm"),
    ],
]


@pytest.mark.rule("s0-01-r05", "s0-01-r07", "s0-03-r06", "s0-04-r03", "s0-06-r06", "s0-10-r05", "s0-11-r09")
@pytest.mark.rule("s1-01-r02", "s1-03-r05", "s1-04-r04", "s1-06-r12", "s1-08-r05", "s1-09-r06", "s1-09-r08")
@pytest.mark.rule("s1-10-r05", "s1-13-r05", "s1-16-r02", "s1-19-r07", "s1-22-r03", "s2-01-r10", "s2-01-r11")
@pytest.mark.rule("s2-03-r11", "s2-04-r03", "s2-05-r04", "s2-06-r13", "s2-08-r04", "s2-09-r19", "s3-01-r11")
@pytest.mark.rule("s3-01-r12", "s3-03-r10", "s4-01-r13", "s2-06-r06")
def test_a_reviewer_bars_what_the_checklist_names(desk: Desk) -> None:
    row = desk.hand_in(desk.write())
    for name, kind in BARRED:
        item = desk.add(ReviewItem, name=name, kind=kind)
        with desk.as_("carol"):
            services.answer(row, {item.id} if kind == "bar" else set())
        with pytest.raises(Refused, match=name):
            desk.sign(row)
        stored = next(given for one, given in services.checklist(row) if one.id == item.id)
        assert stored.yes == (kind == "bar")
        records.update(item, active=False)
    with pytest.raises(Refused, match="Only an approved piece"):
        desk.release(Submission.get_by_id(row.id))
    row = desk.sign(row, verdict="return", opinion="违规，退回")
    assert (row.state, row.unit.id) == ("returned", desk.world.lab.id)


@pytest.mark.rule("s2-02-r15", "s1-10-r03", "s2-07-r08", "s3-02-r03", "s1-10-r02")
def test_no_review_is_skipped_and_no_editor_approves(desk: Desk) -> None:
    desk.lay_down(editor_may_release=False)
    row = desk.hand_in(desk.write(class_="sensitive"))
    with pytest.raises(Refused, match="Only an approved piece"):
        desk.release(row)
    with pytest.raises((NotFound, NotAllowed)):
        desk.sign(row, "erin")
    row = desk.sign(row)
    with desk.as_("erin"), pytest.raises(NotAllowed, match="the office releases"):
        services.release(row, desk.account)
    listed = Submission.select().where(Submission.state == "approved", Submission.unit == desk.world.lab)
    assert [r.id for r in listed] == [row.id]


# ── releases ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s0-05-r05", "s0-11-r03", "s1-18-r03", "s2-03-r13", "s1-21-r17", "s1-23-r33", "s1-23-r34")
@pytest.mark.rule("s2-06-r03", "s2-01-r15", "s3-03-r12", "s2-09-r09")
def test_the_register_names_who_answers_and_what_became_of_it(desk: Desk, tmp_path: Any) -> None:
    topics = [desk.add(Topic, name=name) for name in ("教学", "科研")]
    row = desk.approved(topic=topics[0], body=TEXT + "\n\n- 第一项\n- 第二项")
    targets = Target.select().where(Target.submission == row)
    assert [t.account.id for t in targets] == [desk.account.id]
    assert Obligation.get(Obligation.kind == "content.upload").state == "open"
    made = desk.release(row, by="carol", link="https://example.com/1")
    with desk.as_("carol"):
        services.count_reads(made, TODAY, 800)
    made, row = Release.get_by_id(made.id), Submission.get_by_id(row.id)
    assert made.by.name == "Carol"
    assert row.submitter.username == "erin"
    assert services.reads_by([made.id], TODAY) == {made.id: 800}

    with acting_as(desk.world.identity("alice")), audit.acting("web", user=desk.world.user("alice")):
        packed = archive.packed(Submission.select(), TODAY.year, desk.world.uni)
        figures = statistics.figures(Submission.select(), TODAY.replace(day=1), desk.world.uni)
    with zipfile.ZipFile(packed) as parts:
        names = parts.namelist()
        sheet = load_workbook(io.BytesIO(parts.read(next(n for n in names if n.endswith(".xlsx"))))).active
        line = [cell.value for cell in list(sheet.iter_rows())[1]]
        word = Document(io.BytesIO(parts.read(next(n for n in names if n.endswith(".docx")))))
        text = "\n".join(p.text for p in word.paragraphs)
        cells = "\n".join(c.text for table in word.tables for line in table.rows for c in line.cells)
    assert line[:5] == [1, "实验室开放日", "何苗", "物理实验室", TODAY.isoformat()]
    assert line[6] == "Carol"
    assert "近三百名师生" in text
    assert "第二项" in text
    assert "何苗" in cells  # who handed it in, and who signed, are in the file with the text as it was approved
    assert "Carol" in cells + text
    with desk.as_("erin"), pytest.raises(Refused):
        services.change(row, None, {"body": "另一篇"})
    assert row.frozen == row.print
    assert [(r.name, r.released) for r in figures["topics"]] == [("教学", 1), ("科研", 0)]
    assert [(r.name, r.handed_in) for r in figures["units"]] == [("物理实验室", 1)]


@pytest.mark.rule("s0-10-r07", "s3-03-r09", "s2-07-r14", "s2-09-r17")
def test_follow_ups_reposts_and_mass_sends(desk: Desk) -> None:
    desk.lay_down(test_required=True, mass_day_most=1)
    for name in ("官网", "校园电视台"):
        desk.add(Medium, name=name, joint=True)
    row = desk.approved(joint=True)
    with pytest.raises(Refused, match="Send a test first"):
        desk.release(row, mass=True)
    desk.release(row, mass=True, tested=True, link="https://example.com/2")
    assert Target.select().where(Target.task == "link").count() == 2
    units = []
    with acting_as(desk.world.identity("alice")):
        for n in range(3):
            given = {
                "platform": desk.account.platform,
                "unit": desk.world.faculty,
                "status": "active",
                "responsible": desk.person("bob"),
            }
            units.append(accounts.register_account({"name": f"院系{n}", "identifier": f"u{n}", **given}))
        assert services.ask_repost(row, units, TODAY + timedelta(3)) == 3
    desk.release(row, units[0], link="https://example.com/3")
    waiting = Target.select().where(Target.task == "repost", Target.release.is_null())
    assert {t.account.name for t in waiting} == {"院系1", "院系2"}
    plan = {
        "institution": desk.world.uni,
        "unit": desk.world.lab,
        "account": desk.account,
        "mass": True,
        "name": "群发",
    }
    with desk.as_("alice"):
        with pytest.raises(Refused, match="used up"):
            services.propose({**plan, "planned_on": TODAY})
        assert services.propose({**plan, "planned_on": TODAY + timedelta(1)}).state == "proposed"


# ── how often, and when ────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s2-04-r05", "s2-04-r06", "s0-08-r06", "s4-01-r19")
def test_crowded_days_and_hours(desk: Desk) -> None:
    desk.lay_down(day_most=2)
    monday = TODAY + timedelta(7 - TODAY.weekday())
    at = datetime(monday.year, monday.month, monday.day, 18, 30, tzinfo=CHINA)
    for n in range(2):
        desk.hand_in(desk.write(headline=f"第{n}篇", body=f"第{n}件事情已经办完了，感谢大家。", planned_at=at))
    asked(desk, "the limit is 2", headline="第三篇", body="还有一件与众不同的事。", planned_at=at)
    desk.lay_down(day_most=None)
    desk.add(Hours, name="上课", begins="08:00", ends="11:40", weekdays="12345")
    asked(
        desk,
        "next time that fits is 11:40",
        body="上午的通知，请各位同学查收。",
        planned_at=at.replace(hour=9, minute=15),
    )
    records.update(Hours.get(), quiet=False, strict=True, begins="18:00", ends="21:00")
    refused(desk, "Planned for 03:00", body="深夜的通知，请各位同学查收。", planned_at=at.replace(hour=3, minute=0))
    night = at.replace(hour=22, minute=40)
    row = desk.hand_in(desk.write(class_="news", headline="要闻", body="重大新闻不等时段。", planned_at=night))
    assert row.state == "review"


@pytest.mark.rule("s0-05-r06", "s2-01-r12", "s3-01-r14", "s2-03-r14", "s3-02-r02", "s2-05-r07", "s4-01-r16")
@pytest.mark.rule("s3-04-r08", "s1-18-r12")
def test_rhythms_of_accounts(desk: Desk) -> None:
    piece, rhythm = desk.approved(), desk.add(Rhythm, account=desk.account, silent_days=14)
    monday = TODAY - timedelta(TODAY.weekday())

    def found(published: int) -> dict[str, str]:
        with recording():
            records.update(desk.account, published_on=days_ago(published))
        assert sweep(desk.world.uni, day=TODAY).broken == []
        rows = Finding.select().where(Finding.subject_id == desk.account.id, Finding.closed_at.is_null())
        return {f.code: checks[f.code].worded(f.values) for f in rows if f.code.startswith("content.")}

    assert found(9) == {}
    assert "10 days; 14 are allowed" in found(10)["content.nearly_silent"]
    assert "20 days; 14 are allowed here" in found(20)["content.silent"]
    records.update(rhythm, silent_days=None, week_least=3, week_most=None, daily=True, month_least=1)
    with recording():
        out = records.create(
            Release,
            institution=desk.world.uni,
            submission=piece,
            account=desk.account,
            released_on=monday - timedelta(3),
        )
    late = found(1)
    assert "1 releases last week, at least 3 are due: 2 short" in late["content.too_few_a_week"]
    assert ("content.day_missed" in late) == (TODAY - timedelta(1) != out.released_on)
    first = TODAY.replace(day=1)
    assert ("content.too_few_a_month" in late) == (
        out.released_on >= first or out.released_on.month != (first - timedelta(1)).month
    )
    records.update(rhythm, week_least=2, week_most=4, daily=False, month_least=None)
    with recording():
        for n in range(6):
            medium = desk.add(Medium, name=f"m{n}")
            assert medium.id
            other = desk.write(headline=f"稿{n}", body=f"第{n}件完全无关的事。")
            records.create(
                Release,
                institution=desk.world.uni,
                submission=other,
                account=desk.account,
                released_on=monday - timedelta(2),
            )
    assert "7 releases last week, at most 4" in found(1)["content.too_many_a_week"]


@pytest.mark.rule(
    "s0-08-r07", "s1-03-r09", "s1-21-r06", "s2-07-r07", "s2-07-r06", "s1-03-r08", "s1-07-r03", "s0-08-r01"
)
def test_columns_and_subjects_grow_stale(desk: Desk) -> None:
    owner = {"owner": desk.person("dave"), "fresh_days": 30}
    column, still = desk.add(Column, name="门诊电话", **owner), desk.add(Column, name="走进校园", still=True, **owner)
    orphan, topic = desk.add(Column, name="关工委"), desk.add(Topic, name="妇女权益", fresh_days=14)
    assert desk.found(orphan) == {"column_without_owner"}
    with desk.as_("alice"):
        with pytest.raises(Refused, match="still to come"):
            services.confirm_column(column, TODAY + timedelta(1))
        services.confirm_column(column, days_ago(29))
        services.confirm_column(still, days_ago(60))
    sweep(desk.world.uni, day=TODAY)
    assert desk.found(column) == desk.found(still) == desk.found(topic) == set()
    later = TODAY + timedelta(20)
    sweep(desk.world.uni, day=later)
    assert desk.found(column) == {"column_stale"}
    assert desk.found(still) == set()
    assert desk.found(topic) == {"topic_stale"}
    with desk.as_("alice"):
        services.confirm_column(column, TODAY)
    assert (column.confirmed_on, desk.found(column)) == (TODAY, set())


# ── the plan ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s2-09-r03", "s4-01-r07", "s2-05-r02", "s2-06-r02", "s0-10-r02")
def test_the_plan_and_who_supplies_it(desk: Desk) -> None:
    column = desk.add(Column, name="教师风采", owner=desk.person("erin"))
    given = {"institution": desk.world.uni, "unit": desk.world.lab, "column": column, "owner": desk.person("erin")}
    with desk.as_("erin"):
        items = [
            services.propose({**given, "name": f"选题{n}", "planned_on": TODAY + timedelta(9), "due_on": TODAY})
            for n in range(2)
        ]
    with desk.as_("alice"):
        assert services.accept(items) == 2
        assert services.accept(items) == 0
    items = list(PlanItem.select().order_by(PlanItem.id))
    due = Obligation.get(Obligation.kind == "content.supply", Obligation.subject_id == items[0].id)
    assert (due.state, due.due_on, items[0].owner.name) == ("open", TODAY, "何苗")
    with desk.as_("erin"):
        services.reorder(column, [items[1], items[0]])
        foreign = desk.write(unit=desk.world.faculty)
        with pytest.raises(Refused, match="of another unit"):
            services.supply(items[0], foreign)
        services.supply(items[0], desk.write(headline="供稿", body="应约供稿，请编辑审阅。"))
    assert PlanItem.get_by_id(items[1].id).position < PlanItem.get_by_id(items[0].id).position
    assert Obligation.get_by_id(due.id).state == "done"
    records.update(column, owner=desk.person("dave"))
    with desk.as_("erin"), pytest.raises(NotAllowed, match="Only the owner"):
        services.reorder(Column.get_by_id(column.id), items)


# ── texts ──────────────────────────────────────────────────────────────────────────────────────


def test_a_word_file_becomes_clean_text_with_its_pictures(desk: Desk, tmp_path: Any) -> None:
    made = Document()
    made.add_heading("从 Word 来", 1)
    made.add_paragraph("第一段 <script>alert(1)</script>")
    made.add_paragraph("要点", style="List Bullet")
    made.add_picture(io.BytesIO(jpeg(90, 50)))
    out = io.BytesIO()
    made.save(out)
    row = desk.write(headline="", body="")
    with desk.as_("erin"):
        assert services.import_text(row, "稿.docx", out.getvalue()) == 1
        assert "script>alert" in row.body
        assert "<script" not in str(texts.html(row.body))
        assert (row.headline, Attachment.get().format) == ("从 Word 来", "JPEG")
        for name, data in (("a.docx", b"PK\x03\x04junk"), ("b.txt", b"\0\1\2"), ("c.md", b"")):
            with pytest.raises(Refused):
                services.import_text(row, name, data)


@pytest.mark.one_database
@pytest.mark.rule("s2-09-r16")
def test_a_film_of_the_size_that_is_allowed_arrives(desk: Desk, client_of: Any) -> None:
    """The panel takes the largest file a policy allows, with the form around it, and refuses the next byte in words."""
    desk.lay_down(video_formats="flv", video_mb=20)
    row, alice = desk.write(), client_of(desk.world.users["alice"])
    at = f"/content/submission/act/?act=attach&id={row.id}"
    for size, status, kept in ((20 * 2**20, 302, 1), (20 * 2**20 + 1, 422, 1)):
        answer = alice.post(at, data={"file": (io.BytesIO(flv(size)), "开放日.flv")})
        assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
        assert Attachment.select().where(Attachment.submission == row).count() == kept
    assert "20 MB" in answer.get_data(as_text=True)


@pytest.mark.rule("s4-01-r09")
def test_a_quarter_without_a_plan_is_found(desk: Desk) -> None:
    root = desk.world.root_unit

    def missing(day: date) -> bool:
        sweep(desk.world.uni, day)
        return "no_stage_plan" in desk.found(root)

    april = date(2026, 4, 1)
    assert not missing(april), "not laid down"
    desk.lay_down(stage_plans=True)
    desk.add(StagePlan, name="第一季度", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), priorities="招生")
    assert not missing(date(2026, 3, 31))
    assert missing(april)
    desk.add(StagePlan, name="第二季度", starts_on=april, ends_on=date(2026, 6, 30), priorities="校庆")
    assert not missing(april)
    with pytest.raises(Refused, match="does not end before"):
        desk.add(StagePlan, name="倒置", starts_on=april, ends_on=date(2026, 3, 31), priorities="x")


@pytest.mark.rule("s1-23-r32")
def test_the_staff_are_asked_to_forward_a_report(desk: Desk, client_of: Any) -> None:
    column = desk.add(Column, name="工作报道")
    desk.lay_down(forward_column="工作报道")
    staff = Person.select().where(Person.institution == desk.world.uni, Person.kind == "staff")
    for n in range(62 - staff.count()):
        desk.add(Person, unit=desk.world.lab, name=f"教师{n}", kind="staff")
    desk.add(Person, unit=desk.world.lab, name="学生", kind="student")
    desk.add(Person, unit=desk.world.lab, name="前教师", kind="staff", in_service_until=days_ago(1))
    desk.release(desk.approved(headline="普通稿件"))
    assert not Forwarding.select().exists(), "a piece of another column asks nobody"
    row = desk.approved(headline="教研活动报道", column=column)
    desk.release(row)
    owed = Obligation.select().where(Obligation.kind == "content.forward", Obligation.state == "open")
    assert Forwarding.select().where(Forwarding.submission == row).count() == owed.count() == 62
    row = Submission.get_by_id(row.id)
    assert services.ask_staff(row, TODAY) == 0, "nobody is asked twice"
    mine = owed.where(Obligation.person == desk.person("dave")).get()
    with desk.as_("dave"):
        complete(mine, Evidence(TODAY))
    page = client_of(desk.world.user("alice")).get(f"/content/submission/details/?id={row.id}").text
    assert "1 / 62" in page
    assert "教师0" in page
    with desk.as_("alice"):
        services.withdraw(Release.get(Release.submission == row), "事实有误")
    assert owed.count() == 0, "what was taken down is not forwarded"
    assert Obligation.get_by_id(mine.id).state == "done"


@pytest.mark.rule("s1-05-r04")
def test_nothing_goes_out_on_an_account_that_is_not_verified(desk: Desk) -> None:
    desk.lay_down(verified_to_release=True)
    account = Account.get_by_id(desk.account.id)
    accounts.change_account(account, None, {"certified_until": None})
    given = {"institution": desk.world.uni, "unit": desk.world.lab, "name": "选题", "account": account}
    with desk.as_("alice"), pytest.raises(Refused, match="not verified"):
        services.propose({**given, "planned_on": TODAY + timedelta(3)})
    row = desk.approved()
    with pytest.raises(Refused, match="not verified") as refusal:
        desk.release(row, account)
    assert refusal.value.field == "account"
    accounts.change_account(Account.get_by_id(account.id), None, {"certified_until": TODAY + timedelta(5)})
    account = Account.get_by_id(account.id)
    with desk.as_("alice"):
        assert services.propose({**given, "account": account, "planned_on": TODAY + timedelta(3)}).id
        with pytest.raises(Refused, match="not verified"):  # it will have lapsed by then
            services.propose({**given, "account": account, "planned_on": TODAY + timedelta(6)})
    assert desk.release(row, account).released_on == TODAY
