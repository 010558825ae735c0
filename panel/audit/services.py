"""The verbs over the seals: verify, tell, hand out anchors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from panel import audit
from panel.access.models import Grant, Role
from panel.audit import seals
from panel.audit.models import Entry, Seal
from panel.audit.permissions import AuditPermission as P
from panel.audit.verify import Report, verify
from panel.database import utcnow
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution, Person

ANCHOR = "zhangyin-anchor"
VERIFY = "audit.verify"


@dataclass(frozen=True)
class Anchor:
    """The end of a chain on a day: whoever keeps it elsewhere can tell whether what came before was changed."""

    institution: Institution
    day: date
    seal: Seal

    @property
    def line(self) -> str:
        """What `panel audit verify --anchors` reads."""
        return f"{ANCHOR} {self.institution.id} {self.day} {self.seal.number} {self.seal.total} {self.seal.hash}"

    @property
    def groups(self) -> str:
        """The hash in groups of eight, to be read aloud or compared on paper."""
        text = self.seal.hash
        return " ".join(text[n : n + 8] for n in range(0, len(text), 8))


def anchors(institution: Institution, first: date, last: date) -> list[Anchor]:
    """The last seal of each day between two days, newest first; days without one are left out. Two queries."""
    zone = ZoneInfo(institution.time_zone)
    begin = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    mine = (Seal.institution_id == institution.id) & (Seal.at >= begin) & (Seal.at < end)
    moments: Any = Seal.select(Seal.number, Seal.at).where(mine).order_by(Seal.number).tuples()
    ends: dict[date, int] = {at.astimezone(zone).date(): number for number, at in moments}
    columns = [f for f in Seal._meta.sorted_fields if f.name != "leaves"]
    numbered = {s.number: s for s in Seal.select(*columns).where(mine, Seal.number.in_(list(ends.values())))}
    return [Anchor(institution, day, numbered[number]) for day, number in sorted(ends.items(), reverse=True)]


def anchor_of(institution: Institution, day: date) -> Anchor:
    """The anchor of a day. Raises Refused where nothing was sealed on it."""
    found = anchors(institution, day, day)
    if not found:
        raise Refused(_("Nothing was sealed on %(day)s.", day=day))
    return found[0]


def written(anchor: Anchor) -> str:
    """An anchor as the text that is mailed and filed."""
    lines = [
        _("Anchor of the audit log, %(day)s", day=anchor.day),
        _("Institution: %(name)s", name=anchor.institution.name),
        _("Seal: %(number)s, %(total)s entries so far", number=anchor.seal.number, total=anchor.seal.total),
        _("Hash: %(hash)s", hash=anchor.groups),
        "",
        _("Keep this where nobody who runs the panel can change it. To compare: panel audit verify --anchors FILE"),
        anchor.line,
    ]
    return "\n".join(lines) + "\n"


def read_anchors(text: str) -> dict[int, list[tuple[int, str]]]:
    """(number, hash) by institution, from files or mails with anchors in them; other lines are passed over."""
    found: dict[int, list[tuple[int, str]]] = {}
    for line in text.splitlines():
        words = line[line.find(ANCHOR) :].split() if ANCHOR in line else []
        if len(words) == 6 and words[1].isdecimal() and words[3].isdecimal():
            found.setdefault(int(words[1]), []).append((int(words[3]), words[5]))
    return found


# ── verifying ──────────────────────────────────────────────────────────────────────────────────


def verified(institution: Institution) -> Report:
    """Seal what is not yet, walk the chain, note the outcome, and tell who is to know of a broken one."""
    seals.seal_all()
    report = verify(institution.id)
    details = {"entries": report.entries, "intact": report.intact, "first": report.first and str(report.first)}
    audit.note("verified", institution, details)
    if report.first is not None:
        what = _("The audit log was changed behind the panel's back: %(what)s", what=report.first)
        tell(institution, f"audit.broken:{report.first.flaw}:{report.first.entry_id}:{report.first.seal}", what, True)
    return report


def send_anchor(institution: Institution, day: date) -> int:
    """Send a day's anchor to whoever receives anchors; gives how many are told anew."""
    found = anchors(institution, day, day)
    if not found:
        return 0
    text = _("Anchor of the audit log, %(day)s", day=day)
    return tell(institution, f"audit.anchor:{day}", f"{text} · {found[0].line}")


def tell(institution: Institution, key: str, text: str, urgent: bool = False) -> int:
    """Tell every holder of SEAL_RECEIVE over the whole institution."""
    from panel.notify.outbox import Notice, Post

    notices = [
        Notice(person, key, "org.institution", institution.id, text=text[:300], urgent=urgent)
        for person in receivers(institution)
    ]
    return Post(institution).tell(notices)


def receivers(institution: Institution) -> Sequence[Person]:
    """The people behind users who hold SEAL_RECEIVE."""
    from panel.access.models import User

    roles = [r.id for r in Role.select().where(Role.institution == institution) if P.SEAL_RECEIVE in r.permissions]
    users = Grant.select(Grant.user).where(Grant.institution == institution, Grant.role.in_(roles))
    people = User.select(User.person).where(User.id.in_(users), User.active, User.person.is_null(False))
    return [p for p in Person.select().where(Person.id.in_(people)) if p.in_service()]


def accept_loss(institution: Institution, reason: str) -> None:
    """Go on from a chain that is shorter than it was, after a backup was restored. The loss stays in the log."""
    if not reason.strip():
        raise Refused(_("Say why: which backup was restored, by whom."), "reason")
    kept, end = seals.heads().get(institution.id), seals.last_of(institution.id)
    lost = {"from": end.number if end else 0, "to": kept[0] if kept else 0, "hash": kept[1] if kept else ""}
    with audit.acting(reason=reason.strip()[:500]):
        audit.note("loss_accepted", institution, lost)
    seals.keep_heads([institution.id], even_if_shorter=True)


# ── how it stands ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """What the page says of the chain."""

    last: Seal | None
    waiting: int  # entries not sealed yet
    late: bool  # nothing was sealed for long, though there is something
    checked: Any  # the last run that verified it
    result: dict[str, Any] | None


def standing(institution: Institution) -> Standing:
    """How the chain of an institution stands. Four queries, none grows with the log."""
    from panel.jobs.models import Run, RunState

    last = seals.last_of(institution.id)
    fresh = (Entry.institution_id == institution.id) & (Entry.id > (last.last_id if last else 0))
    ids = Entry.select(Entry.at).where(fresh).order_by(Entry.id)
    waiting, oldest = ids.limit(10_000).count(), ids.first()
    ran = (Run.task == VERIFY) & (Run.institution == institution) & (Run.state == RunState.DONE)
    checked = Run.select().where(ran).order_by(Run.id.desc()).first()
    late = oldest is not None and oldest.at < utcnow() - timedelta(minutes=15)
    return Standing(last, waiting, late, checked, checked.result if checked else None)
