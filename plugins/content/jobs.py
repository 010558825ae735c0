"""Background work of content."""

from __future__ import annotations

from typing import Any

from panel.api import _l, scheduled
from plugins.content import services


@scheduled("content.follow_links", cron="15 4 * * *", queue="slow", timeout=2400, title=_l("Follow the links of texts"))
def follow_links(run: Any) -> dict[str, Any]:
    """Every night, for pieces that are not out yet."""
    return dict(services.follow_links(run.institution))


@scheduled("content.scan_again", cron="*/30 * * * *", title=_l("Read texts anew when the word lists have changed"))
def scan_again(run: Any) -> dict[str, Any]:
    """Every half hour; nothing to do while the lists stay as they are."""
    return {"read": services.scan_again(run.institution)}
