"""The pages of presets, and of how each article of the catalogue is enforced."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, request, url_for

from panel import audit, records
from panel.access.guard import needs
from panel.access.identity import asking, current
from panel.admin.declare import Menu
from panel.admin.view import PageView, expose
from panel.checks.permissions import ChecksPermission
from panel.checks.views import SECTION
from panel.errors import NotAllowed, NotFound, Refused, Stale
from panel.i18n import _, _l, ngettext
from panel.org.models import Institution, InstitutionKind
from panel.policies import applying, editing, enforced, presets
from panel.policies.models import Kept
from panel.policies.permissions import PoliciesPermission as P

BOTH = ("GET", "POST")
Page = Any


class PresetsView(PageView):
    """Presets: those the panel brings, the institution's own, and what applying one would change."""

    menu = Menu(section=SECTION, label=_l("Presets"), order=50)

    @expose("/")
    @needs(P.PRESET_VIEW)
    def page(self) -> Page:
        """Own presets, those for this kind of institution, and the others."""
        institution = asking().institution
        shipped = sorted(presets.shipped(), key=lambda preset: bool(preset.documents))
        groups = [
            (_("Of this institution"), presets.own(institution)),
            (_("For this kind of institution"), [p for p in shipped if p.meant_for(institution)]),
            (_("For others"), [p for p in shipped if not p.meant_for(institution)]),
        ]
        kept = list(Kept.select().where(Kept.institution == institution).order_by(Kept.area, Kept.id))
        return self.render(
            "policies/presets.html",
            groups=[(title, found) for title, found in groups if found],
            kept=[(row, applying.kept_part(row)) for row in kept],
            kind_label=lambda kind: InstitutionKind(kind).label,
            may=_may,
        )

    @expose("/preset/")
    @needs(P.PRESET_VIEW)
    def preset(self) -> Page:
        """What a preset would change here."""
        return self._preview(presets.find(asking().institution, request.args.get("code", "")))

    @expose("/apply/", methods=("POST",))
    @needs(P.PRESET_APPLY, whole=True)
    def apply(self) -> Page:
        """Put what was ticked in force."""
        institution, preset = asking().institution, presets.find(asking().institution, request.args.get("code", ""))
        answers = _answers()
        ticked = set(request.form.getlist("part"))
        try:
            changes = applying.apply(preset, institution, ticked, answers, request.form.get("reason", ""))
        except (NotFound, NotAllowed, Stale):
            raise
        except Refused as refusal:
            return self._preview(preset, refusal), refusal.status
        kept = sum(change.off for change in changes)
        done = len(changes) - kept
        flash(ngettext("%(num)s part of the preset is in force.", "%(num)s parts are in force.", done), "success")
        if kept:
            flash(ngettext("%(num)s part waits for its plugin.", "%(num)s parts wait for their plugin.", kept), "info")
        return redirect(url_for(".preset", code=preset.code))

    def _preview(self, preset: presets.Preset, error: Refused | None = None) -> str:
        plan = applying.plan(preset, asking().institution, _answers())
        sent = set(request.form.getlist("part"))
        return self.render(
            "policies/preset.html",
            preset=preset,
            plan=plan,
            ticked=sent if request.method == "POST" else {change.part.key for change in plan.new},
            error=error,
            reason=request.form.get("reason", ""),
            new=applying.NEW,
            titles=TITLES,
            kind_label=lambda kind: InstitutionKind(kind).label,
            may=_may,
        )

    @expose("/file/")
    @needs(P.PRESET_VIEW)
    def file(self) -> Response:
        """A preset as a TOML file."""
        preset = presets.find(asking().institution, request.args.get("code", ""))
        return _download(presets.write(preset), preset.name)

    @expose("/export/")
    @needs(P.PRESET_VIEW)
    def export(self) -> Response:
        """The institution's present policy and chains as a TOML file, to be imported elsewhere."""
        institution = asking().institution
        with audit.acting(reason=_("Export of the policy")):
            text = presets.write(applying.in_force(institution))
        return _download(text, institution.name)

    @expose("/new/", methods=BOTH)
    @needs(P.PRESET_EDIT, whole=True)
    def new(self) -> Page:
        """Write a preset: from a file, from what is in force, from another preset, or from nothing."""
        institution, error = asking().institution, None
        if request.method == "POST":
            try:
                text, file = self._begun(institution)
                row = applying.save_own(institution, text, file)
            except (NotFound, NotAllowed, Stale):
                raise
            except Refused as refusal:
                error = refusal
            else:
                code = f"{presets.OWN}{row.id}"
                imported = request.form.get("do") == "import"
                flash(_("The preset is saved. Nothing is in force yet."), "success")
                return redirect(url_for(".preset" if imported else ".edit", code=code))
        known = [*presets.own(institution), *presets.shipped()]
        status = 422 if error else 200
        return self.render(
            "policies/new.html", error=error, sent=request.form, known=known, kinds=list(InstitutionKind)
        ), status

    def _begun(self, institution: Institution) -> tuple[str, str]:
        upload = request.files.get("file")
        if request.form.get("do") == "import":
            if upload is None or not upload.filename:
                raise Refused(_("Choose a file."), "file")
            return applying.decoded(upload.read(), upload.filename), upload.filename[-80:]
        head = editing.head_of(request.form)
        if not head.name:
            raise Refused(_("Give the preset a name."), "name")
        return editing.begin(institution, head, request.form.get("base", "")), head.name

    @expose("/edit/", methods=BOTH)
    @needs(P.PRESET_EDIT, whole=True)
    def edit(self) -> Page:
        """Change one of the institution's own presets, part by part."""
        row, error = presets.row_of(asking().institution, request.args.get("code", "")), None
        if request.method == "POST":
            try:
                form = request.form
                keep, add = form.getlist("keep"), form.getlist("add")
                text = editing.edited(row, editing.head_of(form), form, keep, [key for key in add if key])
                applying.save_own(asking().institution, text, row.name, row, _version())
            except (NotFound, NotAllowed, Stale):
                raise
            except Refused as refusal:
                error = refusal
            else:
                flash(_("The preset is saved. Nothing is in force yet."), "success")
                return redirect(url_for(".preset", code=request.args["code"]))
        return self.render(
            "policies/edit.html",
            row=row,
            preset=presets.of_row(row),
            addable=editing.addable(),
            error=error,
            sent=request.form,
            kinds=list(InstitutionKind),
            titles=TITLES,
        ), 422 if error else 200

    @expose("/text/", methods=BOTH)
    @needs(P.PRESET_EDIT, whole=True)
    def text(self) -> Page:
        """Change one of the institution's own presets as the text of its file."""
        row, error = presets.row_of(asking().institution, request.args.get("code", "")), None
        if request.method == "POST":
            try:
                text = request.form.get("text", "").replace("\r\n", "\n")
                applying.save_own(asking().institution, text, row.name, row, _version())
            except (NotFound, NotAllowed, Stale):
                raise
            except Refused as refusal:
                error = refusal
            else:
                flash(_("The preset is saved. Nothing is in force yet."), "success")
                return redirect(url_for(".preset", code=request.args["code"]))
        return self.render("policies/text.html", row=row, error=error, sent=request.form), 422 if error else 200

    @expose("/delete/", methods=BOTH)
    @needs(P.PRESET_EDIT, whole=True)
    def delete(self) -> Page:
        """Delete one of the institution's own presets; what it put in force stays."""
        row = presets.row_of(asking().institution, request.args.get("code", ""))
        if request.method == "POST":
            records.delete(row)
            flash(_("“%(name)s” is deleted. What it put in force stays.", name=row.name), "success")
            return redirect(url_for(".page"))
        return self.render("policies/delete.html", row=row, code=request.args["code"])


