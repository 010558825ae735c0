"""What an institution starts with: kinds of breach, and a ladder for those that lay down none of their own."""

from __future__ import annotations

from typing import Any

from panel.api import Institution, records
from plugins.violations.choices import Demand, Effect, Severity, Whom
from plugins.violations.policy import BreachKind

OTHER = "其他违规"
UNAUTHORISED = "未经授权擅自发布"
KINDS: tuple[tuple[str, Severity, Demand], ...] = (
    ("发布违法信息", Severity.SERIOUS, Demand.DELETION),
    ("泄密", Severity.SERIOUS, Demand.DELETION),
    ("泄露个人信息", Severity.SERIOUS, Demand.DELETION),
    ("未经批准开设账号", Severity.MEDIUM, Demand.CLEARING),
    (UNAUTHORISED, Severity.MEDIUM, Demand.NOTHING),
    ("发布虚假信息", Severity.MEDIUM, Demand.DELETION),
    ("散布谣言", Severity.MEDIUM, Demand.DELETION),
    ("刷粉、刷量", Severity.MEDIUM, Demand.NOTHING),
    ("发布广告", Severity.MINOR, Demand.NOTHING),
    ("不文明言论", Severity.MINOR, Demand.NOTHING),
    ("丢失或泄露账号密码", Severity.MEDIUM, Demand.NOTHING),
    (OTHER, Severity.MEDIUM, Demand.NOTHING),
)
# By what the chat rules of work groups call a case.
_CHATS = {
    "发布广告": ("advertisement",),
    "发布虚假信息": ("false", "groundless"),
    "散布谣言": ("rumour",),
    "泄密": ("secret",),
    "发布违法信息": ("reactionary", "inciting", "obscene"),
    "不文明言论": ("abuse", "disrespect"),
}
CHAT_KINDS = {chat: breach for breach, chats in _CHATS.items() for chat in chats}
STEPS: tuple[dict[str, Any], ...] = (
    {"name": "警告", "position": 1, "effect": Effect.WARN.value},
    {"name": "通报批评", "position": 2, "effect": Effect.CIRCULATE.value},
    {"name": "暂停使用", "position": 3, "effect": Effect.SUSPEND.value, "days": 30},
    {"name": "关闭账号", "position": 4, "effect": Effect.CLOSE.value, "whom": Whom.ACCOUNT.value},
    {"name": "取消使用资格", "position": 4, "effect": Effect.LOSS.value, "whom": Whom.PERSON.value},
)


def ship_kinds(institution: Institution) -> None:
    """Give an institution that has no kinds of breach the usual ones."""
    if BreachKind.select().where(BreachKind.institution == institution).exists():
        return
    records.bulk_create(
        BreachKind,
        [
            {"institution": institution, "name": name, "severity": severity.value, "demand": demand.value}
            for name, severity, demand in KINDS
        ],
    )


def kind_called(institution: Institution | int, name: str) -> BreachKind:
    """The kind of a name; the one for everything else where there is none."""
    query = BreachKind.select().where(BreachKind.institution == institution)
    found = query.where(BreachKind.name == name).first() or query.where(BreachKind.name == OTHER).first()
    return found or records.create(BreachKind, institution=institution, name=OTHER)
