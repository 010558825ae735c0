"""What a settlement collects, as SQL: each chunk of pieces becomes a table of its own, with what decides each fee.

The text holds whole numbers, days and names of the code alone, nothing anybody typed; it runs on both databases.
"""

# ruff: noqa: S608
# Only whole numbers, days and names of the code stand in these texts; what people type is never part of them.

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import Expression, fn

from panel.api import db, is_postgres, today
from plugins.content.services import MediumLevel, Release
from plugins.stipend.cards import month_end
from plugins.stipend.choices import CLOSED, Per, Rounding
from plugins.stipend.ledger import Entry, Settlement
from plugins.stipend.rates import Rate, RateCard
from plugins.stipend.weighing import PARTS, Laid, laid

LATE_MONTHS = 3  # so far back what was entered late is still collected
CHUNK = 20_000  # pieces in one transaction
SPARSE = 10  # at most so many times as many ids are looked through for them
PIECE = (
    "id INTEGER PRIMARY KEY, unit_id BIGINT, name VARCHAR(200), kind VARCHAR(20), words INTEGER, photos INTEGER,"
    " videos INTEGER, first_on DATE, channels TEXT, why VARCHAR(300), proposed INTEGER, alike TEXT"
)


def months_of(settlement: Settlement) -> list[date]:
    """The months whose releases a settlement collects: its own, and closed ones something was entered late for."""
    earlier = settlement.month.replace(day=1) - timedelta(days=31 * LATE_MONTHS)
    closed = Settlement.select(Settlement.month).where(
        Settlement.institution == settlement.institution_id,
        Settlement.state.in_(CLOSED),
        Settlement.month.between(earlier.replace(day=1), settlement.month - timedelta(days=1)),
    )
    return [settlement.month, *(s.month for s in closed)]


def window(settlement: Settlement) -> Expression:
    """The releases a settlement collects."""
    spans: Expression = reduce(or_, (Release.released_on.between(m, month_end(m)) for m in months_of(settlement)))
    return (Release.institution == settlement.institution_id) & (Release.state == "out") & spans


def cards_of(settlement: Settlement) -> list[Laid]:
    """The cards of the months a settlement collects."""
    first = settlement.month - timedelta(days=31 * (LATE_MONTHS + 1))
    held = RateCard.institution == settlement.institution_id
    cards = list(RateCard.select().where(held, RateCard.until.is_null() | (RateCard.until >= first)))
    lines: dict[int, list[Rate]] = {c.id: [] for c in cards}
    for rate in Rate.select().where(Rate.card.in_(cards)).order_by(Rate.id):
        lines[rate.__data__["card"]].append(rate)
    return [laid(card, lines[card.id]) for card in cards]


@dataclass(frozen=True)
class Some:
    """Some pieces: a span of ids, or those named."""

    first: int = 0
    last: int = 0
    ids: Sequence[int] = ()

    def of(self, column: str) -> str:
        """SQL: the column names one of them."""
        if self.ids:
            return f"{column} IN ({', '.join(str(int(one)) for one in self.ids)})"
        return f"{column} BETWEEN {int(self.first)} AND {int(self.last)}"


