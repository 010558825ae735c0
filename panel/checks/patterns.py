"""Regular expressions that users write: bounded in length and in time, refused when they could run away."""

from __future__ import annotations

import functools

import regex

from panel.errors import Refused
from panel.i18n import _

LONGEST = 300  # characters of a pattern
PATIENCE = 0.05  # seconds for one text; a name of 120 characters takes microseconds
# What makes an expression with nested repetition run: long runs of one kind of letter, and an end that does not fit.
_TRIALS = [unit * 40 + "\u0000" for unit in ("a", "0", "中", " ", "aA0", "a中", "-", "A.")]


def check_pattern(pattern: str, field: str | None = None) -> None:
    """Try a pattern out. Raises Refused, worded, where it is none, too long, or could run away."""
    if len(pattern) > LONGEST:
        raise Refused(_("A pattern has at most %(most)s characters.", most=LONGEST), field)
    try:
        made = _compiled(pattern)
    except regex.error as error:
        raise Refused(_("This is no pattern: %(why)s.", why=error), field) from None
    for trial in _TRIALS:
        try:
            made.fullmatch(trial, timeout=PATIENCE)
            made.search(trial, timeout=PATIENCE)
        except TimeoutError:
            message = _("This pattern could take forever on a long name. Repeat nothing that itself repeats.")
            raise Refused(message, field) from None


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


class PatternFits:
    """Whether whole texts fit a pattern. A text that takes too long does not."""

    def __init__(self, pattern: str) -> None:
        self._pattern = _compiled(pattern)

    def __call__(self, text: str) -> bool:
        try:
            return self._pattern.fullmatch(text, timeout=PATIENCE) is not None
        except TimeoutError:
            return False
