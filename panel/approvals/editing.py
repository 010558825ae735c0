"""The chain that somebody is writing: what is typed, added, moved and taken out before it is saved."""

from __future__ import annotations

from typing import Any

from panel.approvals import conditions
from panel.approvals.chains import save_chain
from panel.approvals.declare import Subject
from panel.approvals.forms import ChainForm, ConditionForm, PlayForm, StepForm, roles_here, typed_value
from panel.approvals.models import Chain, ChainStep
from panel.approvals.people import People
from panel.approvals.showing import Preview, preview
from panel.approvals.submitting import play
from panel.errors import Refused
from panel.i18n import _, today
from panel.org.models import Institution, Person, Unit

BLANK = 1  # empty condition rows below the filled ones


class Draft:
    """A chain as its page shows it. `form` is what was posted, or None for what is stored."""

    def __init__(self, institution: Institution, subject: Subject, chain: Chain | None, form: Any) -> None:
        self.institution, self.subject, self.chain, self.form = institution, subject, chain, form
        self.roles = roles_here()
        self.head = ChainForm(form)
        self.play = PlayForm(form, prefix="play-")
        self.values = {f.name: (form or {}).get(f"value-{f.name}", "") for f in subject.fields}
        self.when: list[ConditionForm] = []
        self.steps: list[tuple[StepForm, list[ConditionForm]]] = []
        if form is None:
            self._stored()
        else:
            self._typed()

    def _stored(self) -> None:
        if self.chain is None:
            self.head.set("active", True)
            self.when = self._conditions("when-", [])
            self.add()
            return
        for name in ("name", "position", "active", "own", "bulk", "rules"):
            self.head.set(name, getattr(self.chain, name))
        self.when = self._conditions("when-", self.chain.when)
        for step in ChainStep.select().where(ChainStep.chain == self.chain).order_by(ChainStep.position):
            form = self.add()
            form.show(step)
            self.steps[-1] = (form, self._conditions(f"step-{len(self.steps) - 1}-when-", step.when))

    def _typed(self) -> None:
        count = self.form.get("steps", "")
        self.when = self._posted("when-")
        for place in range(min(int(count), 40) if count.isdecimal() and len(count) < 4 else 0):
            prefix = f"step-{place}-"
            form = StepForm(self.form, prefix=prefix, roles=self.roles)
            self.steps.append((form, self._posted(f"{prefix}when-")))

    def _conditions(self, prefix: str, stored: list[dict[str, Any]]) -> list[ConditionForm]:
        rows = []
        for place, condition in enumerate([*stored, *[None] * BLANK]):
            row = ConditionForm(prefix=f"{prefix}{place}-", subject=self.subject)
            if condition is not None:
                row.show(condition)
            rows.append(row)
        return rows

    def _posted(self, prefix: str) -> list[ConditionForm]:
        count = 0
        while f"{prefix}{count}-field" in self.form and count < 20:
            count += 1
        rows = [ConditionForm(self.form, prefix=f"{prefix}{n}-", subject=self.subject) for n in range(count)]
        filled = [row for row in rows if row.field.data]
        conditions_typed = [row.condition() or {} for row in filled]
        return self._conditions(prefix, conditions_typed)

    # ── changing the order ────────────────────────────────────────────────────────────────────

    def act(self, act: str) -> None:
        """Add, take out or move a step, as its button says: `add`, `drop-2`, `up-2`, `down-2`."""
        word, _dash, place = act.partition("-")
        at = int(place) if place.isdecimal() and len(place) < 4 else 0
        if word == "add":
            self.add()
        elif word == "drop" and at < len(self.steps):
            del self.steps[at]
        elif word in ("up", "down"):
            other = at - 1 if word == "up" else at + 1
            if 0 <= other < len(self.steps) and at < len(self.steps):
                self.steps[at], self.steps[other] = self.steps[other], self.steps[at]
        self._number()

    def add(self) -> StepForm:
        prefix = f"step-{len(self.steps)}-"
        form = StepForm(prefix=prefix, roles=self.roles)
        self.steps.append((form, self._conditions(f"{prefix}when-", [])))
        return form

    def _number(self) -> None:
        """Give the forms the names of their new places; what they hold stays."""
        for place, (form, when) in enumerate(self.steps):
            _rename(form, f"step-{place}-")
            for number, row in enumerate(when):
                _rename(row, f"step-{place}-when-{number}-")

    # ── what is typed ─────────────────────────────────────────────────────────────────────────

    def data(self) -> dict[str, Any]:
        """The chain as `save_chain` takes it."""
        names = ("name", "position", "active", "own", "bulk", "rules")
        values: dict[str, Any] = {name: self.head[name].data for name in names}
        if values["position"] is None:
            del values["position"]
        values |= {"subject": self.subject.name, "when": _typed(self.when)}
        values["steps"] = [{**form.values(), "when": _typed(when)} for form, when in self.steps]
        return values

    def save(self, version: int | None) -> Chain:
        """Write it. Raises Refused where something is wrong, after marking the field."""
        return save_chain(self.institution, self.data(), self.chain, version)

    def validate(self) -> bool:
        forms = [self.head, *(form for form, _when in self.steps)]
        wrong = [form for form in forms if not form.validate()]
        return not wrong

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal at the step and field it names."""
        parts = (refusal.field or "").split("-")
        if len(parts) == 3 and parts[0] == "steps" and parts[1].isdecimal() and int(parts[1]) < len(self.steps):
            self.steps[int(parts[1])][0].refuse(Refused(refusal.message, parts[2]))
            if parts[2] not in self.steps[int(parts[1])][0]._fields:
                self.head.refuse(Refused(refusal.message))
        else:
            self.head.refuse(refusal)

    @property
    def wrong(self) -> list[tuple[str, Any, str]]:
        forms = [self.head, *(form for form, _when in self.steps)]
        return [line for form in forms for line in form.wrong]

    # ── playing it ────────────────────────────────────────────────────────────────────────────

    def preview(self) -> list[Preview]:
        """Who it would reach for the unit, applicant and values chosen. Raises Refused where one is missing."""
        unit, applicant = self.play.unit.data, self.play.person.data
        if isinstance(applicant, Person) and not isinstance(unit, Unit):
            unit = applicant.unit
        if not isinstance(unit, Unit):
            raise Refused(_("Choose the applicant's unit to play the chain for."))
        values = {name: typed_value(self.subject, name, text) for name, text in self.values.items()}
        data = self.data()
        if not conditions.fits(conditions.checked(data["when"], self.subject), values):
            raise Refused(_("With these values another chain is taken: the conditions of this one do not hold."))
        chain = Chain(institution=self.institution, subject=self.subject.name, own=bool(data["own"]))
        fields = set(ChainStep._meta.fields) - {"id"}
        steps = [ChainStep(**{k: v for k, v in step.items() if k in fields}) for step in data["steps"]]
        for step in steps:
            step.when = conditions.checked(step.when, self.subject)
        people = People(self.institution, today())
        person = applicant.id if isinstance(applicant, Person) else None
        return preview(play(chain, values, unit, people, person, steps))


def _rename(form: Any, prefix: str) -> None:
    for field in form:
        field.name = f"{prefix}{field.short_name}"
        field.id = field.name
        field.label.field_id = field.id


def _typed(rows: list[ConditionForm]) -> list[dict[str, Any]]:
    return [condition for row in rows if (condition := row.condition())]
