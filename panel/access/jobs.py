"""Background work on users."""

from __future__ import annotations

from typing import Any

from panel.access import letters
from panel.access.models import User
from panel.i18n import _l
from panel.jobs.registry import task


@task("access.letter", queue="urgent", timeout=60, attempts=4, keep_days=7, title=_l("Mail a link for a password"))
def letter(run: Any, user: int) -> None:
    """Mail a user the link that sets their password; another try makes another link, which voids the one before."""
    found = User.get_or_none(User.id == user, User.active)
    if found is not None:
        letters.write(found)
