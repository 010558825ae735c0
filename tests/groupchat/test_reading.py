"""Chat records in every form an office brings, and the rules over them; no database has a say."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.errors import Refused
from plugins.groupchat.choices import CaseKind, DayKind
from plugins.groupchat.evidence import moment
from plugins.groupchat.judging import Finder, Judge, QuietTimes, Rules, Window, WordSet, flat, minutes_of
from plugins.groupchat.reading import Post, Reader
from plugins.groupchat.receipts import Watch, asked_for, fits
from plugins.groupchat.rectification import ranks

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)


def read(tmp_path: Path, data: str | bytes, zone: ZoneInfo = ZONE) -> list[Post]:
    path = tmp_path / "chat"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(Reader(path, zone))


def said(posts: list[Post]) -> list[tuple[str, int, str, str]]:
    return [(str(p.day), p.minute, p.sender, p.text) for p in posts]


COPIED = """微信群"工作群"的聊天记录如下:

—————  2026-03-02  —————

张 三😀  06:29

第一行

第三行
会议时间 05:00

李四  12:40

[文件] 表.xlsx

"王五"邀请"赵六"加入了群聊

李四  12:41

"李四"撤回了一条消息

—————  2026-03-03  —————

张 三😀  00:01

最后一条，没有换行"""


def test_copied_text(tmp_path: Path) -> None:
    expected = [
        ("2026-03-02", 389, "张 三😀", "第一行\n\n第三行\n会议时间 05:00"),
        ("2026-03-02", 760, "李四", "[文件] 表.xlsx"),
        ("2026-03-02", 761, "李四", '"李四"撤回了一条消息'),
        ("2026-03-03", 1, "张 三😀", "最后一条，没有换行"),
    ]
    assert said(read(tmp_path, COPIED)) == expected
    assert said(read(tmp_path, COPIED.replace("\n", "\r\n").encode("gb18030", "replace"))) == [
        (day, minute, sender, text) for day, minute, sender, text in expected
    ]
    assert said(read(tmp_path, ("\ufeff" + COPIED).encode("utf-16"))) == expected
    kinds = [post.kind for post in read(tmp_path, COPIED)]
    assert kinds == ["text", "file", "system", "text"]


@pytest.mark.parametrize(
    "text",
    [
        "张三 2026/3/2 6:29:05\n早上好\n\n李四 2026/3/2 12:40:00\n收到\n",
        "2026-03-02 06:29:05 张三(10001234)\n早上好\n\n2026-03-02 12:40:00 李四<li@example.com>\n收到",
        "[2026-03-02 06:29:05] 张三: 早上好\n[2026-03-02 12:40] 李四：收到\n",
        "2026年3月2日 星期一\n\n张三  上午6:29\n\n早上好\n\n李四  下午12:40\n\n收到\n",
        "=== 2026.03.02 ===\n[06:29] 张三: 早上好\n[12:40] 李四: 收到\n",
        "时间,发送人,内容\n2026-03-02 06:29:05,张三,早上好\n2026/3/2 12:40,李四,收到\n",
        "日期\t时刻\t昵称\t消息\t类型\n2026-03-02\t06:29\t张三\t早上好\t文本\n2026-03-02\t12:40\t李四\t收到\t文本\n",
    ],
)
def test_other_forms(tmp_path: Path, text: str) -> None:
    wanted = [("2026-03-02", 389, "张三", "早上好"), ("2026-03-02", 760, "李四", "收到")]
    assert said(read(tmp_path, text)) == wanted
    assert said(read(tmp_path, text.encode("gb18030"))) == wanted


def test_wecom_archive(tmp_path: Path) -> None:
    at = int(datetime(2026, 3, 1, 22, 29, tzinfo=UTC).timestamp() * 1000)
    rows = [
        {"msgid": "1", "action": "send", "from": "zhang", "msgtime": at, "msgtype": "text", "text": {"content": "早"}},
        {"msgid": "2", "action": "send", "from": "li", "msgtime": at, "msgtype": "file", "file": {"filename": "表"}},
        {"msgid": "3", "action": "recall", "from": "li", "msgtime": at, "msgtype": "revoke", "revoke": {}},
        {"msgid": "4", "from": "li"},
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    for text in (lines, json.dumps(rows, ensure_ascii=False, indent=2), json.dumps(rows)):
        posts = read(tmp_path, text)
        assert [(p.minute, p.sender, p.kind) for p in posts] == [
            (389, "zhang", "text"),
            (389, "li", "file"),
            (389, "li", "system"),
        ]


def test_what_is_no_record(tmp_path: Path) -> None:
    assert read(tmp_path, "这里什么也没有\n只是一段文字") == []
    with pytest.raises(Refused):
        read(tmp_path, "a" * 2_500_000)
    assert read(tmp_path, b"\xff\xfe\x00" * 50) == []
    assert read(tmp_path, b'[{"a": ' + b"[" * 5000) == []


def test_ten_thousand_lines(tmp_path: Path) -> None:
    lines = ["—————  2026-03-02  —————", ""]
    for number in range(5000):
        lines += [f"成员{number % 40}  {6 + number // 400:02}:{number % 400 // 7:02}", "", f"第{number}条", ""]
    posts = read(tmp_path, "\n".join(lines))
    assert len(posts) == 5000
    assert posts[-1].text == "第4999条"


# ── quiet hours ────────────────────────────────────────────────────────────────────────────────

TIMES = st.integers(0, 1439)


@given(TIMES, st.integers(1, 1440), TIMES)
def test_windows_are_half_open(starts: int, ends: int, minute: int) -> None:
    if starts == ends:
        return
    window = Window(starts, ends)
    assert window.covers(starts)
    assert not window.covers(ends % 1440) or ends == 1440
    complement = Window(ends % 1440, starts) if ends % 1440 != starts else None
    if complement is not None:
        assert window.covers(minute) != complement.covers(minute)


@given(TIMES, TIMES, TIMES, TIMES)
def test_adjoining_windows_leave_no_gap(a: int, b: int, c: int, minute: int) -> None:
    first, middle, last = sorted((a, b, c))
    if len({a, b, c}) < 3:
        return
    both = QuietTimes([Window(first, middle), Window(middle, last)], lambda _day: True)
    one = QuietTimes([Window(first, last)], lambda _day: True)
    assert both.quiet(MONDAY, minute) == one.quiet(MONDAY, minute)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), TIMES)
def test_workdays_and_dates(day: date, minute: int) -> None:
    windows = [
        Window(1380, 390, DayKind.WORKDAYS),
        Window(600, 660, DayKind.RESTDAYS),
        Window(0, 1440, valid_from=date(2025, 5, 1), valid_until=date(2025, 5, 5)),
    ]
    times = QuietTimes(windows, lambda one: one.weekday() < 5)
    workday = day.weekday() < 5
    wanted = (minute >= 1380 or minute < 390) if workday else 600 <= minute < 660
    assert times.quiet(day, minute) == (wanted or date(2025, 5, 1) <= day <= date(2025, 5, 5))


def test_holidays_and_makeup_days() -> None:
    from chinese_calendar import is_workday

    times = QuietTimes([Window(760, 860, DayKind.WORKDAYS)], is_workday)
    assert times.quiet(date(2026, 2, 14), 760)  # a Saturday that is worked
    assert not times.quiet(date(2026, 10, 1), 760)


@given(st.datetimes(datetime(2026, 3, 28), datetime(2026, 4, 2)))
def test_daylight_saving(local: datetime) -> None:
    """A record shows the clock on the wall; its moment shows the same clock again, unless no clock ever did."""
    zone = ZoneInfo("Europe/Berlin")
    post = Post(local.date(), local.hour * 60 + local.minute, "x", "y")
    at = moment(post, zone)
    assert at is not None
    shown = at.astimezone(zone)
    if not (local.date() == date(2026, 3, 29) and local.hour == 2):
        assert (shown.date(), shown.hour * 60 + shown.minute) == (post.day, post.minute)


@pytest.mark.rule("s1-23-r21")
def test_named_times() -> None:
    windows = [Window(0, 390), Window(760, 860), Window(1380, 1440)]
    times = QuietTimes(windows, lambda _day: True)
    quiet = {clock: times.quiet(MONDAY, minutes_of(clock)) for clock in ("06:29", "12:40", "14:19", "23:01", "23:00")}
    assert all(quiet.values())
    assert not any(times.quiet(MONDAY, minutes_of(clock)) for clock in ("06:30", "12:39", "14:20", "14:21", "22:59"))


# ── words, flooding, length ────────────────────────────────────────────────────────────────────


def judge(rules: Rules, posts: list[Post]) -> list[tuple[str, str]]:
    return [(hit.kind.value, hit.word) for _batch, hits in Judge(rules).run(posts) for hit in hits]


def post(text: str, minute: int = 600, sender: str = "张三", kind: str = "text") -> Post:
    return Post(MONDAY, minute, sender, text, kind)


def test_words_however_written() -> None:
    lists = [
        WordSet(CaseKind.ADVERTISEMENT, ["刷单", "加微信"], ["谨防刷单"], needed=1),
        WordSet(CaseKind.ABUSE, ["笨蛋", "VX群"], needed=1),
        WordSet(CaseKind.RUMOUR, ["甲", "乙"], needed=2),
    ]
    from plugins.groupchat.rulesets import variants

    rules = Rules(QuietTimes([], lambda _day: True), Finder(lists, variants))
    assert judge(rules, [post("来刷单吧")]) == [("advertisement", "刷单")]
    assert judge(rules, [post("来 刷.单 吧")]) == [("advertisement", "刷单")]
    assert judge(rules, [post("來刷單吧")]) == [("advertisement", "刷单")]
    assert judge(rules, [post("ｖｘ群 vX群")]) == [("abuse", "VX群")]
    assert judge(rules, [post("请大家谨防刷单")]) == []
    assert judge(rules, [post("谨防刷单，也别刷单")]) == [("advertisement", "刷单")]
    assert judge(rules, [post("只有甲")]) == []
    assert judge(rules, [post("甲和乙")]) == [("rumour", "甲、乙")]
    assert judge(rules, [post("刷"), post("单")]) == []  # two posts are no word


LETTERS = "甲乙丙aAbÉéжЖⅧⅷⓋⓥＡａ１1İK😀𐐀"
SIGNED = LETTERS + " .·•，,\n\t\0\x1e"


@settings(max_examples=300)
@given(
    st.lists(st.text(LETTERS, min_size=1, max_size=3), min_size=1, max_size=6),
    st.lists(st.text(LETTERS, min_size=1, max_size=3), max_size=2),
    st.lists(st.text(SIGNED, max_size=12), max_size=6),
)
def test_every_word_is_found_where_it_stands(words: list[str], allowed: list[str], texts: list[str]) -> None:
    """The passes over bytes find what looking letter by letter finds."""
    found = Finder([WordSet(CaseKind.ABUSE, words, allowed)]).find(texts)
    for place, text in enumerate(texts):
        shields = _places(allowed, text)
        plain = [s for s in _places(words, text) if not any(a <= s[0] and s[1] <= b for a, b, _w in shields)]
        spans = found.get((place, 0), [])
        assert sorted(s for s in spans if s[1]) == sorted(plain), text
        closed = re.sub(r"(?<=[甲乙丙])[ \t.·•]{1,3}(?=[甲乙丙])", "", text)
        shields = _places(allowed, closed)
        near = {w for a, b, w in _places(words, closed) if not any(x <= a and b <= y for x, y, _w in shields)}
        assert {word for *_span, word in spans} == {word for *_span, word in plain} | near, text


def _places(words: list[str], text: str) -> list[tuple[int, int, str]]:
    flat_text, found = flat(text), set()
    for word in words:
        flat_word = flat(word).strip()
        found |= {
            (at, at + len(flat_word), word)
            for at in range(len(text))
            if flat_word and flat_text.startswith(flat_word, at)
        }
    return list(found)


@pytest.mark.rule("s1-14-r05")
def test_length_of_text_only() -> None:
    rules = Rules(QuietTimes([], lambda _day: True), max_length=200)
    long = "长" * 201
    assert judge(rules, [post(long)]) == [("too_long", "201")]
    assert judge(rules, [post("长" * 200), post(f"https://example.com {long}", kind="link")]) == []


@pytest.mark.rule("s1-14-r07")
def test_flooding_is_one_case_with_its_figures() -> None:
    rules = Rules(QuietTimes([], lambda _day: True), flood_posts=5, flood_minutes=3)
    posts = [post(str(n), 600 + n // 4) for n in range(12)] + [post("x", 700), post("y", 600, "李四")]
    hits = [hit for _batch, hits in Judge(rules).run(posts) for hit in hits]
    assert [(h.kind, h.posts, h.minutes, h.post.sender) for h in hits] == [(CaseKind.FLOODING, 12, 3, "张三")]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 1439), st.sampled_from("甲乙丙"), st.sampled_from(["刷单", "好", "好"]))))
def test_keys_tell_equal_posts_apart(rows: list[tuple[int, str, str]]) -> None:
    lists = [WordSet(CaseKind.ADVERTISEMENT, ["刷单"])]
    posts = [post(text, minute, sender) for minute, sender, text in sorted(rows)]
    rules = Rules(QuietTimes([Window(0, 1439)], lambda _day: True), Finder(lists))
    first, second = ([h for _b, hits in Judge(rules).run(posts) for h in hits] for _n in range(2))
    assert [h.key for h in first] == [h.key for h in second]
    assert len({(h.kind, h.key) for h in first}) == len(first)


# ── receipts and ranking ───────────────────────────────────────────────────────────────────────


def test_what_asks_for_an_answer() -> None:
    assert asked_for("开会。收到请回复：我已知晓，马上照办（坚决执行）！") == "我已知晓，马上照办（坚决执行）！"
    assert asked_for("开会，收到请回复") == ""
    assert asked_for("此条信息不必回复！图书馆闭馆") is None
    assert asked_for("已回复家长") is None
    assert fits("我已知晓,马上照办!", "我已知晓，马上照办（坚决执行）！")
    assert not fits("收到", "我已知晓，马上照办！")


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("甲乙丙丁"), st.sampled_from(["收到", "我已知晓", "好的", "吃饭"])), max_size=12)
)
def test_receipts_are_those_given_after_it(answers: list[tuple[str, str]]) -> None:
    posts = [post("我已知晓", 500, "丁"), post("开会。收到请回复：我已知晓！", 600, "王")]
    posts += [post(text, 601 + n, sender) for n, (sender, text) in enumerate(answers)]
    watch = Watch(exact=True)
    watch.follow(posts[:2])
    watch.follow(posts[2:])
    (asked,) = watch.asked
    good = {sender for sender, (_post, fitting) in asked.answers.items() if fitting}
    assert good == {sender for sender, text in answers if text == "我已知晓"}
    other = {sender for sender, (_post, fitting) in asked.answers.items() if not fitting}
    assert other == {sender for sender, text in answers if text in ("收到", "好的")} - good


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_ties_share_a_rank(scores: list[float]) -> None:
    found = ranks(scores)
    for score, rank in zip(scores, found, strict=True):
        assert rank == 1 + sum(other > score for other in scores)
