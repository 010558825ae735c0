"""The forms of what one does with obligations, and of a ladder."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, FileField, SelectMultipleField

from panel import files
from panel.admin.fields import DayField, LineField, ProseField, RefField, Required, WholeField
from panel.admin.forms import RecordForm, form_sent
from panel.errors import Refused
from panel.i18n import _, _l, today
from panel.obligations.kinds import Every, Evidence, Terms
from panel.obligations.models import Audience
from panel.obligations.steps import Plan, Step, problem
from panel.org.models import Person, Unit


class DoneForm(RecordForm):
    """What shows that it was done."""

    on = DayField(_l("Done on"), [Required()])
    until = DayField(_l("New date"), description=_l("Until when it holds from now on."))
    note = ProseField(_l("Note"))
    file = FileField(_l("File"), description=_l("PDF, OFD, Word, Excel or a picture."))

    def evidence(self, institution_id: int) -> Evidence:
        """The evidence as typed, with the file kept. Raises Refused, naming the field."""
        sent = request.files.get("file")
        name = stored = ""
        if sent is not None and sent.filename:
            stored = files.save_paper(sent.read(), institution_id, "file")
            name = sent.filename.replace("\\", "/").rpartition("/")[2][-200:]
        assert self.on.data is not None
        until = self.until.data if "until" in self else None
        return Evidence(self.on.data, self.note.data or "", stored, name, until)


class ReasonForm(RecordForm):
    """Why it is waived."""

    reason = ProseField(_l("Reason"), [Required()], most=500)


class LaterForm(RecordForm):
    """Until when it is put off, and why."""

    until = DayField(_l("No reminder before"), [Required()])
    reason = ProseField(_l("Reason"), [Required()], most=500)


class GiveForm(RecordForm):
    """Who owes it from now on."""

    person = RefField(_l("Owed by"), Person, [Required()])
    note = ProseField(_l("Note"), most=500)


class TakeOverForm(RecordForm):
    """Which presets become standing duties of which unit."""

    unit = RefField(_l("Unit"), Unit, [Required()])
    presets = SelectMultipleField(_l("Duties"), choices=())


class LadderForm(RecordForm):
    """A ladder in words: days before, every so many days after, and who is told from when on."""

    active = BooleanField(_l("Switched on"), description=_l("Off: nothing of this kind falls due here."))
    every_days = WholeField(_l("Recurs every (days)"))
    every_months = WholeField(_l("or every (months)"))
    before = LineField(_l("Days before the due date"), description=_l("Between them commas; 0 is the day itself."))
    after = LineField(_l("Days after the due date"))
    repeat_every = WholeField(_l("Then, every (days)"), description=_l("Until it is ticked off; empty: not again."))
    lead_after = WholeField(_l("The unit lead is told from day"), description=_l("So many days after the due date."))
    office_after = WholeField(_l("The publicity office is told from day"))
    workdays = BooleanField(
        _l("On workdays only"), description=_l("Before the due date a step comes earlier, after it later.")
    )
    hour = WholeField(_l("At (hour)"), [Required()])
    snooze_times = WholeField(_l("May be put off (times)"), [Required()])
    snooze_days = WholeField(_l("Each time by at most (days)"), [Required()])

    def show(self, terms: Terms) -> None:
        """Fill in what holds."""
        steps = terms.plan.steps
        self.set("before", ", ".join(str(-s.day) for s in steps if s.day <= 0))
        self.set("after", ", ".join(str(s.day) for s in steps if s.day > 0))
        self.set("lead_after", _first(steps, {Audience.LEAD, Audience.OFFICE}))
        self.set("office_after", _first(steps, {Audience.OFFICE}))
        self.set("repeat_every", terms.plan.repeat_every)
        self.set("every_days", terms.every.days)
        self.set("every_months", terms.every.months)
        for name in ("workdays", "hour"):
            self.set(name, getattr(terms.plan, name))
        for name in ("active", "snooze_times", "snooze_days"):
            self.set(name, getattr(terms, name))

    def terms(self) -> Terms:
        """What is typed. Raises Refused, naming the field, where it makes no sense."""
        lead, office = self.lead_after.data, self.office_after.data
        days = [-d for d in _numbers(self.before, "before")] + _numbers(self.after, "after")
        days += [d for d in (lead, office) if d is not None and d not in days]
        if wrong := problem(days, self.repeat_every.data):
            raise Refused(wrong, "before")
        if self.every_days.data and self.every_months.data:
            raise Refused(_("It recurs every so many days or months, not both; from 1 up."), "every_months")
        for name in ("every_days", "every_months"):
            value = self._fields[name].data
            if value is not None and not 1 <= value <= 3660:
                raise Refused(_("Enter a whole number from 1 to %(most)s.", most=3660), name)
        for name, most in (("hour", 23), ("snooze_times", 99), ("snooze_days", 366)):
            if not 0 <= self._fields[name].data <= most:
                raise Refused(_("Enter a whole number from 0 to %(most)s.", most=most), name)
        steps = tuple(Step(day, _audience(day, lead, office)) for day in days)
        return Terms(
            Plan(steps, self.repeat_every.data, bool(self.workdays.data), self.hour.data or 0),
            Every(self.every_days.data, self.every_months.data),
            self.snooze_times.data or 0,
            self.snooze_days.data or 0,
            bool(self.active.data),
        )


def _first(steps: tuple[Step, ...], audiences: set[Audience]) -> int | None:
    return next((s.day for s in steps if s.audience in audiences), None)


def _audience(day: int, lead: int | None, office: int | None) -> Audience:
    if office is not None and day >= office:
        return Audience.OFFICE
    return Audience.LEAD if lead is not None and day >= lead else Audience.OWNER


def _numbers(field: Any, name: str) -> list[int]:
    """Whole numbers between commas of any kind. Raises Refused, naming the field."""
    text = (field.data or "").replace("，", ",").replace("、", ",").replace(" ", ",")
    words = [word for word in text.split(",") if word]
    if wrong := [word for word in words if not word.isdecimal() or len(word) > 4]:
        raise Refused(_("“%(word)s” is not a number of days.", word=wrong[0]), name)
    return [int(word) for word in words]


def done_form(obligations: list[Any]) -> DoneForm:
    """The form for ticking off, with only the fields that are asked for."""
    from panel.obligations.kinds import all_kinds

    form = DoneForm(form_sent())
    if not any("until" in k.asks for o in obligations if (k := all_kinds().get(o.kind))):
        del form.until
    if request.method == "GET":
        form.set("on", today())
    return form
