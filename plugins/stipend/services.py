"""The verbs of fees, in one list; each is one transaction, but for `settle`, which works in batches."""

from __future__ import annotations

from panel.api import Institution
from plugins.stipend.cards import (
    add_card,
    add_rate,
    add_table,
    card_on,
    change_card,
    change_exclusion,
    change_rate,
    change_table,
    drop_card,
    drop_exclusion,
    drop_rate,
    drop_table,
    exclude,
    month_end,
    ship_tables,
    table_on,
    take_example,
)
from plugins.stipend.payees import reveal, set_account
from plugins.stipend.paying import entries_of, mine, open_questions, payment_list, standing, without_bank, year_totals
from plugins.stipend.reckoning import reckon as settle
from plugins.stipend.recounting import (
    contributor_changed,
    factor_changed,
    payee_changed,
    person_changed,
    piece_changed,
    reads_changed,
    reckon_all,
    release_changed,
)
from plugins.stipend.settling import (
    adjust,
    approved,
    begin,
    decide,
    drop_adjustment,
    gather,
    mark_paid,
    propose,
    reckon_again,
    reckon_now,
    reopened,
    stale,
    submit,
)

__all__ = [
    "add_card",
    "add_rate",
    "add_table",
    "adjust",
    "approved",
    "begin",
    "card_on",
    "change_card",
    "change_exclusion",
    "change_rate",
    "change_table",
    "contributor_changed",
    "decide",
    "drop_adjustment",
    "drop_card",
    "drop_exclusion",
    "drop_rate",
    "drop_table",
    "entries_of",
    "exclude",
    "factor_changed",
    "gather",
    "mark_paid",
    "mine",
    "month_end",
    "on_enable",
    "open_questions",
    "payee_changed",
    "payment_list",
    "person_changed",
    "piece_changed",
    "propose",
    "reads_changed",
    "reckon_again",
    "reckon_now",
    "release_changed",
    "reopened",
    "reveal",
    "set_account",
    "settle",
    "stale",
    "standing",
    "submit",
    "table_on",
    "take_example",
    "without_bank",
    "year_totals",
]


def on_enable(institution: Institution) -> None:
    """Put the tax tables in force. What changed while the plugin was off was not followed."""
    ship_tables(institution)
    reckon_all(institution.id)
