"""Background work of groups: reading chat records, the nightly look at who belongs, deleting raw text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.api import _l, progress, scheduled, settle_obligations, task, utcnow
from plugins.groupchat import services
from plugins.groupchat.choices import SourceState
from plugins.groupchat.groups import Group, Source
from plugins.groupchat.posts import Notice, Problem


@task("groupchat.read_chat", title=_l("Read a chat record"), queue="slow", timeout=3600)
def read_chat(run: Any, source_id: int) -> dict[str, Any]:
    """Read a record that waits. Run again after a crash, it adds only what is missing."""
    source = Source.get_by_id(source_id)
    if source.state != SourceState.WAITING:
        return {}
    done = services.read(source, lambda at, total, message: progress(run, at, total, message))
    return {"messages": done.messages}


@scheduled("groupchat.settle", cron="20 4 * * *", queue="slow", title=_l("Look who belongs in which group"))
def settle(run: Any) -> dict[str, Any]:
    """Every night: whose service began or ended by the day alone."""
    ids = [g.id for g in Group.select(Group.id).where(Group.institution == run.institution, Group.state == "active")]
    if ids:
        services.settle_groups(run.institution.id, ids)
    return {"groups": len(ids)}


@scheduled("groupchat.purge", cron="50 3 * * *", queue="slow", title=_l("Delete the raw text of chat records"))
def purge(run: Any) -> dict[str, Any]:
    """Every night: what the policy lets nobody keep any longer."""
    return dict(services.purge(run.institution))


@task("groupchat.post", title=_l("Post in a group"), queue="urgent", timeout=120)
def post(run: Any, notice_id: int, what: str) -> dict[str, Any]:
    """Let a group's robot post a notice or its reminder; once posted, a second run does nothing."""
    notice = Notice.get_by_id(notice_id)
    if what == "notice" and notice.posted_at is not None:
        return {}
    services.post(notice, what)
    return {"posted": what}


@scheduled("groupchat.wecom", cron="15 5 * * *", queue="slow", title=_l("Read customer groups from WeCom"))
def wecom(run: Any) -> dict[str, Any]:
    """Every night, where WeCom is connected."""
    return dict(services.read_wecom(run.institution))


@scheduled("groupchat.watch", cron="*/15 * * * *", title=_l("Look whose time for a correction is over"))
def watch(run: Any) -> dict[str, Any]:
    """Every quarter of an hour: a summons is owed from the minute on, not from the next night."""
    now = utcnow()
    late = Problem.select(Problem.id).where(
        Problem.institution == run.institution,
        Problem.corrected_at.is_null(),
        Problem.summoned_at.is_null(),
        Problem.due_at.between(now - timedelta(days=1), now),
    )
    ids = [problem.id for problem in late]
    settle_obligations(Problem, ids)
    return {"overdue": len(ids)}
