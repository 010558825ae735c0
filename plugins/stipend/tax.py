"""Tax withheld from fees, by tables with validity dates; whole fen, rounded half up per payee and settlement.

The tables are data (国家税务总局公告2018年第61号 and its annex are what the shipped ones say); what an institution's
pieces count as is not settled by any source, so the finance office says so for each payee.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True)
class Bracket:
    """Taxable income up to `until` fen (None: the rest) at `rate` hundredths of a percent, less `less` fen."""

    until: int | None
    rate: int
    less: int = 0


@dataclass(frozen=True)
class Table:
    """How one kind of income is taxed: up to `threshold` fen the `allowance` is deducted, beyond it `share` of it.

    `counts` is how much of what is left is taxable, `brackets` rise. No brackets: nothing is withheld.
    """

    threshold: int = 0
    allowance: int = 0
    share: int = 0
    counts: int = WHOLE
    brackets: Sequence[Bracket] = ()


def withheld(gross: int, table: Table) -> int:
    """Fen withheld from a gross amount; nothing from nothing, nor from a negative one."""
    if gross <= 0 or not table.brackets:
        return 0
    less = Decimal(table.allowance) if gross <= table.threshold else Decimal(gross) * table.share / WHOLE
    taxable = max(Decimal(0), Decimal(gross) - less) * table.counts / WHOLE
    bracket = next(b for b in table.brackets if b.until is None or taxable <= b.until)
    tax = taxable * bracket.rate / WHOLE - bracket.less
    return int(max(Decimal(0), tax).to_integral_value(ROUND_HALF_UP))


def withheld_from(amounts: Sequence[int], table: Table, merged: bool) -> int:
    """Fen withheld from a payee's amounts of a settlement: from their sum, or from each by itself."""
    return withheld(sum(amounts), table) if merged else sum(withheld(amount, table) for amount in amounts)
