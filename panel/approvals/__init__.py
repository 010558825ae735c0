"""Approvals: what must be decided, by whom, in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panel.runtime import Runtime


def init_app(runtime: Runtime) -> list[str]:
    """Collect the subjects and follow what is written; gives what is wrong with any subject, one line each."""
    from panel.approvals import declare, freeze
    from panel.database import write_observers

    runtime.subjects, problems = declare.collect(runtime.registry.areas)
    if freeze.observe not in write_observers:
        write_observers.append(freeze.observe)
    return problems
