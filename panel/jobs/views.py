"""The page of background work."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from panel import audit
from panel.access.guard import needs
from panel.access.identity import Identity, asking
from panel.admin.view import Menu, PageView, expose
from panel.database import utcnow
from panel.errors import NotFound, Refused
from panel.i18n import _, _l
from panel.jobs import overview, queue
from panel.jobs.models import Run, RunState
from panel.jobs.permissions import JobPermission as P
from panel.runtime import runtime


class WorkView(PageView):
    """Queues, workers, schedules and runs."""

    menu = Menu(section=_l("Settings"), label=_l("Background work"), order=70)

    @expose("/")
    @needs(P.RUN_VIEW, whole=True)
    def index(self) -> str:
        """Everything at a glance."""
        identity = asking()
        state, task = request.args.get("state", ""), request.args.get("task", "")
        return self.render(
            "jobs/work.html",
            show=overview,
            redis=overview.redis_answers(),
            queues=overview.waiting(),
            processes=overview.processes(),
            schedules=overview.schedules(identity),
            runs=overview.runs(identity, state, task),
            states=RunState.pairs(),
            styles=RunState.styles(),
            state=state,
        )

    @expose("/run/")
    @needs(P.RUN_VIEW, whole=True)
    def details(self) -> str:
        """One run: its result, or its failure with the traceback for who may control it."""
        run = queue.show_live(self._run())
        return self.render(
            "jobs/run.html", run=run, show=overview, styles=RunState.styles(), label=RunState(run.state).label
        )

    @expose("/now/", methods=("POST",))
    @needs(P.RUN_CONTROL, whole=True)
    def now(self) -> Any:
        """Run a schedule at once, besides its slots."""
        identity, task = asking(), runtime().tasks.get(request.form.get("task", ""))
        if task is None or task.cron is None or (task.system and not self._runs_it(identity)):
            raise NotFound(_("This page does not exist, or is not yours to see."))
        institution = None if task.system else identity.institution
        run = queue.enqueue(task, institution=institution, key=f"asked-{utcnow():%Y%m%dT%H%M%S}")
        audit.note("run_now", identity.institution, {"task": task.name})
        flash(_("Asked for: %(task)s", task=overview.title_of(task.name)), "success")
        return redirect(url_for(".details", id=run.id))

    @expose("/retry/", methods=("POST",))
    @needs(P.RUN_CONTROL, whole=True)
    def retry(self) -> Any:
        """Run failed or cancelled work again."""
        return self._control(queue.retry, _("It runs again."), "retry")

    @expose("/cancel/", methods=("POST",))
    @needs(P.RUN_CONTROL, whole=True)
    def cancel(self) -> Any:
        """Stop work that waits or runs."""
        return self._control(queue.cancel, _("It is being stopped."), "cancel")

    def _control(self, verb: Any, said: str, action: str) -> Any:
        run = self._run()
        try:
            verb(run)
        except Refused as refusal:
            flash(str(refusal), "danger")
        else:
            audit.note(action, asking().institution, {"run": run.id, "task": run.task})
            flash(said, "success")
        return redirect(url_for(".details", id=run.id))

    def _run(self) -> Run:
        run_id = request.values.get("id", "")
        run = None
        if run_id.isdecimal() and len(run_id) < 19:
            run = Run.get_or_none(Run.id == int(run_id), overview.in_sight(asking()))
        if run is None:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        return run

    @staticmethod
    def _runs_it(identity: Identity) -> bool:
        return identity.user is not None and identity.user.site_admin
