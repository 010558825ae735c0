"""The forms of fees that are no form of one model."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from wtforms import SelectMultipleField, TextAreaField
from wtforms.widgets import CheckboxInput

from panel.api import DayField, Form, LineField, ProseField, RefField, Required, YuanField, _, _l, show_money
from plugins.stipend.models import Payee


class Boxes:
    """Draws each value as a box to tick, as the checklists of other pages."""

    def __call__(self, field: Any, **_options: Any) -> Markup:
        boxes = Markup("").join(
            Markup('<label class="check">{}<span>{}</span></label>').format(one(), one.label.text) for one in field
        )
        return Markup('<div class="checks" id="{}">{}</div>').format(field.id, boxes)


class ManyField(SelectMultipleField):
    """Several of a few values, each a box to tick; none means all."""

    widget = Boxes()
    option_widget = CheckboxInput()


class BracketsField(TextAreaField):
    """The brackets of a tax table, a line each: up to, rate in percent, deducted in yuan; the last without an end."""

    def process_formdata(self, given: list[Any]) -> None:
        self.data = []
        self.typed = (given[0] if given else "").strip()
        for number, line in enumerate(self.typed.splitlines(), 1):
            try:
                self.data.append(_bracket(line))
            except ValueError:
                raise ValueError(_("Line %(number)s: three figures, such as 20000 20 0.", number=number)) from None

    def _value(self) -> str:
        if self.raw_data:
            return self.typed
        rows: list[Any] = self.data or []
        return "\n".join(f"{'-' if e is None else e / 100:} {rate / 100:g} {less / 100:g}" for e, rate, less in rows)


def _bracket(line: str) -> list[int | None]:
    end, rate, less = line.replace("%", "").split()
    return [None if end in "-—" else round(float(end) * 100), round(float(rate) * 100), round(float(less) * 100)]


def brackets_text(rows: list[Any]) -> str:
    """Brackets as a page shows them."""
    shown = []
    for end, rate, less in rows:
        until = _("beyond") if end is None else _("up to %(yuan)s", yuan=show_money(end))
        shown.append(f"{until} {rate / 100:g}%" + (f" − {show_money(less)}" if less else ""))
    return "；".join(shown) or _("Nothing is withheld")


class NoteForm(Form):
    """A note to the signers."""

    note = ProseField(_l("Note"), most=500)


class AdjustForm(Form):
    """An amount added or taken off by hand."""

    payee = RefField(_l("Payee"), Payee, [Required()])
    amount = YuanField(_l("Amount"), [Required()], description=_l("In yuan; with a minus where it is taken off."))
    reason = LineField(_l("Reason"), [Required()], most=300)


class PaidForm(Form):
    """The day of payment."""

    on = DayField(_l("Paid on"), [Required()])


class AccountForm(Form):
    """A bank account; what is stored is never shown here."""

    bank = LineField(_l("Bank"), most=120, description=_l("With its branch, as the finance office needs it."))
    account = LineField(_l("Bank account"), most=60, description=_l("Kept sealed. Empty: no account any more."))


class ExampleForm(Form):
    """From which day an example holds."""

    since = DayField(_l("Holds from"), [Required()])
