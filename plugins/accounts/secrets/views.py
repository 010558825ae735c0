"""The pages of sealed secrets: sealing, opening, the register of openings, and what is printed for the envelope."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request, url_for

from panel.api import (
    ChoiceFilter,
    Crud,
    Menu,
    NotFound,
    PageView,
    RecordView,
    _,
    _l,
    address_of,
    approval_of,
    audit,
    carried_out,
    current,
    expose,
    find,
    form_sent,
    needs,
    show_time,
    today,
    utcnow,
)
from plugins.accounts.choices import Way
from plugins.accounts.models import Account, Handover, SealedCopy
from plugins.accounts.permissions import AccountsPermission as P
from plugins.accounts.secrets import services
from plugins.accounts.secrets.choices import OpeningState, SecretKind
from plugins.accounts.secrets.forms import (
    DestroySecretForm,
    OpenSecretForm,
    ReplaceSecretForm,
    SealSecretForm,
    ShowSecretForm,
)
from plugins.accounts.secrets.models import Secret, SecretOpening
from plugins.accounts.secrets.opening import SECONDS, SUBJECT

BOTH = ("GET", "POST")


class SecretsView(PageView):
    """Sealing, replacing, opening and destroying the secrets of an account."""

    @expose("/", methods=BOTH)
    @needs(P.SECRET_SEAL)
    def seal(self) -> Any:
        """Sealing a secret of the account `id`."""
        account = find(Account, request.args.get("id"), P.SECRET_SEAL)
        form = SealSecretForm(form_sent())
        if carried_out(form, lambda: services.seal_secret(account, **form.data)):
            flash(_("The secret is sealed."), "success")
            return redirect(address_of(account, "secrets"))
        rules = {"text": ("s3-03-r21", "s4-01-r22"), "changed_on": ("s4-01-r23",)}
        return self._page(form, account, None, _("Seal a secret"), _("Seal"), rules)

    @expose("/replace/", methods=BOTH)
    @needs(P.SECRET_SEAL)
    def replace(self) -> Any:
        """Sealing another value of the secret `id`."""
        secret = find(Secret, request.args.get("id"), P.SECRET_SEAL)
        form = ReplaceSecretForm(form_sent())
        if secret.kind != SecretKind.PASSWORD:
            del form.changed_on
        if carried_out(form, lambda: services.replace_secret(secret, **form.data)):
            flash(_("The new secret is sealed."), "success")
            return redirect(address_of(secret.account, "secrets"))
        rules = {"text": ("s3-03-r21", "s4-01-r22"), "changed_on": ("s3-01-r08",)}
        return self._page(form, secret.account, secret, _("Replace a sealed secret"), _("Seal"), rules)

    @expose("/destroy/", methods=BOTH)
    @needs(P.SECRET_DESTROY)
    def destroy(self) -> Any:
        """Destroying the secret `id`."""
        secret = find(Secret, request.args.get("id"), P.SECRET_DESTROY)
        form = DestroySecretForm(form_sent())
        if carried_out(form, lambda: services.destroy_secret(secret, form.reason.data or "")):
            flash(_("The secret is destroyed."), "success")
            return redirect(address_of(secret.account, "secrets"))
        remark = _("What it holds cannot be brought back. That it was here, and who opened it, stays in the history.")
        return self._page(form, secret.account, secret, _("Destroy a sealed secret"), _("Destroy"), {}, remark, True)

    @expose("/open/", methods=BOTH)
    @needs(P.SECRET_OPEN)
    def open(self) -> Any:
        """Asking to open the secret `id`: a reason and a fresh proof."""
        secret = find(Secret, request.args.get("id"), P.SECRET_OPEN)
        pending = services.pending_opening(secret) if request.method == "GET" else None
        if pending is not None:
            return redirect(url_for(".opening", id=pending.id))
        form = OpenSecretForm(form_sent())
        made: list[SecretOpening] = []
        if carried_out(form, lambda: made.append(services.ask_opening(secret, form.reason.data or ""))):
            return redirect(url_for(".opening", id=made[0].id))
        if form.proof.errors and request.method == "POST":
            audit.note("proof_failed", secret)
        two = services.needs_release(secret)
        context = {"form": form, "secret": secret, "account": secret.account, "two": two, "seconds": SECONDS}
        return self.render("accounts/secrets/open.html", **context), 422 if form.wrong else 200

    @expose("/opening/", methods=BOTH)
    @needs(P.SECRET_OPEN)
    def opening(self) -> Any:
        """Where one's own opening `id` stands; a POST shows the secret, once."""
        opening = find(SecretOpening, request.args.get("id"), P.SECRET_OPEN)
        identity = current()
        if identity is None or identity.user is None or opening.user_id != identity.user.id:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        form = ShowSecretForm(form_sent())
        shown: list[str] = []
        if carried_out(form, lambda: shown.append(services.show_secret(opening))):
            return self._shown(opening, shown[0])
        opening = SecretOpening.get_by_id(opening.id)
        ready = opening.state == OpeningState.RELEASED and opening.until > utcnow()
        context = {
            "form": form,
            "opening": opening,
            "account": opening.account,
            "ready": ready,
            "request_": approval_of(opening, SUBJECT),
            "state": OpeningState(opening.state),
            "seconds": SECONDS,
        }
        return self.render("accounts/secrets/opening.html", **context), 422 if form.wrong else 200

    def _shown(self, opening: SecretOpening, text: str) -> Any:
        """The one page a secret stands on: never kept by a browser, and left by itself when its time is over."""
        after = url_for(".opening", id=opening.id)
        context = {"opening": opening, "account": opening.account, "text": text, "seconds": SECONDS, "after": after}
        response = make_response(self.render("accounts/secrets/shown.html", **context))
        response.headers["Cache-Control"] = "no-store, no-cache, private, max-age=0"
        response.headers["Refresh"] = f"{SECONDS}; url={after}"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _page(
        self,
        form: Any,
        account: Account,
        secret: Secret | None,
        title: str,
        button: str,
        rules: Any,
        remark: str = "",
        danger: bool = False,
    ) -> Any:
        context = {
            "form": form,
            "account": account,
            "secret": secret,
            "title": title,
            "button": button,
            "rules": rules,
            "remark": remark,
            "danger": danger,
            "back": address_of(account, "secrets"),
        }
        return self.render("accounts/secrets/form.html", **context), 422 if form.wrong else 200