def chunks(settlement: Settlement, since: int) -> Iterator[tuple[Some, int, int]]:
    """The pieces from an id on in spans of ids, those entered already among them, each as (pieces, releases before it,
    releases in all), the latter about."""
    ends: Any = Release.select(fn.MIN(Release.submission), fn.MAX(Release.submission), fn.COUNT(Release.id))
    low, high, count = ends.where(window(settlement)).tuples().get()
    held: Any = Entry.select(fn.MIN(Entry.submission), fn.MAX(Entry.submission)).where(Entry.settlement == settlement)
    found = [one for one in (*held.tuples().get(), low, high) if one is not None]
    if not found:
        return
    first, last = max(min(found), since), max(found)
    width = last - min(found) + 1
    step = min(max(CHUNK, width * CHUNK // max(count, 1)), CHUNK * SPARSE)
    for start in range(first, last + 1, step):
        yield Some(start, start + step - 1), count * (start - min(found)) // width, count


def by_card(cards: Iterable[Laid], day: str, what: dict[int, str], otherwise: str) -> str:
    """SQL: something for each card, by the card that holds on a day."""
    whens = [
        f"WHEN {day} >= '{card.since:%Y-%m-%d}'" + (f" AND {day} <= '{card.until:%Y-%m-%d}'" if card.until else "")
        + f" THEN {what[card.id]}"
        for card in cards
        if card.id in what
    ]  # fmt: skip
    return f"(CASE {' '.join(whens)} ELSE {otherwise} END)" if whens else otherwise


def _stairs(value: str, steps: Iterable[int]) -> str:
    """SQL: the highest of some steps a value reaches, 0 below them."""
    whens = " ".join(f"WHEN {value} >= {step} THEN {step}" for step in sorted(set(steps), reverse=True) if step > 0)
    return f"(CASE {whens} ELSE 0 END)" if whens else "0"


def _edges(cards: Iterable[Laid], low: str, high: str) -> list[int]:
    """Where the lines of the cards begin to be about something else."""
    found: list[int] = []
    for rate in (rate for card in cards for rate in card.card.rates):
        first, last = getattr(rate, low), getattr(rate, high)
        found += [first] if first is not None else []
        found += [last + 1] if last is not None else []
    return found


def _words(cards: list[Laid]) -> str:
    """SQL: the least number of characters that is paid as those of the piece are."""
    rates = [r for card in cards for r in card.card.rates]
    thousands = {r.rounding for r in rates if r.per == Per.THOUSAND}
    if Rounding.EXACT in thousands:
        return "s.words"
    edge = _stairs("s.words", _edges(cards, "words_from", "words_to"))
    if not thousands:
        return edge
    half = "(s.words / 500 * 500 + CASE WHEN s.words > s.words / 500 * 500 THEN 1 ELSE 0 END)"
    return f"(CASE WHEN {half} > {edge} THEN {half} ELSE {edge} END)"


def _spans(months: Iterable[date], day: str) -> str:
    return "(" + " OR ".join(f"{day} BETWEEN '{m:%Y-%m-%d}' AND '{month_end(m):%Y-%m-%d}'" for m in months) + ")"


def _outs(cards: list[Laid], institution: int, months: Iterable[date], some: Some) -> str:
    """SQL: the releases of the pieces, with the reads of the day that counts where a card asks for them."""
    plain = "" if is_postgres() else "+"  # keeps SQLite to the index of the piece: a chunk never reads the month
    outs = (
        "SELECT r.submission_id AS piece, r.id, r.released_on AS day,"
        f" COALESCE(m.level, '{MediumLevel.INSTITUTION.value}') AS level,"
        " CASE WHEN r.account_id IS NULL THEN 0 ELSE 1 END AS account"
        " FROM content_release r LEFT JOIN content_medium m ON m.id = r.medium_id"
        f" WHERE {some.of('r.submission_id')} AND {plain}r.institution_id = {institution}"
        f" AND r.state = 'out' AND {_spans(months, plain + 'r.released_on')}"
    )
    asking = [card for card in cards if card.asks_reads]
    if not asking:
        return f"SELECT o.*, NULL AS reads, '' AS code FROM ({outs}) o"
    plus = "o.day + {}" if is_postgres() else "date(o.day, '+{} days')"
    counts = by_card(asking, "o.begun", {card.id: plus.format(card.reads_days) for card in asking}, "NULL")
    outs = f"SELECT q.*, MIN(day) OVER (PARTITION BY piece) AS begun FROM ({outs}) q"
    outs = f"SELECT o.*, {counts} AS counts FROM ({outs}) o"
    figure = (
        "(SELECT c.reads FROM content_read_count c WHERE c.release_id = o.id AND c.counted_on <= o.counts"
        f" AND o.counts <= '{today():%Y-%m-%d}' ORDER BY c.counted_on DESC LIMIT 1)"
    )
    outs = f"SELECT o.*, {figure} AS reads FROM ({outs}) o"
    stairs = f"CAST({_stairs('o.reads', _edges(asking, 'reads_from', 'reads_to'))} AS VARCHAR(20))"
    code = (
        f"CASE WHEN o.counts IS NULL THEN '' WHEN o.reads IS NOT NULL THEN {stairs}"
        f" WHEN o.counts > '{today():%Y-%m-%d}' THEN 'later' ELSE 'none' END"
    )
    return f"SELECT o.*, {code} AS code FROM ({outs}) o"


def _joined(text: str, by: str) -> str:
    return f"string_agg({text}, '{by}' ORDER BY id)" if is_postgres() else f"group_concat({text}, '{by}')"


def collect(settlement: Settlement, cards: list[Laid], months: list[date], some: Some) -> None:
    """Make the table `stipend_piece` of some pieces; `alike` is the same for all that earn the same.

    Who was paid for in another settlement is left out.
    """
    outs = _outs(cards, int(settlement.institution_id), months, some)
    channel = "id || CASE WHEN reads IS NULL THEN '' ELSE '=' || reads END"
    medium = "level || ':' || account || ':' || code"
    pieces = (
        f"SELECT piece, MIN(day) AS first_on, {_joined(channel, ';')} AS channels,"
        f" {_joined(medium, ',')} AS media"
        f" FROM (SELECT * FROM ({outs}) z ORDER BY piece, id) y GROUP BY piece"
    )
    rates = [rate for card in cards for rate in card.card.rates]
    photos, videos = (f"s.{name}s" if any(r.per == name for r in rates) else "0" for name in (Per.PHOTO, Per.VIDEO))
    named = " + ".join(f"MAX(CASE WHEN c.part = '{p}' THEN {1 << n} ELSE 0 END)" for n, p in enumerate(PARTS))
    uneven = (
        "(SELECT COUNT(*) FROM (SELECT 1 AS one FROM content_contribution c WHERE c.submission_id = s.id"
        " GROUP BY c.part HAVING COUNT(c.share) > 0 AND SUM(COALESCE(c.share, 0)) <> 10000) u)"
    )
    alike = (
        by_card(cards, "p.first_on", {card.id: f"'{card.id}'" for card in cards}, "''"),
        "s.kind", "s.class_name", "COALESCE(s.source, '')", _words(cards), photos, videos,
        "CASE WHEN f.state = 'confirmed' THEN CAST(f.value AS VARCHAR(20)) ELSE '' END",
        f"COALESCE((SELECT {named} FROM content_contribution c WHERE c.submission_id = s.id), 0)",
        uneven if any(card.way == "shares" for card in cards) else "0",
        "p.media",
    )  # fmt: skip
    paid = (
        "SELECT 1 FROM stipend_entry e WHERE e.submission_id = s.id AND e.kind = 'piece'"
        f" AND e.settlement_id <> {settlement.id}"
    )
    same = " || '|' || ".join(alike)
    run(f"CREATE TEMPORARY TABLE stipend_piece ({PIECE})")
    run(
        "INSERT INTO stipend_piece SELECT s.id, s.unit_id, substr(s.headline, 1, 200) AS name, s.kind,"
        " s.words, s.photos, s.videos, p.first_on, p.channels,"
        " CASE WHEN f.state = 'confirmed' THEN f.reason ELSE '' END AS why,"
        f" CASE WHEN f.state = 'proposed' THEN 1 ELSE 0 END AS proposed, {same} AS alike"
        f" FROM ({pieces}) p JOIN content_submission s ON s.id = p.piece"
        f" LEFT JOIN stipend_factor f ON f.submission_id = s.id WHERE NOT EXISTS ({paid})"
    )


def joined() -> str:
    """SQL: a join that begins with what stands before it; SQLite, without statistics, would read all there ever was."""
    return "JOIN" if is_postgres() else "CROSS JOIN"


def run(sql: str) -> Any:
    """Run a statement whose text this plugin wrote."""
    return db.execute_sql(sql)
