"""What a rotation of keys that was broken off left behind."""

from __future__ import annotations

from typing import Any

from panel.i18n import _l
from panel.jobs import scheduled
from panel.vault import rotation


@scheduled("vault.reseal", cron="20 2 * * *", title=_l("Seal with the present key what an older one still seals"))
def reseal(run: Any) -> dict[str, Any]:
    """Every night, for each institution."""
    return {"sealed": rotation.reseal(run.institution)}
