"""The senders, one for each kind of channel."""

from __future__ import annotations

from panel.notify.models import ChannelKind
from panel.notify.senders.base import Letter, Limit, Sender, SendFailed
from panel.notify.senders.folder import Folder
from panel.notify.senders.mail import Mail
from panel.notify.senders.robots import DingTalk, Feishu, WeCom
from panel.notify.senders.webhook import Webhook

SENDERS: dict[str, Sender] = {
    ChannelKind.MAIL: Mail(),
    ChannelKind.WECOM: WeCom(),
    ChannelKind.DINGTALK: DingTalk(),
    ChannelKind.FEISHU: Feishu(),
    ChannelKind.WEBHOOK: Webhook(),
    ChannelKind.FOLDER: Folder(),
}

__all__ = ["SENDERS", "Letter", "Limit", "SendFailed", "Sender"]
