"""Rate cards, tax tables and exclusions: the verbs. What a decided month was reckoned from does not change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from panel.api import Institution, Refused, _, records, transaction
from plugins.stipend.choices import DECIDED, Income
from plugins.stipend.ledger import Settlement
from plugins.stipend.rates import Exclusion, Rate, RateCard, TaxTable
from plugins.stipend.shipped import EXAMPLES, TAX_TABLES

DAY = timedelta(days=1)


def month_end(month: date) -> date:
    """The last day of the month a day lies in."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - DAY


def card_on(institution: Any, day: date) -> RateCard | None:
    """The rate card that holds on a day."""
    found: RateCard | None = (
        RateCard.select()
        .where(
            RateCard.institution == institution,
            RateCard.since <= day,
            RateCard.until.is_null() | (RateCard.until >= day),
        )
        .first()
    )
    return found


def table_on(institution: Any, income: str, day: date) -> TaxTable | None:
    """The tax table of a kind of income that holds on a day: the latest that began."""
    found: TaxTable | None = (
        TaxTable.select()
        .where(TaxTable.institution == institution, TaxTable.income == income, TaxTable.since <= day)
        .order_by(TaxTable.since.desc())
        .first()
    )
    return found


def decided_between(institution: Any, first: date, last: date | None) -> Settlement | None:
    """The latest settlement in approval, approved or paid of which a day lies in the span."""
    query = Settlement.select().where(Settlement.institution == institution, Settlement.state.in_(DECIDED))
    found: Settlement | None = query.order_by(Settlement.month.desc()).first()
    if found is None or month_end(found.month) < first:
        return None
    if last is None or found.month <= last:
        return found
    earlier: Settlement | None = query.where(Settlement.month <= last).order_by(Settlement.month.desc()).first()
    return earlier if earlier is not None and month_end(earlier.month) >= first else None


def _unused(institution: Any, first: date, last: date | None) -> None:
    month = decided_between(institution, first, last)
    if month is not None:
        raise Refused(
            _(
                "%(month)s is decided by this and cannot change; let a new rate card begin later.",
                month=month,
            )
        )


def add_card(values: dict[str, Any]) -> RateCard:
    """A new rate card; the one before ends on the day before.

    `values` holds the institution. Raises Refused for a day in a decided month, for a day before the last card began,
    and for one that leaves a gap after a card that has ended.
    """
    with transaction():
        institution, since = values["institution"], values["since"]
        _ordered(values)
        last = RateCard.select().where(RateCard.institution == institution).order_by(RateCard.since.desc()).first()
        _unused(institution, since, None)
        if last is not None:
            if since <= last.since:
                raise Refused(
                    _("“%(card)s” begins on %(day)s. A new card begins after it.", card=last, day=last.since), "since"
                )
            if last.until is not None and since > last.until + DAY:
                raise Refused(
                    _(
                        "“%(card)s” ends on %(end)s. Begin on %(day)s, so that no day is without a card.",
                        card=last,
                        end=last.until,
                        day=last.until + DAY,
                    ),
                    "since",
                )
            records.update(last, until=since - DAY)
        return records.create(RateCard, **values)


