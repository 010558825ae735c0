"""The entries of a settlement, written set by set: SQL over the table `stipend_piece` of `collecting`.

Each case of pieces alike is reckoned once, in Python and exactly; the database shares the fees out among contributors,
in whole fen. The text holds whole numbers and names of the code alone; it runs on both databases.
"""

# ruff: noqa: S608
# Only whole numbers, days and names of the code stand in these texts; what people type is never part of them.

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from panel.api import Institution, Person, PersonKind, db, insert_rows, is_postgres, records
from plugins.stipend.cards import month_end
from plugins.stipend.choices import CLOSED, FactorState, ProblemKind
from plugins.stipend.collecting import Some, by_card, collect, joined, run
from plugins.stipend.ledger import Payee, Settlement, Working
from plugins.stipend.payees import new_payee
from plugins.stipend.rates import Exclusion
from plugins.stipend.weighing import Laid, Worked, weigh

KNOWN = 20_000  # cases kept in mind from chunk to chunk
IN = 5_000  # values of one IN
ENTRY = (
    "institution_id", "settlement_id", "kind", "contribution_id", "submission_id", "payee_id", "unit_id", "name",
    "amount", "note", "working_id", "first_on", "words", "photos", "videos", "why", "channels", "place", "among",
    "share", "due",
)  # fmt: skip


@dataclass
class Desk:
    """What a run works with: the settlement, its months and cards, and the cases it has reckoned already."""

    settlement: Settlement
    months: list[date]
    cards: list[Laid]
    cases: dict[str, ProblemKind | list[tuple[str, int, int]]] = field(default_factory=dict)  # (part, fen, working)

    @property
    def institution(self) -> int:
        return int(self.settlement.institution_id)


def enter(desk: Desk, some: Some) -> int:
    """Write the entries and open questions of some pieces in place of those there are; gives how many more are paid."""
    before = _take_out(desk.settlement, some)
    collect(desk.settlement, desk.cards, desk.months, some)
    run("CREATE TEMPORARY TABLE stipend_case (alike TEXT, part VARCHAR(20), amount BIGINT, working BIGINT, why TEXT)")
    counts = dict(run("SELECT alike, COUNT(*) FROM stipend_piece GROUP BY alike").fetchall())
    alike = list(counts)
    _weigh(desk, alike)
    _lay_out(desk.cases, alike)
    run("CREATE INDEX stipend_case_alike ON stipend_case (alike, part)")
    if is_postgres():
        run("ANALYZE stipend_piece, stipend_case")
    _make_payees(desk.institution)
    _write(desk)
    _ask(desk)
    paid = sum(count for one, count in counts.items() if isinstance(desk.cases[one], list))
    for table in ("stipend_case", "stipend_piece"):
        run(f"DROP TABLE {table}")
    return paid - before


def _take_out(settlement: Settlement, some: Some) -> int:
    """Delete what was entered of some pieces; gives how many were paid for."""
    mine = f"WHERE {some.of('submission_id')} AND +settlement_id = {settlement.id}"  # by the piece, never by the month
    mine_entered = f"{mine} AND kind = 'piece'"
    (before,) = run(f"SELECT COUNT(DISTINCT submission_id) FROM stipend_entry {mine_entered}").fetchone()
    if before:
        run(f"DELETE FROM stipend_entry {mine_entered}")
    run(f"DELETE FROM stipend_problem {mine} AND kind <> '{ProblemKind.STANDS.value}'")
    return int(before)


# ── cases ──────────────────────────────────────────────────────────────────────────────────────


def _weigh(desk: Desk, alike: Iterable[str]) -> None:
    """Reckon the cases not met yet, and keep their workings."""
    if len(desk.cases) > KNOWN:
        desk.cases.clear()
    cards = {str(card.id): card for card in desk.cards}
    found = {one: weigh(one, cards) for one in alike if one not in desk.cases}
    worked = {w.digest: w for outcome in found.values() if isinstance(outcome, list) for w in outcome}
    ids = _workings(desk.institution, worked)
    for one, outcome in found.items():
        if isinstance(outcome, list):
            desk.cases[one] = [(w.part, w.amount, ids[w.digest]) for w in outcome]
        else:
            desk.cases[one] = outcome