class ArticlesView(PageView):
    """The catalogue, article by article, and what enforces each here."""

    menu = Menu(section=SECTION, label=_l("Policy article by article"), order=45)

    @expose("/")
    @needs(ChecksPermission.POLICY_VIEW)
    def page(self) -> Page:
        """One document, or what a search or filter finds."""
        asked = enforced.Asked.of(request.args)
        return self.render(
            "policies/articles.html",
            asked=asked,
            found=enforced.found(asking().institution, asked),
            areas=enforced.areas(),
            documents=enforced.documents(),
            kinds=enforced.kinds(),
            ways=enforced.WAYS,
        )


TITLES = (
    ("parameter", _l("Parameters")),
    ("row", _l("Rows of lists")),
    ("duty", _l("Standing duties")),
    ("ladder", _l("Reminders")),
    ("chain", _l("Approval chains")),
)


def _answers() -> dict[str, str]:
    """What the form says stands for each office and role that was asked."""
    return {name: value for name, value in request.form.items() if name.startswith(("office:", "role:"))}


def _version() -> int | None:
    typed = request.form.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None


def _may(permission: str) -> bool:
    """Whether whoever asks holds one of this area's permissions everywhere: presets hold for the whole institution."""
    who = current()
    return who is not None and who.may(permission) and who.reach(permission) is None


def _download(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename=preset.toml; filename*=UTF-8''{quote(name)}.toml"}
    return Response(text, mimetype="application/toml", headers=headers)
