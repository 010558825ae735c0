"""What judging a chat record costs beside the bare Aho-Corasick pass over the same text.

    python -m bench.groupchat [--messages 1000000] [--words 10000] [--database sqlite:///…|postgresql://…]

Writes a record of so many messages, passes the bare automaton over each message, judges the same messages by all rules,
and imports the file through the panel, twice. Holds the rules to twice the time of the bare pass, the memory of the
import to 300 MB, and the second import to nothing new. Prints one JSON object; ends with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ahocorasick_rs import AhoCorasick

from panel import audit, config, create_app, migrate, records
from panel.access.identity import acting_as, system
from panel.access.models import PluginSwitch
from panel.database import db
from panel.org.models import Institution, Unit
from plugins.groupchat import evidence, services
from plugins.groupchat.choices import CaseKind, DayKind
from plugins.groupchat.judging import Finder, Judge, QuietTimes, Rules, Window, WordSet
from plugins.groupchat.models import Case, Group, Source
from plugins.groupchat.policy import QuietHours, Word, WordList
from plugins.groupchat.reading import Post, Reader

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 3, 2)
SENDERS = 400
PIECES = (
    "请各教研组按时上交教案",
    "今天下午第三节集体备课",
    "收到",
    "好的",
    "明天记得穿校服",
    "请填一下表",
    "值日老师请到岗",
    "早上好",
    "会议改到周五",
    "材料已经发到邮箱",
    "各班注意安全教育",
    "食堂今天有鱼",
    "请家长签字",
    "图书馆闭馆通知",
    "运动会报名截止",
    "[图片]",
    "感谢大家的支持",
)
LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 3500)]


def make_words(count: int) -> list[str]:
    """So many words that a record rarely holds."""
    chance = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choices(LETTERS, k=chance.randint(2, 5)))] = None
    return list(found)


def make_record(path: Path, count: int, words: list[str]) -> None:
    """A record as WeChat copies it: one message in a thousand holds a word."""
    chance = random.Random(3)
    day, minute, per_day = FIRST, 0, 3000
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            if number % per_day == 0:
                day = FIRST + timedelta(days=number // per_day)
                out.write(f"—————  {day}  —————\n\n")
            minute = 390 + number % per_day * 989 // per_day
            text = "，".join(chance.choices(PIECES, k=chance.randint(1, 6)))
            if number % 1000 == 999:
                text += chance.choice(words)
            out.write(f"成员{number * 7 % SENDERS:03}  {minute // 60:02}:{minute % 60:02}\n\n{text}\n\n")


def time_bare(posts: list[list[Post]], words: list[str]) -> float:
    """Seconds of the automaton alone, over each message of the record."""
    automaton = AhoCorasick(words)
    began = time.perf_counter()
    for batch in posts:
        for post in batch:
            automaton.find_matches_as_indexes(post.text, overlapping=True)
    return time.perf_counter() - began


def rules_with(words: list[str]) -> Rules:
    """All rules at once."""
    lists = [WordSet(CaseKind.RUMOUR, words, words[:50]), WordSet(CaseKind.ADVERTISEMENT, words[:500], needed=2)]
    windows = [Window(1380, 390, DayKind.WORKDAYS), Window(760, 770, DayKind.WORKDAYS)]
    quiet = QuietTimes(windows, lambda day: day.weekday() < 5)
    return Rules(quiet, Finder(lists), 200, 20, 2, links=True, files=True)


def judged(path: Path, words: list[str], chunk: int = 50_000) -> dict[str, float]:
    """Seconds of reading, of the bare pass and of judging, over the same messages, a chunk at a time."""
    seconds = {"read": 0.0, "bare": 0.0, "rules": 0.0}
    judge, stream = Judge(rules_with(words)), iter(Reader(path, ZONE))
    while True:
        began = time.perf_counter()
        posts = list(islice(stream, chunk))
        seconds["read"] += time.perf_counter() - began
        if not posts:
            return {**seconds, "messages": judge.messages}
        seconds["bare"] += time_bare([posts], words)
        began = time.perf_counter()
        for _batch, _hits in judge.run(posts):
            pass
        seconds["rules"] += time.perf_counter() - began


def prepared(words: list[str]) -> Group:
    """An institution with the words and quiet hours, and a group."""
    institution = records.create(Institution, name="测试学校", kind="school")
    root = records.create(Unit, institution=institution, name="测试学校", kind="root")
    records.derive(Unit, Unit.id == root.id, path=f"/{root.id}/")
    records.create(PluginSwitch, institution=institution, plugin="groupchat", enabled=True)
    services.on_enable(institution)
    made = records.create(WordList, institution=institution, name="词表", kind="rumour")
    records.bulk_create(Word, [{"institution": institution, "list": made, "word": word} for word in words])
    records.create(QuietHours, institution=institution, starts="23:00", ends="06:30", days="workdays")
    return services.open_group(
        {"institution": institution, "unit": Unit.get_by_id(root.id), "name": "大群", "kind": "other", "purpose": "测"}
    )


def imported(group: Group, path: Path) -> dict[str, Any]:
    """The import as a worker does it, twice; with what it showed of its progress."""
    shown: list[int] = []
    with path.open("rb") as stream:
        source = services.take_in(group, stream, path.name)
    began = time.perf_counter()
    evidence.read(source, lambda done, total, message: shown.append(done * 100 // total))
    seconds, cases = time.perf_counter() - began, Case.select().count()
    with path.open("rb") as stream:
        again = services.take_in(group, stream, path.name)
    records.derive(Source, Source.id == again.id, state="waiting")
    evidence.read(Source.get_by_id(again.id))
    return {
        "import_seconds": seconds,
        "cases": cases,
        "added_again": Case.select().count() - cases + (again.id != source.id),
        "progress_steps": len(set(shown)),
    }


def main() -> None:
    """Run it, print the figures, hold them to their limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    words = make_words(options.words)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.txt"
        make_record(path, options.messages, words)
        settings = config.load(
            Path(folder),
            environ={},
            environment="testing",
            secret_key="0123456789abcdef" * 3,
            database=options.database,
        )
        app = create_app(settings)
        with app.app_context(), db.connection_context(), audit.acting("cli", user_name="bench"):
            migrate.up(app.extensions["zhangyin"].registry)
            group = prepared(words)
            with acting_as(system(group.institution)):
                figures = imported(group, path)
        figures["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures |= judged(path, words)
    figures["share_of_bare_speed"] = figures["bare"] / figures["rules"]
    print(json.dumps({k: round(v, 2) if isinstance(v, float) else v for k, v in figures.items()}))
    within = figures["share_of_bare_speed"] >= 0.5 and figures["memory_mb"] < 300 and not figures["added_again"]
    sys.exit(0 if within and figures["messages"] == options.messages else 1)


if __name__ == "__main__":
    main()
