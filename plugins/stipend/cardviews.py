"""The pages of what fees are reckoned from: rate cards with their lines, exclusions, tax tables."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from wtforms import SelectField

from panel.api import (
    Crud,
    Menu,
    RecordView,
    Section,
    _,
    _l,
    asking,
    carried_out,
    expose,
    form_sent,
    needs,
    today,
)
from plugins.content.services import Class, Kind, MediumLevel, Source
from plugins.stipend import services
from plugins.stipend.forms import BracketsField, ExampleForm, ManyField, brackets_text
from plugins.stipend.models import Exclusion, Rate, RateCard, TaxTable
from plugins.stipend.permissions import StipendPermission as P
from plugins.stipend.shipped import EXAMPLES

FEES = _l("Fees")
KINDS = [("", "—"), *Kind.pairs()]


def _words(pairs: Any) -> Any:
    labels = dict(pairs)
    return lambda values: "、".join(str(labels.get(v, v)) for v in values)


def _span(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    return f"{low or 0:,}–{'' if high is None else f'{high:,}'}"


class RateCardView(RecordView):
    """What is paid since when."""

    model = RateCard
    may = Crud(view=P.CARD_VIEW, create=P.CARD_EDIT, edit=P.CARD_EDIT, delete=P.CARD_EDIT)
    menu = Menu(section=FEES, label=_l("Rate cards"), order=40)
    columns = ("name", "since", "until", "split", "least_factor", "most_factor", "basis")
    more_columns = ("highest_only", "reads_days", "piece_cap", "month_cap", "basis_note")
    search = ("name",)
    sort = ("since",)
    default_sort = "-since"
    sections = (
        Section(
            _l("Rate card"),
            ("name", "since", "until"),
            help=_l("The card before ends on the day before this one begins."),
        ),
        Section(_l("Factor"), ("least_factor", "most_factor"), help=_l("A factor beyond 1.00 needs a reason.")),
        Section(_l("Sharing and caps"), ("split", "highest_only", "reads_days", "piece_cap", "month_cap")),
        Section(_l("Tax"), ("basis", "basis_note")),
    )
    help = {
        "until": _l("Empty: until the next card begins."),
        "month_cap": _l("Empty: no cap."),
        "piece_cap": _l("Empty: no cap."),
    }
    rules = {"least_factor": ("s0-11-r14",), "most_factor": ("s0-11-r14",)}
    new = _l("Enter a rate card")
    empty_text = _l("No rate card yet. Enter one, or begin with an example.")
    details = "stipend/card.html"
    create_with = staticmethod(services.add_card)
    update_with = staticmethod(services.change_card)
    delete_with = staticmethod(services.drop_card)

    examples = EXAMPLES

    @expose("/example/", methods=("GET", "POST"))
    @needs(P.CARD_EDIT, whole=True)
    def example(self) -> Any:
        """Begin with a rate card of a house that published its own."""
        identity = asking()
        form = _ExampleForm(form_sent(), permission=P.CARD_EDIT)
        if request.method == "GET":
            form.set("since", today().replace(day=1))
        institution, made = identity.institution, []
        since: Any = form.since

        def take() -> None:
            made.append(services.take_example(institution, form.example.data, since.data))

        if carried_out(form, take):
            flash(_("The rate card is entered. Change its lines as you need them."), "success")
            return redirect(self.url_of(made[0]))
        return self.render("stipend/example.html", form=form), 422 if form.wrong else 200


class _ExampleForm(ExampleForm):
    """Which example, and from which day it holds."""

    example = SelectField(_l("Example"), choices=[(key, figures["name"]) for key, (figures, _l) in EXAMPLES.items()])


class RateView(RecordView):
    """The lines of rate cards."""

    model = Rate
    may = Crud(view=P.CARD_VIEW, create=P.CARD_EDIT, edit=P.CARD_EDIT, delete=P.CARD_EDIT)
    columns = ("name", "per", "amount", "words", "reads", "sources", "levels", "kinds", "bonus", "factor")
    more_columns = ("card", "rounding", "classes")
    labels = {"words": _l("Characters"), "reads": _l("Reads")}
    formats = {
        "words": lambda row: _span(row.words_from, row.words_to),
        "reads": lambda row: _span(row.reads_from, row.reads_to),
        "kinds": lambda row: _words(Kind.pairs())(row.kinds),
        "classes": lambda row: _words(Class.pairs())(row.classes),
        "sources": lambda row: _words(Source.pairs())(row.sources),
        "levels": lambda row: _words(MediumLevel.pairs())(row.levels),
    }
    filters = ("card", "per")
    default_sort = "id"
    sections = (
        Section(_l("Rate"), ("card", "name", "per", "amount", "rounding")),
        Section(
            _l("Which pieces it is for"),
            ("kinds", "classes", "sources", "levels", "words_from", "words_to", "reads_from", "reads_to"),
            help=_l("What is left empty fits everything. Ranges include both ends."),
        ),
        Section(_l("How it counts"), ("bonus", "factor")),
    )
    form_extra_fields = {
        "kinds": ManyField(_l("Kinds of pieces"), choices=Kind.pairs()),
        "classes": ManyField(_l("Classes"), choices=Class.pairs()),
        "sources": ManyField(_l("Sources"), choices=Source.pairs()),
        "levels": ManyField(_l("Levels of media"), choices=MediumLevel.pairs()),
    }
    help = {
        "bonus": _l("Of the other lines that fit, only the best is paid."),
        "levels": _l("The institution's own accounts count as its media."),
    }
    rules = {"amount": ("s0-11-r13", "s0-11-r15"), "factor": ("s0-11-r15",)}
    new = _l("Enter a line")
    create_with = staticmethod(services.add_rate)
    update_with = staticmethod(services.change_rate)
    delete_with = staticmethod(services.drop_rate)


class ExclusionView(RecordView):
    """Whom or what nothing is paid for."""

    model = Exclusion
    may = Crud(view=P.CARD_VIEW, create=P.CARD_EDIT, edit=P.CARD_EDIT, delete=P.CARD_EDIT)
    menu = Menu(section=FEES, label=_l("Exclusions"), order=45)
    columns = ("reason", "person", "unit", "kind", "since", "until")
    formats = {"kind": lambda row: str(Kind(row.kind).label) if row.kind else ""}
    search = ("reason", "person")
    filters = ("unit", "since")
    default_sort = "-since"
    sections = (
        Section(
            _l("Whom or what"),
            ("person", "unit", "kind"),
            help=_l("One of the three. Of a unit, and the units below it, only staff is meant."),
        ),
        Section(_l("Why, and for how long"), ("reason", "since", "until")),
    )
    form_extra_fields = {"kind": SelectField(_l("Kind of piece"), choices=KINDS)}
    new = _l("Enter an exclusion")
    create_with = staticmethod(services.exclude)
    update_with = staticmethod(services.change_exclusion)
    delete_with = staticmethod(services.drop_exclusion)


class TaxTableView(RecordView):
    """How fees are taxed."""

    model = TaxTable
    may = Crud(view=P.CARD_VIEW, create=P.CARD_EDIT, edit=P.CARD_EDIT, delete=P.CARD_EDIT)
    menu = Menu(section=FEES, label=_l("Tax tables"), order=50)
    columns = ("income", "since", "brackets", "threshold", "allowance", "share", "counts")
    more_columns = ("source",)
    formats = {"brackets": lambda row: brackets_text(row.brackets)}
    filters = ("income",)
    sort = ("since",)
    default_sort = "income"
    sections = (
        Section(_l("Tax table"), ("income", "since", "source")),
        Section(_l("What is deducted"), ("threshold", "allowance", "share", "counts")),
        Section(_l("Brackets"), ("brackets",)),
    )
    form_extra_fields = {
        "brackets": BracketsField(
            _l("Brackets"),
            description=_l("A line each: up to so many yuan, rate in percent, yuan deducted; “-” for no end."),
        )
    }
    new = _l("Enter a tax table")
    create_with = staticmethod(services.add_table)
    update_with = staticmethod(services.change_table)
    delete_with = staticmethod(services.drop_table)