def _workings(institution: int, worked: dict[str, Worked]) -> dict[str, int]:
    known: dict[str, int] = {}
    digests = list(worked)
    for start in range(0, len(digests), IN):
        some = digests[start : start + IN]
        rows: Any = Working.select(Working.digest, Working.id).where(
            Working.institution_id == institution, Working.digest.in_(some)
        )
        known |= dict(rows.tuples())
    new = [d for d in digests if d not in known]
    rows = [{"institution_id": institution, "digest": d, "steps": worked[d].steps} for d in new]
    return known | dict(zip(new, insert_rows(Working, rows), strict=True))


def _lay_out(cases: dict[str, Any], alike: Iterable[str]) -> None:
    """Put cases where the database can join them; one that pays nothing has no part, and says why."""
    rows: list[tuple[Any, ...]] = []
    for one in alike:
        outcome = cases[one]
        if isinstance(outcome, list):
            rows += [(one, part, amount, working, "") for part, amount, working in outcome]
        else:
            rows.append((one, "", 0, None, outcome.value))
    mark = f"({', '.join([str(db.param)] * 5)})"
    for start in range(0, len(rows), IN):
        some = rows[start : start + IN]
        values = [value for row in some for value in row]
        db.execute_sql(f"INSERT INTO stipend_case VALUES {', '.join([mark] * len(some))}", values)


# ── payees ─────────────────────────────────────────────────────────────────────────────────────


def _given() -> str:
    """SQL: the contributions that are paid for, each with its piece and its case."""
    return (
        f"FROM stipend_piece w {joined()} content_contribution c ON c.submission_id = w.id"
        f" {joined()} stipend_case k ON k.alike = w.alike AND k.part = c.part AND k.why = ''"
    )


def _payee(institution: int) -> str:
    """SQL: the payee of a contribution `c`: the person, or outside the roster the name with the unit."""
    of = f"SELECT y.id FROM stipend_payee y WHERE y.institution_id = {institution}"
    outside = "y.person_id IS NULL AND y.name = c.name AND y.unit_name = c.unit_name"
    return f"CASE WHEN c.person_id IS NULL THEN ({of} AND {outside}) ELSE ({of} AND y.person_id = c.person_id) END"


def _make_payees(institution: int) -> None:
    """Make the payees of contributors who had none yet."""
    unknown = f"{_given()} WHERE ({_payee(institution)}) IS NULL"
    rows = run(
        "SELECT c.person_id, CASE WHEN c.person_id IS NULL THEN c.name ELSE '' END AS called,"
        " CASE WHEN c.person_id IS NULL THEN c.unit_name ELSE '' END AS at_home, MIN(c.name), MIN(c.unit_name)"
        f" {unknown} GROUP BY 1, 2, 3 ORDER BY MIN(c.id)"
    ).fetchall()
    if not rows:
        return
    here = Institution.get_by_id(institution)
    ids = [row[0] for row in rows if row[0] is not None]
    people: dict[int, Person] = {}
    for start in range(0, len(ids), IN):
        people |= {p.id: p for p in Person.select().where(Person.id.in_(ids[start : start + IN]))}
    records.bulk_create(Payee, [new_payee(here, people.get(row[0]), row[3], row[4]) for row in rows])


# ── writing ────────────────────────────────────────────────────────────────────────────────────


def _reason(institution: int) -> str:
    """SQL: why nothing is paid to a contributor; empty where something is."""
    held = Exclusion.institution == institution
    kinds: Any = Exclusion.select(Exclusion.kind != "", Exclusion.person.is_null(False)).where(held).distinct()
    found = {"kind" if kind else "person" if person else "unit" for kind, person in kinds.tuples()}
    below = "(SELECT u.path FROM org_unit u WHERE u.id = x.unit_id)"
    fitting = {
        "kind": "x.kind = w.kind",  # never empty
        "person": "x.person_id = c.person_id",
        "unit": (
            "EXISTS (SELECT 1 FROM org_person n JOIN org_unit m ON m.id = n.unit_id WHERE n.id = c.person_id"
            f" AND n.kind = '{PersonKind.STAFF.value}' AND m.institution_id = {institution}"
            f" AND substr(m.path, 1, length({below})) = {below})"
        ),
    }
    whys = [
        f"(SELECT x.reason FROM stipend_exclusion x WHERE x.institution_id = {institution} AND {fits}"
        " AND x.since <= w.first_on AND (x.until IS NULL OR x.until >= w.first_on) ORDER BY x.id LIMIT 1)"
        for name, fits in fitting.items()
        if name in found
    ]
    return f"COALESCE({', '.join(whys)}, '')" if whys else "''"


