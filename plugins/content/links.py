"""Following the links of texts, by the job: only to where the panel may connect, and without reading what is there."""

from __future__ import annotations

import http.client
import ssl
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from panel.api import Institution, SendFailed, dial, split_address, utcnow
from plugins.content.choices import EDITABLE, State
from plugins.content.models import Link, Submission

TIMEOUT = 8  # seconds
HOPS = 4
AGAIN = timedelta(days=3)
MOST = 200  # of a run
GONE = (404, 410)


def follow_links(institution: Institution, most: int = MOST) -> dict[str, int]:
    """Look where the links of pieces that are not out yet lead. Gives how many were followed, and how many are dead."""
    open_states = [*EDITABLE, State.REVIEW.value, State.APPROVED.value]
    stale = Link.looked_at.is_null() | (Link.looked_at < utcnow() - AGAIN)
    rows = (
        Link.select(Link)
        .join(Submission)
        .where(Submission.institution == institution, Submission.state.in_(open_states), stale)
        .order_by(Link.id)
        .limit(most)
    )
    results = [(link, *look(link.address)) for link in rows]
    if not any(seen.startswith("HTTP") for _link, _ok, seen in results):
        return {"followed": 0, "dead": 0}  # rather the panel has no way out than that every link is dead
    for link, ok, seen in results:
        Link.update(ok=ok, seen=seen[:200], looked_at=utcnow()).where(Link.id == link.id).execute()
    return {"followed": len(results), "dead": sum(ok is False for _link, ok, _seen in results)}


def look(address: str) -> tuple[bool | None, str]:
    """Whether a link leads somewhere, and what was seen: None where that cannot be told, or may not be asked."""
    try:
        for _hop in range(HOPS):
            status, onwards = _ask(address)
            if status in (301, 302, 303, 307, 308) and onwards:
                address = urljoin(address, onwards)
                continue
            return (status not in GONE, f"HTTP {status}")
    except SendFailed as refusal:
        return (None if refusal.for_good else False, str(refusal))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return (False, str(error) or type(error).__name__)
    return (None, "too many redirections")


def _ask(address: str) -> tuple[int, str]:
    """The status of an address and where it leads on. The host is looked up once, and that address is connected to."""
    parts = split_address(address)
    https, host = parts.scheme == "https", str(parts.hostname)
    port = parts.port or (443 if https else 80)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    plain = dial(host, port, TIMEOUT, public=True)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if https else plain
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"User-Agent": "Mozilla/5.0 (link check)", "Range": "bytes=0-0"})
        answer: Any = connection.getresponse()
        return int(answer.status), str(answer.getheader("Location") or "")
    finally:
        connection.close()
        plain.close()