class SecretOpeningView(RecordView):
    """The register of openings: who looked at what, when and why, and who released it."""

    model = SecretOpening
    may = Crud(view=P.OPENING_VIEW, export=P.OPENING_EXPORT)
    menu = Menu(section=_l("Accounts"), label=_l("Openings of secrets"), order=25)
    columns = ("asked_at", "account", "what", "person", "reason", "state", "shown_at")
    more_columns = ("account.unit", "released_by", "until")
    labels = {"account.unit": _l("Unit")}
    formats = {"asked_at": lambda row: show_time(row.asked_at), "shown_at": lambda row: show_time(row.shown_at, True)}
    joins = ("account.platform",)
    search = ("account", "person", "reason", "what")
    filters = (
        "asked_at",
        "person",
        "account",
        "account.unit",
        ChoiceFilter(
            "state",
            _l("State"),
            choices=OpeningState.pairs(),
            where=lambda model, values: model.state.in_(values),
        ),
        "shown_at",
    )
    sort = ("asked_at", "account", "person", "shown_at")
    default_sort = "-asked_at"
    rules = {"person": ("s3-01-r07", "s4-01-r24")}
    empty_text = _l("No secret was ever opened.")

    def icon_of(self, row: SecretOpening) -> str:
        return str(row.account.platform.icon)


class EnvelopeView(PageView):
    """What is printed for the envelope: its label, and the record of a handover."""

    @expose("/")
    @needs(P.CUSTODIAN_VIEW)
    def label(self) -> Any:
        """The label of the envelope `id`."""
        copy = find(SealedCopy, request.args.get("id"), P.CUSTODIAN_VIEW)
        return self.render("accounts/secrets/label.html", copy=copy, account=copy.account, today=today())

    @expose("/handover/")
    @needs(P.CUSTODIAN_VIEW)
    def handover(self) -> Any:
        """The record of the handover `id`, to be signed."""
        handover = find(Handover, request.args.get("id"), P.CUSTODIAN_VIEW)
        way = Way(handover.way).label
        return self.render("accounts/secrets/handover.html", handover=handover, account=handover.account, way=way)
