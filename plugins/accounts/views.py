"""The pages of the account register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for

from panel.api import (
    Bulk,
    Crud,
    Menu,
    NotAllowed,
    PageView,
    Person,
    RecordView,
    RefListField,
    Refused,
    Section,
    _,
    _l,
    address_of,
    audit,
    bulk,
    carried_out,
    expose,
    files,
    find,
    form_sent,
    masked,
    needs,
    ngettext,
    require,
    respond,
)
from plugins.accounts import acts, handing, services
from plugins.accounts.choices import DeviceKind, OperatorKind, Status, Way
from plugins.accounts.forms import QrCodeForm, bounded
from plugins.accounts.governing import OPENING, NeedsApproval, governed
from plugins.accounts.importing import account_import
from plugins.accounts.life.choices import State
from plugins.accounts.life.reading import open_for
from plugins.accounts.models import Account, Custodian, Platform
from plugins.accounts.permissions import AccountsPermission as P
from plugins.accounts.reading import account_page, load_people, who_may
from plugins.accounts.showing import show_certified, show_holder, show_password_due, show_people

ACCOUNTS = _l("Accounts")
BOTH = ("GET", "POST")


def _set_status(rows: Sequence[Account], status: Status) -> int:
    for account in rows:
        services.change_status(account, status)
    return len(rows)


class AccountView(RecordView):
    """The register."""

    model = Account
    kinds, ways, device_kinds = dict(OperatorKind.pairs()), dict(Way.pairs()), dict(DeviceKind.pairs())  # for the page
    application_states = dict(State.pairs())
    may = Crud(
        view=P.ACCOUNT_VIEW,
        create=P.ACCOUNT_CREATE,
        edit=P.ACCOUNT_EDIT,
        delete=P.ACCOUNT_DELETE,
        export=P.ACCOUNT_EXPORT,
        import_=P.ACCOUNT_IMPORT,
    )
    menu = Menu(section=ACCOUNTS, label=_l("Account register"), order=10)
    columns = ("name", "unit", "responsible", "custodians", "certified_until", "status")
    more_columns = (
        "platform",
        "identifier",
        "operators",
        "level",
        "entity",
        "opened_on",
        "followers",
        "certification",
        "filing",
        "filing_number",
        "filed_on",
        "body",
        "password_changed_on",
        "password_due_on",
        "published_on",
    )
    labels = {"custodians": _l("Password custodians"), "operators": _l("Operators")}
    formats = {
        "custodians": lambda row: show_people(row.custodians),
        "operators": lambda row: show_people(row.operators),
        "certified_until": show_certified,
        "password_due_on": show_password_due,
        "bound_phone": lambda row: masked(row.bound_phone),
        "bound_email": lambda row: masked(row.bound_email),
    }
    joins = ("platform", "bound_phone_owner", "bound_email_owner")
    search = ("name", "identifier", "responsible")
    filters = (
        "status",
        "platform",
        "unit",
        "level",
        "responsible",
        "certified_until",
        "certification",
        "opened_on",
        "filing",
        "filed_on",
        "followers",
        "password_due_on",
    )
    sort = ("name", "unit", "responsible", "certified_until", "opened_on", "followers", "status")
    default_sort = "name"
    editable = ("status", "followers")
    sections = (
        Section(
            _l("Basics"),
            (
                "name",
                "platform",
                "identifier",
                "unit",
                "level",
                "opened_on",
                "purpose",
                "publishing_scope",
                "description",
            ),
        ),
        Section(
            _l("People"),
            ("responsible", "contact_phone", "operators"),
            help=_l("Who runs it answers for it. Whoever has left or graduated is not offered."),
        ),
        Section(
            _l("Password"),
            ("custodians",),
            help=_l("To replace somebody use “Hand over the password”: leaving, taking over, witness, new password."),
        ),
        Section(
            _l("What the account is bound to"),
            ("bound_phone", "bound_phone_owner", "bound_email", "bound_email_owner"),
            help=_l("Whoever holds the bound phone or mailbox can reset the password."),
        ),
        Section(
            _l("Verification and filing"),
            ("entity", "entity_kind", "certification", "certified_until", "filing_number", "filed_on"),
        ),
        Section(_l("Operation"), ("status", "closed_on", "published_on", "followers", "followers_on", "note")),
    )
    form_extra_fields = {
        "operators": RefListField(_l("Operators"), Person, description=_l("Staff in service or enrolled students.")),
        "custodians": RefListField(
            _l("Password custodians"), Person, description=_l("Everybody who knows the password.")
        ),
    }
    help = {
        "name": _l("As it stands on the platform. A new name keeps the old one in the history."),
        "identifier": _l("WeChat ID, UID or domain. With it, the same account is recognised in every import."),
        "publishing_scope": _l("Who it publishes for, for example the whole university or one faculty."),
        "responsible": _l("Staff in service, as a rule the head of the unit."),
        "opened_on": _l("Year-month-day; 2019.3.12 is understood too."),
        "status": _l("An account is closed in two steps: “to be closed” first."),
        "closed_on": _l("Only for a closed account. Closing ends every operator, custodian and device."),
        "bound_phone_owner": _l("Whose phone it is; when they leave, it is on the list of what they hold."),
    }
    rules = {
        "name": ("s0-11-r01",),
        "identifier": ("s0-11-r01",),
        "responsible": ("s0-07-r10", "s0-07-r11"),
        "operators": ("s0-07-r13",),
        "custodians": ("s0-03-r04", "s2-04-r11"),
        "level": ("s2-03-r01",),
        "entity": ("s0-09-r03",),
        "entity_kind": ("s1-05-r01",),
        "publishing_scope": ("s3-03-r26",),
        "bound_phone": ("s3-03-r26",),
    }
    details = "accounts/details.html"
    import_target = staticmethod(account_import)
    create_with = staticmethod(services.register_account)
    update_with = staticmethod(services.change_account)

    change_responsible = Bulk(
        "change_responsible", _l("Change the responsible person"), P.ACCOUNT_EDIT, page="accounts_responsible.page"
    )

    @bulk(
        _l("Confirm as filed"),
        P.FILING_EDIT,
        lambda n: ngettext(
            "Confirm that %(num)s account is filed? Without a number it gets the next one.",
            "Confirm that %(num)s accounts are filed? Those without a number get the next ones.",
            n,
        ),
    )
    def confirm_filing(self, rows: Sequence[Account]) -> int:
        return services.confirm_all(rows)

    @bulk(
        _l("Take into use"),
        P.ACCOUNT_EDIT,
        lambda n: ngettext("Take %(num)s account into use?", "Take %(num)s accounts into use?", n),
    )
    def resume(self, rows: Sequence[Account]) -> int:
        return _set_status(rows, Status.ACTIVE)

    @bulk(
        _l("Mark as no longer updated"),
        P.ACCOUNT_EDIT,
        lambda n: ngettext(
            "Mark %(num)s account as no longer updated?", "Mark %(num)s accounts as no longer updated?", n
        ),
    )
    def idle(self, rows: Sequence[Account]) -> int:
        return _set_status(rows, Status.IDLE)

    @bulk(
        _l("Suspend"),
        P.ACCOUNT_EDIT,
        lambda n: ngettext("Suspend %(num)s account?", "Suspend %(num)s accounts?", n),
    )
    def suspend(self, rows: Sequence[Account]) -> int:
        return _set_status(rows, Status.SUSPENDED)

    @bulk(
        _l("Mark to be closed"),
        P.ACCOUNT_EDIT,
        lambda n: ngettext("Mark %(num)s account to be closed?", "Mark %(num)s accounts to be closed?", n),
        danger=True,
    )
    def closing(self, rows: Sequence[Account]) -> int:
        return _set_status(rows, Status.CLOSING)

    def _make_form(self) -> None:
        super()._make_form()
        self.form = bounded(self.form)

    @expose("/new/", methods=BOTH)
    def create_view(self) -> Any:
        """Where a chain decides about opening, a new account begins with an application."""
        identity = require(P.ACCOUNT_CREATE)
        if governed(identity.institution.id, OPENING):
            if identity.may(P.APPLICATION_APPLY):
                return redirect(url_for("accounts_application.create_view"))
            raise NotAllowed(_("An account is opened by an approved application here: apply to open it."))
        return super().create_view()

    def change(self, row: Account, expected_version: int, values: dict[str, Any]) -> None:
        """What a filed account may not change past the chain goes into an application for it (s3-03-r04)."""
        try:
            super().change(row, expected_version, values)
        except NeedsApproval as refusal:
            if not refusal.held_back or not require(P.ACCOUNT_EDIT).may(P.APPLICATION_APPLY):
                raise
            kept = services.keep_back(row, refusal.held_back)
            flash(_("%(why)s It stands in this application; nothing has changed yet.", why=refusal.message), "warning")
            abort(redirect(url_for("accounts_application.amend", id=kept.id)))

    def load(self, rows: Sequence[Account]) -> None:
        load_people(rows)

    def icon_of(self, row: Account) -> str:
        return row.platform.icon

    def note_of(self, row: Account) -> str:
        return str(row.platform)

    def choose_from(self, name: str, rows: Any) -> Any:
        return rows.where(who_may(name)) if rows.model is Person else rows

    def page_of(self, row: Account) -> dict[str, Any]:
        """All parts of the account, for its page."""
        return {**account_page(row), "applications": open_for(row)}

    @expose("/qr.png")
    @needs(P.ACCOUNT_VIEW)
    def qr_code(self) -> Any:
        """The QR code of an account; with `download`, as a file."""
        account = find(Account, request.args.get("id"), P.ACCOUNT_VIEW)
        name = f"{account.name}.png" if "download" in request.args else ""
        return files.send_image(account.qr_code, account.institution_id, name)

    @expose("/qr/", methods=BOTH)
    @needs(P.ACCOUNT_EDIT)
    def qr_edit(self) -> Any:
        """Uploading the QR code, or taking it away."""
        account = find(Account, request.args.get("id"), P.ACCOUNT_EDIT)
        form = QrCodeForm(form_sent())
        picture = request.files.get("qr_code")
        data = picture.read(files.IMAGE_BYTES + 1) if picture and not form.remove.data else b""
        if request.method == "POST" and not data and not form.remove.data:
            form.refuse(Refused(_("Choose a file."), "qr_code"))
        elif carried_out(form, lambda: services.set_qr_code(account, data)):
            flash(_("The QR code is saved."), "success")
            return redirect(address_of(account))
        return self.render("accounts/qr.html", account=account, form=form), 422 if form.wrong else 200

    @expose("/contacts/")
    @needs(P.CONTACT_REVEAL)
    def contacts(self) -> Any:
        """The bound phone and mailbox in full; that somebody looked is in the history."""
        account = find(Account, request.args.get("id"), P.CONTACT_REVEAL)
        audit.note("contacts_shown", account)
        return self.render("accounts/contacts.html", account=account)


class PlatformView(RecordView):
    """The platforms, and what each allows."""

    model = Platform
    may = Crud(view=P.PLATFORM_VIEW, create=P.PLATFORM_EDIT, edit=P.PLATFORM_EDIT, delete=P.PLATFORM_EDIT)
    menu = Menu(section=ACCOUNTS, label=_l("Platforms"), order=90)
    columns = ("name", "family", "certifies", "max_administrators", "max_long_term", "max_short_term")
    more_columns = ("short_term_months", "synonyms", "position")
    search = ("name", "synonyms")
    filters = ("family", "certifies")
    sort = ("position", "name", "family")
    default_sort = "position"
    sections = (
        Section(_l("Basics"), ("name", "family", "synonyms", "icon", "position", "certifies")),
        Section(
            _l("Operators"),
            ("max_administrators", "max_long_term", "max_short_term", "short_term_months"),
            help=_l("What the platform allows on one account. Empty: it sets no limit."),
        ),
    )
    help = {
        "family": _l("One word, the same for all platforms that share their IDs, for example wechat."),
        "synonyms": _l("Other names registers use for it, with 、 between them; imports understand them."),
        "icon": _l("Its mark in lists."),
    }
    rules = {"name": ("s1-09-r01", "s1-06-r01")}
    update_with = staticmethod(services.change_platform)

    def icon_of(self, row: Platform) -> str:
        return row.icon


class CustodianView(RecordView):
    """Who knows which password, today."""

    model = Custodian
    may = Crud(view=P.CUSTODIAN_VIEW, export=P.CUSTODIAN_EXPORT)
    menu = Menu(section=ACCOUNTS, label=_l("Password custody"), order=20)
    columns = ("account", "person", "account.unit", "since", "way", "account.password_changed_on")
    more_columns = ("person.in_service_until", "undertaking_on", "account.platform", "note")
    labels = {"account.unit": _l("Unit"), "account.password_changed_on": _l("Password last changed on")}
    formats = {"person": show_holder}
    joins = ("account.platform",)
    search = ("person", "account")
    filters = ("person", "account.unit", "account.platform", "since", "way", "person.in_service_until")
    sort = ("person", "account", "account.unit", "since")
    default_sort = "person"

    hand_over = Bulk(
        "hand_over", _l("Hand over the password"), P.CUSTODIAN_HAND_OVER, page="accounts_custody.hand_over"
    )

    def only(self) -> Any:
        return Custodian.until.is_null()

    def icon_of(self, row: Custodian) -> str:
        return row.account.platform.icon

    def note_of(self, row: Custodian) -> str:
        return str(row.account.platform)

    def url_of(self, row: Custodian, **_values: Any) -> str:
        return address_of(row.account, "custody")


class OperatorsView(PageView):
    """Assigning and ending operators."""

    @expose("/", methods=BOTH)
    @expose("/<act>/", methods=BOTH)
    @needs(P.OPERATOR_ASSIGN)
    def page(self, act: str = "assign") -> Any:
        """One of OPERATOR_ACTS."""
        return respond(self, acts.OPERATOR_ACTS, P.OPERATOR_ASSIGN, act)


class CustodyView(PageView):
    """The password: handing it over, who keeps it, changing it, its sealed copy."""

    @expose("/", methods=BOTH)
    @needs(P.CUSTODIAN_HAND_OVER)
    def hand_over(self) -> Any:
        """Leaving, taking over, witness, new password, envelope: one page."""
        return handing.respond(self)

    @expose("/<act>/", methods=BOTH)
    @needs(P.CUSTODIAN_HAND_OVER)
    def page(self, act: str) -> Any:
        """One of CUSTODY_ACTS."""
        return respond(self, acts.CUSTODY_ACTS, P.CUSTODIAN_HAND_OVER, act)


class ResponsibleView(PageView):
    """Naming who answers for several accounts."""

    @expose("/", methods=BOTH)
    @needs(P.ACCOUNT_EDIT)
    def page(self) -> Any:
        """The accounts `row`, repeated, and the person."""
        return handing.respond_responsible(self)


class DevicesView(PageView):
    """The devices an account may be run from."""

    @expose("/", methods=BOTH)
    @expose("/<act>/", methods=BOTH)
    @needs(P.DEVICE_EDIT)
    def page(self, act: str = "add") -> Any:
        """One of DEVICE_ACTS."""
        return respond(self, acts.DEVICE_ACTS, P.DEVICE_EDIT, act)