def _giving(desk: Desk) -> str:
    return (
        f"w.*, c.id AS contribution, c.part, c.share, k.amount AS whole, k.working,"
        f" {_reason(desk.institution)} AS note, {_payee(desk.institution)} AS payee"
    )


OTHERS = "EXISTS (SELECT 1 FROM content_contribution o WHERE o.submission_id = c.submission_id AND o.id <> c.id)"


def _alone(desk: Desk) -> str:
    """SQL: the contributions nobody shares, which are most."""
    return f"SELECT {_giving(desk)}, 0 AS place, 1 AS among, k.amount AS due {_given()} WHERE NOT {OTHERS}"


def _shared(desk: Desk) -> str:
    """SQL: the others, with what each is due; what cannot be divided goes to the first."""
    ways = {card.id: f"'{card.way}'" for card in desk.cards}
    part = "OVER (PARTITION BY w.id, c.part)"
    places = (
        f"SELECT {_giving(desk)}, {by_card(desk.cards, 'w.first_on', ways, 'NULL')} AS way,"
        " ROW_NUMBER() OVER (PARTITION BY w.id, c.part ORDER BY c.position) - 1 AS place,"
        f" COUNT(*) {part} AS among, COUNT(c.share) {part} AS told {_given()} WHERE {OTHERS}"
    )
    each = (
        "CASE WHEN way = 'first' THEN 0 WHEN way = 'shares' AND told > 0 THEN whole * COALESCE(share, 0) / 10000"
        " ELSE whole / among END"
    )
    rest = "(SUM(each) OVER (PARTITION BY id, part) - each)"
    return (
        f"SELECT v.*, CASE WHEN place = 0 THEN whole - {rest} ELSE each END AS due"
        f" FROM (SELECT q.*, {each} AS each FROM ({places}) q) v"
    )


def _write(desk: Desk) -> None:
    for given in (_alone(desk), _shared(desk)):
        run(
            f"INSERT INTO stipend_entry ({', '.join(ENTRY)}) SELECT {desk.institution}, {desk.settlement.id}, 'piece',"
            " contribution, id, payee, unit_id, name, CASE WHEN note = '' THEN CAST(due AS INTEGER) ELSE 0 END,"
            " note, working, first_on, words, photos, videos, why, channels, place, among, share,"
            " CASE WHEN note = '' THEN NULL ELSE CAST(due AS INTEGER) END"
            f" FROM ({given}) e ORDER BY id, part, place"
        )


def _ask(desk: Desk) -> None:
    """List the pieces nothing is paid for, and those whose factor is not decided."""
    head = (
        "INSERT INTO stipend_problem (institution_id, settlement_id, kind, submission_id)"
        f" SELECT {desk.institution}, {desk.settlement.id}"
    )
    join = f"FROM stipend_piece w {joined()} stipend_case k ON k.alike = w.alike"
    run(f"{head}, k.why, w.id {join} WHERE k.part = '' ORDER BY w.id")
    if run("SELECT 1 FROM stipend_piece WHERE proposed = 1 LIMIT 1").fetchone():
        weighed = f"k.why IN ('', '{ProblemKind.SHARES.value}')"
        run(f"{head}, '{FactorState.PROPOSED.value}', w.id {join} WHERE w.proposed = 1 AND {weighed} GROUP BY w.id")


# ── what is left from earlier months ───────────────────────────────────────────────────────────


def afresh(settlement: Settlement) -> None:
    """Take out what does not come from pieces of the month, and put back what its cap cut: both are made anew."""
    for column in ("adjusts_id", "carries_id", "adjustment_id"):
        run(f"DELETE FROM stipend_entry WHERE {column} IS NOT NULL AND +settlement_id = {settlement.id}")
    run(f"DELETE FROM stipend_problem WHERE settlement_id = {settlement.id} AND kind = '{ProblemKind.STANDS.value}'")
    run(
        "UPDATE stipend_entry SET amount = due, due = NULL, cap = NULL"
        f" WHERE settlement_id = {settlement.id} AND cap IS NOT NULL"
    )


def _closed(settlement: Settlement) -> str:
    states = ", ".join(f"'{state}'" for state in CLOSED)
    return (
        f"SELECT z.id FROM stipend_settlement z WHERE z.institution_id = {int(settlement.institution_id)}"
        f" AND z.id <> {settlement.id} AND z.state IN ({states})"
    )


