"""A small, neutral list to begin with; institutions edit it and import their own."""

from __future__ import annotations

from panel.api import Institution, Refused, _, records, transaction
from plugins.groupchat.choices import CaseKind
from plugins.groupchat.policy import Word, WordList
from plugins.groupchat.reading import text_of

LONGEST = 60  # characters of a word
# Two different ones make an advertisement: one alone stands in many a harmless post.
ADVERTISEMENT = (
    "兼职",
    "刷单",
    "日赚",
    "日结",
    "加微信",
    "加我微信",
    "加v信",
    "扫码领",
    "领红包",
    "代开发票",
    "代办",
    "办证",
    "贷款",
    "秒批",
    "低价出售",
    "限时抢购",
    "招代理",
    "代购",
    "微商",
    "返利",
    "高薪",
    "无需押金",
    "彩票",
    "私聊下单",
    "优惠券",
    "躺赚",
    "月入过万",
    "免费领取",
    "点击链接领取",
    "保证通过",
    "包过",
)
ALLOWED = ("防范兼职刷单诈骗", "谨防刷单", "刷单诈骗", "刷单返利诈骗", "校园贷款诈骗", "助学贷款")


def ship_words(institution: Institution) -> None:
    """Give an institution without any word list the shipped one."""
    if WordList.select().where(WordList.institution == institution).exists():
        return
    made = records.create(WordList, institution=institution, name="广告", kind=CaseKind.ADVERTISEMENT.value, needed=2)
    rows = [(word, False) for word in ADVERTISEMENT] + [(word, True) for word in ALLOWED]
    records.bulk_create(Word, [{"institution": institution, "list": made, "word": w, "allowed": a} for w, a in rows])


def add_words(words: WordList, data: bytes, allowed: bool = False) -> int:
    """Add the words of a text, one a line, to a list; gives how many are new. Raises Refused where there is none."""
    wanted = dict.fromkeys(" ".join(line.replace("\0", "").split()) for line in text_of(data))
    wanted.pop("", None)
    if not wanted:
        raise Refused(_("Enter at least one word."), "pasted")
    if long := next((word for word in wanted if len(word) > LONGEST), ""):
        raise Refused(_("“%(word)s” is longer than %(most)s characters.", word=long[:20], most=LONGEST), "pasted")
    with transaction():
        known = {row.word for row in Word.select(Word.word).where(Word.list == words)}
        fresh = [word for word in wanted if word not in known]
        base = {"institution": words.institution_id, "list": words, "allowed": allowed}
        records.bulk_create(Word, [{**base, "word": word} for word in fresh])
    return len(fresh)
