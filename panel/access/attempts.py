"""Failed log-ins of a name: after a few, each must wait longer, but never long.

A try is counted before the password is judged, so that a hundred sent at once do not all find the counter at zero.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from panel.access.models import LoginDelay
from panel.database import is_postgres, transaction, utcnow
from panel.errors import Refused
from panel.i18n import _, ngettext

FREE = 5  # failures before the first wait
FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)  # a stranger's guessing must not keep a colleague out
FORGOTTEN = timedelta(hours=1)  # after the last failure


def claim(name: str) -> int:
    """Count one try of `name`; gives the failures so far, this one included. Raises Refused while it must wait."""
    now = utcnow()
    name = name[:60]
    with transaction():
        LoginDelay.delete().where(LoginDelay.retry_at < now - FORGOTTEN).execute()
        LoginDelay.insert(name=name, retry_at=now).on_conflict_ignore().execute()
        query = LoginDelay.select().where(LoginDelay.name == name)
        row = (query.for_update() if is_postgres() else query).get()
        if row.retry_at > now:
            raise Refused(_("Too many failed log-ins. Try again in %(wait)s.", wait=_words(row.retry_at - now)))
        failures = int(row.failures) + 1
        retry_at: datetime = now + wait_after(failures)
        LoginDelay.update(failures=failures, retry_at=retry_at).where(LoginDelay.id == row.id).execute()
    return failures


def forgive(name: str) -> None:
    """Forget the failures of `name`: the password was right."""
    LoginDelay.delete().where(LoginDelay.name == name[:60]).execute()


def wait_after(failures: int) -> timedelta:
    """How long a name must wait after so many failures in a row."""
    if failures < FREE:
        return timedelta(0)
    return min(FIRST * 2 ** min(failures - FREE, 10), LONGEST)


def outlook(failures: int) -> str:
    """What happens next, for the message about a wrong password."""
    wait = wait_after(failures)
    if wait:
        return _("You can try again in %(wait)s.", wait=_words(wait))
    return ngettext(
        "After %(num)s more failure you must wait %(wait)s.",
        "After %(num)s more failures you must wait %(wait)s.",
        FREE - failures,
        wait=_words(FIRST),
    )


def _words(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    return ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // 60))
