"""What the larger platforms demanded of renewals when this was written; institutions correct it in the panel."""

from __future__ import annotations

from datetime import date
from typing import Any

# By the family of the platform. Fees in fen.
RULES: dict[str, dict[str, Any]] = {
    "wechat": {
        "months": 12,
        "opens_days": 90,
        "fee": 30000,
        "lost": "认证标识、高级接口（网页授权、发布接口等），名称可能被他人注册",
        "source": "微信开放社区：年审开放时间为到期前约三个月；审核费 300 元，政府类不收",
        "source_on": date(2026, 11, 1),
    },
    "weibo": {"months": 12, "opens_days": 60, "source": "各方说法不一，请按平台当前公示填写"},
    "douyin": {"months": 12, "opens_days": 60, "source": "各方说法不一，请按平台当前公示填写"},
}
