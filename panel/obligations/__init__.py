"""Obligations: what is due, from whom, and what happens when it is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panel.runtime import Runtime


def init_app(runtime: Runtime) -> list[str]:
    """Collect the kinds and follow what is written; gives what is wrong with any kind, one line each."""
    from panel.database import write_observers
    from panel.obligations import kinds, settle

    runtime.kinds, problems = kinds.collect(runtime.registry.areas)
    if settle.observe not in write_observers:
        write_observers.append(settle.observe)
    return problems
