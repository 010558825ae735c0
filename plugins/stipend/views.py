"""The pages of settlements, factors, payees and one's own fees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, jsonify, redirect, request, send_file

from panel.api import (
    Crud,
    Menu,
    PageView,
    RecordView,
    Section,
    _,
    _l,
    ask,
    asking,
    bulk,
    expose,
    find,
    needs,
    ngettext,
    progress_of,
    scope,
    show_money,
    signed_in,
    today,
)
from plugins.stipend import acts, services
from plugins.stipend.cardviews import ExclusionView, RateCardView, RateView, TaxTableView
from plugins.stipend.choices import Basis, EntryKind, Per, ProblemKind, State
from plugins.stipend.models import Adjustment, Factor, Payee, PayeeLine, Problem, Settlement
from plugins.stipend.permissions import StipendPermission as P

__all__ = [
    "ExclusionView",
    "FactorView",
    "MineView",
    "PayeeView",
    "RateCardView",
    "RateView",
    "SettlementView",
    "TaxTableView",
    "YearView",
]

FEES = _l("Fees")
BOTH = ("GET", "POST")
PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _number(text: str | None) -> int:
    return min(int(text), 10**6) if text and text.isdecimal() and int(text[:7]) else 1


def told(entry: Any) -> list[str]:
    """How an amount came about, a sentence a step."""
    kept = entry.frozen or {}
    said: list[str] = []
    if kept.get("fee") and not kept.get("part_fee"):
        return [_("Nothing is paid for this part.")]
    for one in kept.get("paid", ()):
        for name, per, count, base, after in one["steps"]:
            text = f"{name}：{show_money(base)}"
            if per != Per.PIECE or count != "1":
                text = f"{name}：{Per(per).label} × {count} = {show_money(base)}"
            if after != base:
                text += f" × {kept['factor'] / 100:.2f} = {show_money(after)}"
            said.append(text)
        if "reads" in one:
            said.append(_("%(count)s reads on the day that counts", count=one["reads"]))
        if one.get("capped"):
            said.append(_("cut to the cap of a piece, %(yuan)s", yuan=show_money(one["amount"])))
    if kept.get("left"):
        said.append(_("other channels pay less and nothing: %(count)s", count=len(kept["left"])))
    if kept.get("why"):
        said.append(_("factor %(factor)s: %(why)s", factor=f"{kept['factor'] / 100:.2f}", why=kept["why"]))
    if kept.get("of", 1) > 1:
        share = f"（{kept['share'] / 100:g}%）" if kept.get("share") and kept["way"] == "shares" else ""
        said.append(
            _("one of %(count)s who share %(yuan)s", count=kept["of"], yuan=show_money(kept["part_fee"])) + share
        )
    if "month_cap" in kept:
        said.append(
            _(
                "cut from %(before)s by the cap of a month, %(cap)s",
                before=show_money(kept["before_cap"]),
                cap=show_money(kept["month_cap"]),
            )
        )
    return said


class SettlementView(RecordView):
    """The months."""

    model = Settlement
    may = Crud(view=P.SETTLEMENT_VIEW, create=P.SETTLEMENT_EDIT)
    menu = Menu(section=FEES, label=_l("Monthly settlements"), order=10)
    columns = ("month", "state", "pieces", "payees", "gross", "tax", "net")
    more_columns = ("card", "basis", "carried", "reckoned_at", "locked_at", "paid_on")
    labels = {"net": _l("To be paid out")}
    formats = {"month": lambda row: f"{row.month:%Y-%m}", "net": lambda row: show_money(row.net)}
    filters = ("state", "month")
    sort = ("month",)
    default_sort = "-month"
    sections = (Section(_l("Month"), ("month",), help=_l("Any day of it. It is reckoned in the background.")),)
    rules = {"month": ("s0-11-r13",)}
    new = _l("Settle a month")
    empty_text = _l("No month is settled yet. Enter a rate card first, then settle a month.")
    details = "stipend/settlement.html"
    scripts = ("imports.js",)
    create_with = staticmethod(lambda values: services.begin(values["institution"], values["month"]))
    told, money = staticmethod(told), staticmethod(show_money)
    states = {s.value: s.label for s in State}
    state_styles = {s.value: s.style for s in State}
    bases = {b.value: b.label for b in Basis}
    entry_kinds = {k.value: k.label for k in EntryKind}
    problem_kinds = {k.value: k.label for k in ProblemKind}

    def page_of(self, row: Settlement) -> dict[str, Any]:
        """What the page shows beside the row: entries of a page, what is open, who has no bank account."""
        page, query = _number(request.args.get("page")), services.entries_of(row)
        wanted = request.args.get("payee", "")
        if wanted.isdecimal() and len(wanted) < 19:
            query = query.where(Payee.id == int(wanted))
        entries = list(query.limit(PAGE + 1).offset((page - 1) * PAGE))
        lines = PayeeLine.select().where(
            PayeeLine.settlement == row, PayeeLine.payee.in_([e.__data__["payee"] for e in entries[:PAGE]])
        )
        return {
            "entries": entries[:PAGE],
            "lines": {line.__data__["payee"]: line for line in lines},
            "page": page,
            "more": len(entries) > PAGE,
            "problems": list(Problem.select().where(Problem.settlement == row).order_by(Problem.id).limit(PAGE)),
            "no_bank": list(services.without_bank(row).limit(PAGE)),
            "adjustments": list(Adjustment.select(Adjustment, Payee).join(Payee).where(Adjustment.settlement == row)),
            "progress": progress_of(row.run_id) if row.state == State.COUNTING else None,
            **services.standing(row),
        }

    @expose("/act/", methods=BOTH)
    @needs(P.SETTLEMENT_EDIT)
    def submit(self) -> Any:
        """Hand a month in for approval."""
        return ask(self, acts.SUBMIT, P.SETTLEMENT_EDIT)

    @expose("/settle/", methods=("POST",))
    @needs(P.SETTLEMENT_EDIT)
    def settle(self) -> Any:
        """Settle the month that runs."""
        row = find(Settlement, request.values.get("id"), P.SETTLEMENT_EDIT)
        services.begin(row.institution, row.month)
        flash(_("The month is reckoned in the background."), "success")
        return redirect(self.url_of(row))

    @expose("/reckon/", methods=("POST",))
    @needs(P.SETTLEMENT_EDIT)
    def reckon(self) -> Any:
        """Have a month reckoned again."""
        row = find(Settlement, request.values.get("id"), P.SETTLEMENT_EDIT)
        services.reckon_again(row)
        flash(_("The month is reckoned again in the background."), "success")
        return redirect(self.url_of(row))

    @expose("/adjust/", methods=BOTH)
    @needs(P.SETTLEMENT_EDIT)
    def adjust(self) -> Any:
        """Add an amount by hand."""
        return ask(self, acts.ADJUST, P.SETTLEMENT_EDIT)

    @expose("/take_back/", methods=("POST",))
    @needs(P.SETTLEMENT_EDIT)
    def take_back(self) -> Any:
        """Take an adjustment back."""
        row = find(Adjustment, request.values.get("id"), P.SETTLEMENT_EDIT)
        settlement = row.settlement
        services.drop_adjustment(row)
        flash(_("The adjustment is taken back; the month is reckoned again."), "success")
        return redirect(self.url_of(settlement))

    @expose("/pay/", methods=BOTH)
    @needs(P.SETTLEMENT_PAY)
    def pay(self) -> Any:
        """Enter that a month is paid."""
        return ask(self, acts.PAY, P.SETTLEMENT_PAY)

    @expose("/list/")
    @needs(P.SETTLEMENT_PAY)
    def payments(self) -> Any:
        """The payment list for the finance office, with bank accounts in full."""
        row = find(Settlement, request.args.get("id"), P.SETTLEMENT_PAY)
        name = f"{_('Payment list')}-{row}.xlsx"
        return send_file(services.payment_list(row), mimetype=XLSX, as_attachment=True, download_name=name)

    @expose("/progress/")
    @needs(P.SETTLEMENT_VIEW)
    def progress(self) -> Any:
        """How far the reckoning is, for the script of the page."""
        row = find(Settlement, request.args.get("id"), P.SETTLEMENT_VIEW)
        done, total = progress_of(row.run_id) or (0, 0)
        return jsonify(ended=row.state != State.COUNTING, done=done, total=total, message="")


class FactorView(RecordView):
    """Factors of pieces."""

    model = Factor
    may = Crud(view=P.SETTLEMENT_VIEW, create=P.FACTOR_PROPOSE)
    menu = Menu(section=FEES, label=_l("Factors"), order=20)
    columns = ("submission", "value", "reason", "state", "proposed_by", "confirmed_by")
    more_columns = ("submission.unit", "submission.released_on")
    labels = {"submission.unit": _l("Unit"), "submission.released_on": _l("First released on")}
    search = ("submission", "reason")
    filters = ("state", "submission")
    default_sort = "-id"
    sections = (
        Section(
            _l("Factor"),
            ("submission", "value", "reason"),
            help=_l("Within the range of the rate card; somebody else confirms it."),
        ),
    )
    rules = {"value": ("s0-11-r14",)}
    new = _l("Propose a factor")
    create_with = staticmethod(lambda values: services.propose(values["submission"], values["value"], values["reason"]))

    def choose_from(self, name: str, rows: Any) -> Any:
        return rows.where(rows.model.state == "released") if name == "submission" else rows

    @bulk(
        _l("Confirm"),
        P.FACTOR_CONFIRM,
        lambda n: ngettext("Confirm %(num)s factor?", "Confirm %(num)s factors?", n),
    )
    def confirm(self, rows: Sequence[Factor]) -> int:
        for row in rows:
            services.decide(row, True)
        return len(rows)

    @bulk(
        _l("Do not confirm"),
        P.FACTOR_CONFIRM,
        lambda n: ngettext("Turn %(num)s factor down?", "Turn %(num)s factors down?", n),
        danger=True,
    )
    def turn_down(self, rows: Sequence[Factor]) -> int:
        for row in rows:
            services.decide(row, False)
        return len(rows)


class PayeeView(RecordView):
    """Who is paid, and how they are taxed."""

    model = Payee
    may = Crud(view=P.PAYEE_VIEW, create=P.PAYEE_EDIT, edit=P.PAYEE_EDIT)
    menu = Menu(section=FEES, label=_l("Payees"), order=30)
    columns = ("name", "unit_name", "kind", "income", "bank", "account_tail")
    more_columns = ("person",)
    formats = {"account_tail": lambda row: f"**** {row.account_tail}" if row.account_tail else _("None entered")}
    search = ("name", "unit_name")
    filters = ("kind", "income")
    sort = ("name",)
    default_sort = "name"
    sections = (
        Section(_l("Payee"), ("name", "unit_name", "person")),
        Section(
            _l("Tax"),
            ("kind", "income"),
            help=_l("What a fee counts as is for the finance office to say; the month takes it from here."),
        ),
    )
    empty_text = _l("Payees come by themselves, from the contributors of a settled month.")
    details = "stipend/payee.html"

    @expose("/account/", methods=BOTH)
    @needs(P.PAYEE_EDIT)
    def account(self) -> Any:
        """Enter a bank account."""
        return ask(self, acts.ACCOUNT, P.PAYEE_EDIT)

    @expose("/full/", methods=("POST",))
    @needs(P.SETTLEMENT_PAY)
    def full(self) -> Any:
        """The bank account in full; the log says who looked."""
        row = find(Payee, request.values.get("id"), P.SETTLEMENT_PAY)
        return self.render("stipend/account.html", row=row, account=services.reveal(row), back=self.url_of(row))


class MineView(PageView):
    """What one was paid oneself."""

    slug = "mine"
    menu = Menu(section=FEES, label=_l("My fees"), order=5)
    told = staticmethod(told)

    @expose("/")
    @signed_in("everybody sees their own statements and nobody else's")
    def index(self) -> str:
        """The approved months of a year."""
        identity = asking()
        user = identity.user
        person = user.__data__["person"] if user is not None else None
        year = _year()
        months = services.mine(person, year)
        return self.render("stipend/mine.html", months=months, year=year, this=today().year, money=show_money)


class YearView(PageView):
    """What a year paid each payee."""

    slug = "year"
    menu = Menu(section=FEES, label=_l("Totals of a year"), order=60)

    @expose("/")
    @needs(P.SETTLEMENT_VIEW, whole=True)
    def index(self) -> str:
        """By name; nobody is ranked."""
        year, page = _year(), _number(request.args.get("page"))
        rows = services.year_totals(asking().institution.id, year, PAGE + 1, (page - 1) * PAGE)
        months = list(scope(Settlement.select(), P.SETTLEMENT_VIEW).where(Settlement.state.in_(["locked", "paid"])))
        of_year = [m for m in months if m.month.year == year]
        sums = (sum(m.gross for m in of_year), sum(m.tax for m in of_year), len(of_year))
        context = {"rows": rows[:PAGE], "more": len(rows) > PAGE, "page": page, "year": year, "sums": sums}
        return self.render("stipend/year.html", this=today().year, money=show_money, **context)


def _year() -> int:
    text = request.args.get("year", "")
    return int(text) if text.isdecimal() and 2000 <= int(text[:5]) <= 2100 else today().year
