"""Acts that follow from what others write: an area's services follow the rows of another, in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panel.checks.declare import Touched
from panel.database import Touch, write_observers

if TYPE_CHECKING:
    from panel.runtime import Runtime


@dataclass(frozen=True, eq=False)
class Follower:
    """`work(institution_id, touched)` runs before the commit of whatever created rows of `model` or changed `fields`
    of them (none named: any). It may write, and may raise Refused; what it writes is followed in turn."""

    model: Any
    fields: frozenset[str]
    work: Callable[[int, Touched], Any]

    def concerns(self, touch: Touch) -> bool:
        """Whether a write is one it follows."""
        if not isinstance(touch.row, self.model):
            return False
        return touch.action != "update" or not self.fields or bool(self.fields & touch.before.keys())


def follow(model: Any, *fields: str) -> Callable[[Callable[[int, Touched], Any]], Follower]:
    """Mark a function of an area's services as following rows of `model`; see Follower."""
    return lambda work: Follower(model, frozenset(fields), work)


def init_app(runtime: Runtime) -> None:
    """Collect the followers of every area and watch every transaction."""
    runtime.followers = {area.name: area.defined("services", Follower) for area in runtime.registry.areas}
    if observe not in write_observers:
        write_observers.insert(0, observe)


def observe(touches: list[Touch]) -> None:
    """Let those who follow do their part, where their plugin is on."""
    from flask import has_app_context

    from panel.runtime import runtime

    if not has_app_context():
        return
    for area, followers in runtime().followers.items():
        concerned = [(follower, _concerned(follower, touches)) for follower in followers]
        on = _switched_on(area, {institution for _follower, here in concerned for institution in here})
        for follower, here in concerned:
            for institution_id in (one for one in here if one in on):
                follower.work(institution_id, Touched(here[institution_id]))


def _concerned(follower: Follower, touches: Iterable[Touch]) -> dict[int, list[Touch]]:
    """The writes it follows, by institution."""
    here: dict[int, list[Touch]] = defaultdict(list)
    for touch in touches:
        institution = touch.row.__data__.get("institution")
        if institution is not None and follower.concerns(touch):
            here[institution].append(touch)
    return here


def _switched_on(area: str, institutions: set[int]) -> set[int]:
    from panel.access.models import PluginSwitch
    from panel.runtime import runtime

    if not institutions or area not in runtime().registry:
        return institutions
    rows: Any = PluginSwitch.select(PluginSwitch.institution).where(
        PluginSwitch.institution.in_(institutions), PluginSwitch.plugin == area, PluginSwitch.enabled
    )
    return {institution for (institution,) in rows.tuples()}