def make_good(settlement: Settlement, since: date) -> None:
    """Take back, once, what closed months paid for pieces that were taken down since and stand nowhere."""
    gone = (
        "SELECT r.submission_id FROM content_correction n JOIN content_release r ON r.id = n.release_id"
        f" WHERE n.institution_id = {int(settlement.institution_id)} AND n.kind = 'withdrawn'"
        f" AND n.mended_on BETWEEN '{since:%Y-%m-%d}' AND '{month_end(settlement.month):%Y-%m-%d}'"
    )
    out = "EXISTS (SELECT 1 FROM content_release r WHERE r.submission_id = e.submission_id AND r.state = 'out')"
    paid = (
        f"FROM stipend_entry e WHERE e.submission_id IN ({gone}) AND e.kind = 'piece' AND e.amount > 0"
        f" AND e.settlement_id IN ({_closed(settlement)}) AND NOT EXISTS (SELECT 1 FROM stipend_entry a"
        f" WHERE a.adjusts_id = e.id AND a.settlement_id <> {settlement.id})"
    )
    own = f"SELECT {int(settlement.institution_id)}, {settlement.id}"
    run(
        "INSERT INTO stipend_entry (institution_id, settlement_id, kind, adjusts_id, submission_id, unit_id, payee_id,"
        f" name, amount, note, why) {own}, 'withdrawn', e.id, e.submission_id, e.unit_id, e.payee_id, e.name,"
        f" -e.amount, '', '' {paid} AND NOT {out} ORDER BY e.id"
    )
    run(
        "INSERT INTO stipend_problem (institution_id, settlement_id, kind, submission_id)"
        f" {own}, '{ProblemKind.STANDS.value}', e.submission_id {paid} AND {out} GROUP BY e.submission_id"
    )


def carry(settlement: Settlement) -> None:
    """Bring in, once, what earlier months left below zero."""
    month = "to_char(z.month, 'YYYY-MM')" if is_postgres() else "substr(z.month, 1, 7)"
    run(
        "INSERT INTO stipend_entry (institution_id, settlement_id, kind, carries_id, payee_id, name, amount, note, why)"
        f" SELECT {int(settlement.institution_id)}, {settlement.id}, 'carried', l.id, l.payee_id, {month}, l.carried,"
        " '', '' FROM stipend_payee_line l JOIN stipend_settlement z ON z.id = l.settlement_id"
        f" WHERE l.carried < 0 AND z.month < '{settlement.month:%Y-%m-%d}' AND l.settlement_id IN"
        f" ({_closed(settlement)}) AND NOT EXISTS (SELECT 1 FROM stipend_entry a WHERE a.carries_id = l.id"
        f" AND a.settlement_id <> {settlement.id}) ORDER BY l.id"
    )


def by_hand(settlement: Settlement) -> None:
    """Enter the adjustments of the month."""
    run(
        "INSERT INTO stipend_entry (institution_id, settlement_id, kind, adjustment_id, payee_id, name, amount, note,"
        f" why) SELECT {int(settlement.institution_id)}, {settlement.id}, 'manual', a.id, a.payee_id,"
        f" substr(a.reason, 1, 200), a.amount, '', '' FROM stipend_adjustment a WHERE a.settlement_id = {settlement.id}"
        " ORDER BY a.id"
    )


def cut(settlement: Settlement, cap: int) -> None:
    """Cut what somebody earns beyond the cap of a person and month, in the order of the pieces."""
    mine = f"settlement_id = {settlement.id} AND kind = 'piece'"
    run(
        f"UPDATE stipend_entry SET due = COALESCE(due, amount), cap = {cap}, amount = CASE WHEN o.room > 0 THEN o.room"
        " ELSE 0 END FROM (SELECT id AS entry, amount AS had,"
        f" {cap} - (SUM(amount) OVER (PARTITION BY payee_id ORDER BY submission_id, id) - amount) AS room"
        f" FROM stipend_entry WHERE {mine} AND payee_id IN (SELECT payee_id FROM stipend_entry WHERE {mine}"
        f" GROUP BY payee_id HAVING SUM(amount) > {cap})) o"
        " WHERE stipend_entry.id = o.entry AND o.had > o.room AND o.had > 0"
    )