def change_card(card: RateCard, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a card no decided month was reckoned by. Its first day moves the end of the one before with it.

    Raises Refused where it is used, or where its dates would overlap the next card or leave a gap before it.
    """
    with transaction():
        given = {n: v for n, v in values.items() if getattr(card, n) != v}
        until = given.get("until", card.until)
        if set(given) == {"until"}:
            # Closing or reopening a card leaves the past alone.
            ends: date = until or card.until  # type: ignore[assignment]
            _unused(card.institution_id, ends + DAY, None)
        elif set(given) - {"name"}:
            _unused(card.institution_id, min(card.since, given.get("since", card.since)), card.until)
        _ordered({**{n: getattr(card, n) for n in ("least_factor", "most_factor")}, **values})
        others = RateCard.select().where(RateCard.institution == card.institution_id, RateCard.id != card.id)
        after = others.where(RateCard.since > card.since).order_by(RateCard.since).first()
        if after is not None and until != after.since - DAY:
            raise Refused(
                _(
                    "“%(card)s” begins on %(day)s: this one ends on the day before, with no gap and no overlap.",
                    card=after,
                    day=after.since,
                ),
                "until",
            )
        if "since" in given:
            _moves(others.where(RateCard.since < card.since).order_by(RateCard.since.desc()).first(), given["since"])
        records.update(card, expected_version, **values)


def _moves(before: RateCard | None, since: date) -> None:
    if before is None:
        return
    if since <= before.since:
        raise Refused(
            _("“%(card)s” begins on %(day)s. A new card begins after it.", card=before, day=before.since), "since"
        )
    records.update(before, until=since - DAY)


def _ordered(values: dict[str, Any]) -> None:
    least, most = values.get("least_factor"), values.get("most_factor")
    if least is not None and most is not None and not 1 <= least <= most:
        raise Refused(_("Factors are from 0.01 up, and the highest is no less than the lowest."), "most_factor")


def drop_card(card: RateCard) -> None:
    """Delete the last card with its lines; the one before holds on. Raises Refused for one that is used."""
    with transaction():
        _unused(card.institution_id, card.since, card.until)
        others = RateCard.select().where(RateCard.institution == card.institution_id, RateCard.id != card.id)
        if others.where(RateCard.since > card.since).exists():
            raise Refused(_("A later card follows this one: deleting it would leave a gap."))
        for rate in Rate.select().where(Rate.card == card):
            records.delete(rate)
        before = others.order_by(RateCard.since.desc()).first()
        records.delete(card)
        if before is not None:
            records.update(before, until=None)


def add_rate(values: dict[str, Any]) -> Rate:
    """A line of a card. Raises Refused where the card is used."""
    with transaction():
        card = values["card"]
        _unused(card.institution_id, card.since, card.until)
        return records.create(Rate, **_sensible(values))


def change_rate(rate: Rate, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a line of a card that is not used."""
    with transaction():
        for card in {rate.card, values.get("card", rate.card)}:
            _unused(card.institution_id, card.since, card.until)
        records.update(rate, expected_version, **_sensible(values))


def drop_rate(rate: Rate) -> None:
    """Delete a line of a card that is not used."""
    with transaction():
        _unused(rate.institution_id, rate.card.since, rate.card.until)
        records.delete(rate)


def _sensible(values: dict[str, Any]) -> dict[str, Any]:
    for low, high in (("words_from", "words_to"), ("reads_from", "reads_to")):
        least, most = values.get(low), values.get(high)
        if most is not None and most < (least or 0):
            raise Refused(_("A range ends no earlier than it begins, from 0 up."), high)
    return values


def add_table(values: dict[str, Any]) -> TaxTable:
    """A tax table from a day on. Raises Refused for a day in a decided month, or brackets that do not rise."""
    with transaction():
        _unused(values["institution"], values["since"], None)
        return records.create(TaxTable, **{**values, "brackets": checked(values.get("brackets") or [])})


def change_table(table: TaxTable, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a table that no decided month was taxed by."""
    with transaction():
        _unused(table.institution_id, min(table.since, values.get("since", table.since)), None)
        if "brackets" in values:
            values["brackets"] = checked(values["brackets"] or [])
        records.update(table, expected_version, **values)


def drop_table(table: TaxTable) -> None:
    """Delete a table that no decided month was taxed by."""
    with transaction():
        _unused(table.institution_id, table.since, None)
        records.delete(table)


def checked(brackets: list[list[int | None]]) -> list[list[int | None]]:
    """Brackets that rise, the last without an end. Raises Refused otherwise."""
    ends = [until for until, _rate, _less in brackets]
    bounded = [e for e in ends[:-1] if e is not None]
    wrong_end = brackets and (ends[-1] is not None or len(bounded) != len(ends) - 1 or bounded != sorted(set(bounded)))
    if wrong_end or any(not 0 <= (rate or 0) <= 10_000 or (less or 0) < 0 for _end, rate, less in brackets):
        raise Refused(_("Brackets rise, and the last one has no end."), "brackets")
    return brackets


def exclude(values: dict[str, Any]) -> Exclusion:
    """Pay nothing to a person, the staff of a unit, or for a kind of piece from a day on."""
    with transaction():
        _unused(values["institution"], values["since"], None)
        return records.create(Exclusion, **{**values, "kind": values.get("kind") or ""})


def change_exclusion(row: Exclusion, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change an exclusion; one that a decided month used may only be given an end after it."""
    with transaction():
        given = {n for n, v in values.items() if getattr(row, n) != v}
        if given - {"reason"}:
            until: date | None = values.get("until") if given <= {"until", "reason"} else None
            _unused(row.institution_id, until + DAY if until is not None else row.since, None)
        records.update(row, expected_version, **{**values, "kind": values.get("kind", row.kind) or ""})


def drop_exclusion(row: Exclusion) -> None:
    """Delete an exclusion that no decided month used."""
    with transaction():
        _unused(row.institution_id, row.since, None)
        records.delete(row)


def ship_tables(institution: Institution) -> None:
    """The tax tables in force, where the institution has none for a kind of income."""
    with transaction():
        for income in Income:
            if (
                not TaxTable.select()
                .where(TaxTable.institution == institution, TaxTable.income == income.value)
                .exists()
            ):
                records.create(TaxTable, institution=institution, income=income.value, **TAX_TABLES[income])


def take_example(institution: Institution, name: str, since: date) -> RateCard:
    """A rate card with the lines of a shipped example, to be changed at will. Raises Refused as `add_card` does."""
    figures, lines = EXAMPLES[name]
    with transaction():
        card = add_card({"institution": institution, "since": since, **figures})
        for line in lines:
            records.create(Rate, institution=institution, card=card, **line)
    return card
