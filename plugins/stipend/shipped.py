"""What comes with the plugin: tax tables in force, and rate cards of houses that published theirs, as examples."""

from __future__ import annotations

from datetime import date
from typing import Any

from plugins.stipend.choices import Income

SINCE = date(2019, 1, 1)
LAW = "国家税务总局公告2018年第61号第八条"

TAX_TABLES: dict[str, dict[str, Any]] = {
    Income.ROYALTY: {
        "since": SINCE,
        "threshold": 400_000,
        "allowance": 80_000,
        "share": 2000,
        "counts": 7000,
        "brackets": [[None, 2000, 0]],
        "source": f"{LAW}（稿酬所得）",
    },
    Income.LABOUR: {
        "since": SINCE,
        "threshold": 400_000,
        "allowance": 80_000,
        "share": 2000,
        "brackets": [[2_000_000, 2000, 0], [5_000_000, 3000, 200_000], [None, 4000, 700_000]],
        "source": f"{LAW}（劳务报酬所得）及附件预扣率表二",
    },
    Income.WAGES: {
        "since": SINCE,
        "source": "并入当月工资薪金计税，发放时不另行预扣（国税函〔2002〕146号）",
    },
}


def _reads(steps: list[tuple[int, int | None, int]]) -> list[dict[str, Any]]:
    return [
        {"name": f"阅读量 {low} 起", "amount": amount, "reads_from": low, "reads_to": high, "bonus": True}
        for low, high, amount in steps
    ]


# name of the example → (figures of the card, its lines). Amounts in fen. Sources: see README.md.
EXAMPLES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "company": (
        {"name": "按件计酬（每件 20 元，1–3 倍）", "least_factor": 100, "most_factor": 300},
        [
            {"name": "采用稿件", "amount": 2000, "sources": ["original"]},
            {"name": "转载", "amount": 1000, "sources": ["reprint", "forwarded"], "factor": False},
        ],
    ),
    "reads": (
        {"name": "基础稿酬加阅读量奖励", "reads_days": 7},
        [
            {"name": "不足 1000 字", "amount": 2000, "words_to": 999},
            {"name": "1000 字以上", "amount": 3000, "words_from": 1000},
            {"name": "自拍照片", "amount": 500, "per": "photo"},
            *_reads(
                [
                    (1001, 2000, 5000),
                    (2001, 5000, 20_000),
                    (5001, 10_000, 30_000),
                    (10_001, 20_000, 60_000),
                    (20_001, None, 100_000),
                ]
            ),
        ],
    ),
    "college": (
        {"name": "按阅读量计酬（取最高渠道）", "highest_only": True, "split": "equal"},
        [
            {"name": "阅读量 2000 起", "amount": 10_000, "reads_from": 2000, "reads_to": 2999},
            *(
                {
                    "name": f"阅读量 {k}000 起",
                    "amount": 20_000 + 5000 * (k - 3),
                    "reads_from": k * 1000,
                    "reads_to": k * 1000 + 999 if k < 20 else None,
                }
                for k in range(3, 21)
            ),
        ],
    ),
    "school": (
        {"name": "按篇幅计酬（第一作者领取）", "split": "first"},
        [
            {"name": "500 字以内", "amount": 1000, "words_to": 500, "levels": ["institution"]},
            {"name": "501–1000 字", "amount": 2000, "words_from": 501, "words_to": 1000, "levels": ["institution"]},
            {"name": "1000 字以上", "amount": 3000, "words_from": 1001, "levels": ["institution"]},
            {"name": "图片新闻", "amount": 1000, "kinds": ["photos"]},
            {"name": "视频", "amount": 3000, "kinds": ["video"]},
            {"name": "校报千字", "amount": 7000, "per": "thousand", "levels": ["unit"]},
        ],
    ),
    "media": (
        {"name": "按媒体级别计酬（就高不就低）", "highest_only": True},
        [
            {"name": "国家级媒体", "amount": 100_000, "levels": ["national"]},
            {"name": "省级媒体", "amount": 50_000, "levels": ["provincial"]},
            {"name": "市级媒体", "amount": 10_000, "levels": ["municipal"]},
        ],
    ),
}
