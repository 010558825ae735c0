"""The tariffs houses have published, entered as rate cards without code, with amounts computed by hand."""

from __future__ import annotations

from datetime import date, timedelta

from plugins.stipend import services
from tests.stipend.conftest import House


def test_every_published_tariff_gives_the_hand_computed_amount(house: House) -> None:
    """One card a few days, all in one month: company, reads, college, school, media, excluded people."""
    uni, first = house.world.uni, house.month
    spans = ("company", "reads", "college", "school", "media")
    for place, name in enumerate(spans):
        services.take_example(uni, name, first + timedelta(days=4 * place))

    def on(name: str) -> date:
        return first + timedelta(days=4 * spans.index(name) + 1)

    house.factor(house.piece("公司甲", on=on("company")), 250)
    house.piece("公司乙", on=on("company"), source="forwarded")
    for author, words, photos, reads in (
        ("审计甲", 999, 0, 1000),
        ("审计乙", 1000, 0, 1001),
        ("审计丙", 1200, 2, 5000),
        ("审计丁", 800, 1, 20001),
        ("审计戊", 800, 0, 10001),
        ("审计己", 1000, 0, 10000),
    ):
        house.reads(house.piece(author, on=on("reads"), words=words, photos=photos), reads)
    for authors, reads in (
        (("书院甲",), 2000),
        (("书院乙",), 3000),
        (("书院丙",), 5200),
        (("书院丁", "书院戊", "书院己"), 4000),
    ):
        house.reads(house.piece(*authors, on=on("college")), reads)
    house.piece("学校甲", "学校乙", on=on("school"), words=500)
    house.piece("学校丙", on=on("school"), words=501)
    house.piece("学校丁", on=on("school"), words=1001)
    house.piece("学校戊", on=on("school"), words=1001, media=("unit",))
    house.piece("学校己", on=on("school"), kind="video", media=("unit",))
    house.piece("媒体甲", on=on("media"), media=("national", "provincial", "municipal"))
    house.piece("媒体乙", on=on("media"), media=("municipal", "provincial"))
    house.piece("媒体丙", on=on("media"), media=("municipal",))
    services.exclude({"institution": uni, "unit": house.world.office, "reason": "宣传部专职人员", "since": first})
    house.person("专职", unit=house.world.office)
    house.person("学生", unit=house.world.office, kind="student")
    house.piece("专职", on=on("company"))
    house.piece("学生", on=on("company"))
    settled = house.settle()
    assert {name: fen / 100 for name, fen in house.paid(settled).items()} == {
        "公司甲": 50,
        "公司乙": 10,
        "审计甲": 20,
        "审计乙": 80,  # 30 + 50: the base is paid beside the bonus
        "审计丙": 240,  # 30 + 200 + 2 × 5
        "审计丁": 1025,  # 20 + 1,000 + 5
        "审计戊": 620,
        "审计己": 330,
        "书院甲": 100,
        "书院乙": 200,
        "书院丙": 300,
        "书院丁": 83.34,  # 250 in three, the rest to the first
        "书院戊": 83.33,
        "书院己": 83.33,
        "学校甲": 10,
        "学校乙": 0,
        "学校丙": 20,
        "学校丁": 30,
        "学校戊": 140,  # 1,001 characters count as 2,000
        "学校己": 30,
        "媒体甲": 1000,
        "媒体乙": 500,
        "媒体丙": 100,
        "专职": 0,
        "学生": 20,
    }
    assert house.problems(settled) == {}
