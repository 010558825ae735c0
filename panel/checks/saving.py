"""At the end of every transaction: what did it break, and may it stand?"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from flask import g, has_request_context, request

from panel.access.identity import current
from panel.access.models import PluginSwitch
from panel.audit import context
from panel.checks import engine, judging
from panel.checks.affected import affected
from panel.checks.compiled import breaches
from panel.checks.declare import Check, Severity
from panel.checks.engine import Opened, Outcome
from panel.checks.models import Broken, Dirty
from panel.checks.registry import checks
from panel.database import Touch, db
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution

WHOLE = 2_000  # rows beyond which the next sweep looks at all of the institution's, which is set-based, instead
CONFIRM = "confirm_findings"  # the form field that says: save all the same


class Unconfirmed(Exception):
    """The change would open warnings; it is saved once they are confirmed. `warnings` are sentences for the user."""

    def __init__(self, warnings: Sequence[str]) -> None:
        super().__init__("\n".join(warnings))
        self.warnings = warnings


_recording: ContextVar[bool] = ContextVar("recording", default=False)


@contextmanager
def recording() -> Iterator[None]:
    """Take in the world as it is: findings open, nothing is refused or asked, but by checks that refuse imports."""
    token = _recording.set(True)
    try:
        yield
    finally:
        _recording.reset(token)


def observe(touches: list[Touch]) -> None:
    """Bring the findings of everything the transaction concerns up to date. Raises Refused or Unconfirmed."""
    for institution, here in _by_institution(touches):
        day = engine.today_in(institution)
        opened: list[Opened] = []
        for group in affected(checks.of(areas_on(institution)), here, institution):
            leave(group.later, institution)
            if group.checks:
                engine.hold(group.subject, group.ids)
                found = run(group.checks, group.ids, day, institution).opened
                opened += [one for one in found if one.code in group.blamed]
        if not any(touch.decided for touch in here):
            _decide(opened, day)


def run(wanted: Sequence[Check], ids: Sequence[int], day: date, institution: Institution) -> Outcome:
    """Judge and reconcile; where a check raises, the others still run and it is recorded as broken."""
    try:
        with db.atomic():
            judging.judge(dict.fromkeys(j for check in wanted for j in check.sees), institution.id, ids)
            return engine.reconcile(wanted, ids, day)
    except Exception as error:
        if len(wanted) == 1:
            record_broken(wanted[0].code, institution, error)
            return Outcome(broken=[wanted[0].code])
    parts = [run([check], ids, day, institution) for check in wanted]
    return Outcome(
        [o for part in parts for o in part.opened],
        sum(part.closed for part in parts),
        [code for part in parts for code in part.broken],
    )


def record_broken(code: str, institution: Institution, error: Exception) -> None:
    """Remember that a check raised; what it found before stays."""
    text = f"{type(error).__name__}: {error}"[:2000]
    row = Broken.get_or_none(Broken.code == code, Broken.institution == institution)
    if row is None:
        Broken.insert(code=code, institution=institution, error=text).on_conflict_ignore().execute()
    elif row.error != text:
        Broken.update(error=text).where(Broken.id == row.id).execute()


def _by_institution(touches: Iterable[Touch]) -> list[tuple[Institution, list[Touch]]]:
    found: dict[int, list[Touch]] = defaultdict(list)
    for touch in touches:
        row = touch.row
        key = row.id if isinstance(row, Institution) else row.__data__.get("institution")
        if key is not None:
            found[key].append(touch)
    who = current()
    known = {who.institution.id: who.institution} if who else {}
    return [
        (institution, here)
        for key, here in found.items()
        if (institution := known.get(key) or Institution.get_or_none(Institution.id == key)) is not None
    ]


def areas_on(institution: Institution) -> list[str]:
    """Core areas and the plugins that are on, read afresh: a switch may be part of the transaction."""
    from panel.plugin import CORE_AREAS

    on: Any = PluginSwitch.select(PluginSwitch.plugin).where(
        PluginSwitch.institution == institution.id, PluginSwitch.enabled
    )
    return [*CORE_AREAS, *(name for (name,) in on.tuples())]


def leave(later: Sequence[tuple[Check, list[int] | None]], institution: Institution) -> None:
    """Leave to the next sweep what is too much for a save."""
    if later:
        Dirty.insert_many(
            [{"institution": institution.id, "code": check.code, "rows": ids} for check, ids in later]
        ).execute()


def _decide(opened: Sequence[Opened], day: date) -> None:
    """Refuse or ask because of what the transaction itself brought in; what was broken before may stay so."""
    grave = [o for o in opened if not o.waived and _speaks_up(checks[o.code])]
    if _recording.get():
        grave = [o for o in grave if checks[o.code].refuses_import]
    elif context.current().kind not in ("web", "api", "cli"):
        return
    if not grave:
        return
    grave = [o for o, before in zip(grave, _before(grave, day), strict=True) if not before]
    for found in grave:
        check = checks[found.code]
        if check.severity == Severity.ERROR:
            raise Refused(_("%(what)s Nothing is saved.", what=_sentence(check, found)), check.form_field)
    if grave and has_request_context() and not _recording.get() and not _confirmed():
        raise Unconfirmed([_sentence(checks[found.code], found) for found in grave])


def _confirmed() -> bool:
    return CONFIRM in request.form or bool(g.get("findings_confirmed"))


def _speaks_up(check: Check) -> bool:
    return check.at_save and check.severity != Severity.NOTICE


def _sentence(check: Check, found: Opened) -> str:
    text = check.worded(found.facts)
    return text if text.endswith(("。", ".")) else text + _(".")


def _before(opened: Sequence[Opened], day: date) -> list[bool]:
    """Whether each broke its rule already before the transaction: asked on another connection, which sees only that."""
    known: dict[tuple[str, int], dict[str, Any]] = {}

    def ask() -> None:
        with db.connection_context():
            for code in {o.code for o in opened}:
                ids = [o.subject_id for o in opened if o.code == code]
                statement = breaches([checks[code]], "ids")
                for row in db.execute_sql(statement.sql, statement.bound(day=day, ids=ids)).fetchall():
                    known[code, row[2]] = json.loads(row[5])

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return [
        (o.code, o.subject_id) in known and not checks[o.code].worse(known[o.code, o.subject_id], o.facts)
        for o in opened
    ]
