"""Failed tries of a secret: after a few, each must wait longer, but never long.

A try is counted before the secret is judged, so that a hundred sent at once do not all find the counter at zero.
A log-in from a device the user was at before is counted on that device alone (see `devices`). Any other is counted on
the user name at this address, on the address, and on the name wherever it comes from. The last holds up only those
who failed at the name before: nobody can lock a colleague out of an address they do not share.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from panel.access.models import LoginDelay
from panel.database import is_postgres, transaction, utcnow
from panel.errors import Refused
from panel.i18n import _, ngettext

FORGOTTEN = timedelta(hours=1)  # after the last failure


@dataclass(frozen=True)
class Limit:
    """Failures before the first wait, that wait, and the longest; each failure doubles it."""

    free: int
    first: timedelta
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """How long to wait after so many failures in a row."""
        if failures < self.free:
            return timedelta(0)
        return min(self.first * 2 ** min(failures - self.free, 10), self.longest)


OWN = Limit(5, timedelta(seconds=30), timedelta(minutes=5))  # a device; a name at an address; codes of a user
ADDRESS = Limit(40, timedelta(seconds=15), timedelta(minutes=1))  # many share one
FORGOT = Limit(3, timedelta(minutes=10), timedelta(minutes=30))
NAME = Limit(20, timedelta(seconds=15), timedelta(minutes=1))


@dataclass(frozen=True)
class Counter:
    """What failures are counted on. `lenient`: holds up only those whose own counter, the first given, is not at zero.
    `shared`: one success does not forgive the failures of the others."""

    key: str
    limit: Limit = OWN
    lenient: bool = False
    shared: bool = False


def of_log_in(name: str, address: str, device: str | None = None) -> tuple[Counter, ...]:
    """The counters of a log-in: those of a device the user was at before, else of name and address."""
    if device:
        return (Counter(_key("device", device)),)
    network = _network(address)
    return (
        Counter(_key("pair", f"{name} {network}")),
        Counter(_key("address", network), ADDRESS, shared=True),
        Counter(_key("name", name), NAME, lenient=True),
    )


def of_forgotten(name: str, address: str) -> tuple[Counter, ...]:
    """The counters of who asks for a link by mail: neither a mailbox nor the panel is to be flooded."""
    return (Counter(_key("forgot", name), FORGOT), Counter(_key("forgot from", _network(address)), ADDRESS))


def of_user(user_id: int, what: str) -> tuple[Counter, ...]:
    """The counter of a user's own secrets, asked of who is logged in or has shown the password."""
    return (Counter(_key(what, str(user_id))),)


def claim(*counters: Counter) -> int:
    """Count one try; gives the failures on the first counter, this one included. Raises Refused while it must wait."""
    now = utcnow()
    with transaction():
        LoginDelay.delete().where(LoginDelay.retry_at < now - FORGOTTEN).execute()
        rows = {counter.key: _row(counter.key, now) for counter in sorted(counters, key=lambda one: one.key)}
        clean = rows[counters[0].key].failures == 0
        waits = [rows[one.key].retry_at - now for one in counters if not (one.lenient and clean)]
        longest = max(waits)
        if longest > timedelta(0):
            raise Refused(_("Too many failed tries. Try again in %(wait)s.", wait=_words(longest)))
        for counter in counters:
            row = rows[counter.key]
            failures = int(row.failures) + 1
            retry_at: datetime = now + counter.limit.wait_after(failures)
            LoginDelay.update(failures=failures, retry_at=retry_at).where(LoginDelay.id == row.id).execute()
    return int(rows[counters[0].key].failures) + 1


def forgive(*counters: Counter) -> None:
    """The secret was right: forget the failures, and on a shared counter this try alone."""
    keys = [counter.key for counter in counters if not counter.shared]
    LoginDelay.delete().where(LoginDelay.name.in_(keys)).execute()
    shared = [counter.key for counter in counters if counter.shared]
    if shared:
        fewer = LoginDelay.update(failures=LoginDelay.failures - 1, retry_at=utcnow())
        fewer.where(LoginDelay.name.in_(shared), LoginDelay.failures > 0).execute()


def outlook(failures: int, limit: Limit = OWN) -> str:
    """What happens next, for the message about a wrong secret."""
    wait = limit.wait_after(failures)
    if wait:
        return _("You can try again in %(wait)s.", wait=_words(wait))
    return ngettext(
        "After %(num)s more failure you must wait %(wait)s.",
        "After %(num)s more failures you must wait %(wait)s.",
        limit.free - failures,
        wait=_words(limit.first),
    )


def _row(key: str, now: datetime) -> LoginDelay:
    LoginDelay.insert(name=key, retry_at=now).on_conflict_ignore().execute()
    query = LoginDelay.select().where(LoginDelay.name == key)
    row: LoginDelay = (query.for_update() if is_postgres() else query).get()
    return row


def _key(kind: str, text: str) -> str:
    """A key of bounded length that cannot be mistaken for another kind's."""
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _network(address: str) -> str:
    """The address; of IPv6 the network a household or office is given, as its machines pick addresses at will."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 56), strict=False))


def _words(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    return ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // 60))
