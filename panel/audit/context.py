"""The audit context: who is acting, from where, and under which correlation id."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["web", "api", "job", "cli", "migration"]


class AuditContextMissing(RuntimeError):
    """A write without `acting(...)` around it: nobody would be named for it."""


@dataclass(frozen=True)
class Acting:
    """One action of one actor. All its entries share `correlation`."""

    kind: Kind
    user_id: int | None = None
    user_name: str = ""
    ip: str = ""
    agent: str = ""
    reason: str = ""
    correlation: str = field(default_factory=lambda: uuid.uuid4().hex)


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting(
    kind: Kind | None = None,
    *,
    user: Any = None,
    user_name: str = "",
    ip: str = "",
    agent: str = "",
    reason: str = "",
) -> Iterator[Acting]:
    """Name the actor of every write inside.

    Without `kind`, refines the context already there (a reason added to an action keeps its correlation id).
    `user` is a panel.access User; `user_name` names an actor that is no user, such as a job.
    """
    outer = _current.get()
    if kind is None:
        if outer is None:
            raise AuditContextMissing("acting() without a kind needs an outer context")
        here = replace(outer, reason=reason or outer.reason)
    else:
        here = Acting(kind, user.id if user else None, str(user) if user else user_name, ip, agent[:200], reason)
    token = _current.set(here)
    try:
        yield here
    finally:
        _current.reset(token)


def current() -> Acting:
    """The context in force. Raises AuditContextMissing where there is none."""
    here = _current.get()
    if here is None:
        raise AuditContextMissing("writing needs an audit context: wrap it in panel.audit.acting(...)")
    return here
