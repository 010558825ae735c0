"""The platforms every institution starts with; from then on they are its own rows, to edit and to add to.

Operator limits: https://developers.weixin.qq.com/community/develop/doc/0008c2e940c2c0c1d679e0fb95b409 (one
administrator, 5 long-term operators, 20 short-term ones who lapse after a month). Limits of the other platforms are
not published or change too often: none is shipped.
"""

from __future__ import annotations

from typing import Any

WECHAT_OPERATORS = {"max_administrators": 1, "max_long_term": 5, "max_short_term": 20, "short_term_months": 1}


def _platform(code: str, name: str, family: str, icon: str, *synonyms: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": name, "family": family, "icon": icon, "synonyms": "、".join(synonyms), **more}


PLATFORMS: tuple[dict[str, Any], ...] = (
    _platform(
        "wechat_subscription",
        "公众号（原订阅号）",
        "wechat",
        "p-wechat",
        *("微信公众号", "公众号", "微信订阅号", "订阅号", "微信公众平台", "微信", "官方微信", "wechat"),
        certifies=True,
        **WECHAT_OPERATORS,
    ),
    _platform(
        "wechat_service",
        "服务号",
        "wechat",
        "p-service",
        "微信服务号",
        "公众号服务号",
        certifies=True,
        **WECHAT_OPERATORS,
    ),
    _platform("wechat_mini", "小程序", "mini", "p-mini", "微信小程序", "mini program", certifies=True),
    _platform("wechat_channels", "视频号", "channels", "p-channels", "微信视频号", "channels", certifies=True),
    _platform("wecom", "企业微信", "wecom", "p-wecom", "企业号", "企业微信号", "wecom", certifies=True),
    _platform("weibo", "微博", "weibo", "p-weibo", "新浪微博", "官方微博", "微博号", "weibo", certifies=True),
    _platform("douyin", "抖音", "douyin", "p-douyin", "抖音号", "抖音短视频", "douyin", "tiktok", certifies=True),
    _platform(
        "bilibili", "哔哩哔哩", "bilibili", "p-bilibili", "B站", "bilibili", "哔哩哔哩号", "b站账号", certifies=True
    ),
    _platform(
        "website", "网站", "site", "p-site", "门户网站", "官网", "官方网站", "二级网站", "网页", "site", "website"
    ),
    _platform("kuaishou", "快手", "kuaishou", "p-site", "快手号", "kuaishou", certifies=True),
    _platform("xiaohongshu", "小红书", "xiaohongshu", "p-site", "小红书号", "RED", certifies=True),
    _platform("toutiao", "今日头条", "toutiao", "p-site", "头条号", "头条", "toutiao", certifies=True),
    _platform("zhihu", "知乎", "zhihu", "p-site", "知乎号", "知乎机构号", "zhihu", certifies=True),
    _platform("qq", "QQ 公众号", "qq", "p-site", "QQ公众号", "QQ空间", "QQ号", "企鹅号", "qq"),
    _platform("app", "移动客户端", "app", "p-mini", "APP", "客户端", "手机客户端", "移动应用", "手机报"),
    _platform("other", "其他", "other", "p-site", "其它", "其他平台", "贴吧", "百度贴吧", "喜马拉雅"),
)
