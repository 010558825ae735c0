"""What whoever asks sees of the figures and charts of all areas that are on."""

from __future__ import annotations

from collections.abc import Iterator

from panel.access.identity import Identity, asking
from panel.reports.declare import Chart, Figure, Reading
from panel.reports.drawing import Drawing, draw
from panel.runtime import runtime


def _declared(identity: Identity) -> Iterator[tuple[str, Figure | Chart]]:
    registry = runtime().registry
    for area, declared in runtime().reports.items():
        if area in registry and not identity.plugin_on(area):
            continue
        for one in declared:
            if one.permission is None or identity.may(one.permission):
                yield area, one


def figures(identity: Identity) -> list[tuple[Figure, Reading]]:
    """The figures with something to say, in order."""
    found = [one for _area, one in _declared(identity) if isinstance(one, Figure)]
    read = [(one, one.read(identity)) for one in sorted(found, key=lambda one: one.order)]
    return [(one, reading) for one, reading in read if reading is not None]


def charts(identity: Identity, home: bool = False) -> list[Drawing]:
    """The charts, in order; those of the home page only, if asked."""
    found = [one for _area, one in _declared(identity) if isinstance(one, Chart) and (one.home or not home)]
    shown = [one for one in found if one.shown is None or one.shown(identity)]
    return [draw(one, one.read(identity)) for one in sorted(shown, key=lambda one: one.order)]


def chart(name: str) -> Drawing:
    """One chart by its name, as whoever asks sees it, for a page of its plugin."""
    (found,) = [one for one in runtime().reports[name.partition(".")[0]] if one.name == name]
    identity = asking()
    assert isinstance(found, Chart)
    return draw(found, found.read(identity))
