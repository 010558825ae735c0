"""Which models sheets can be imported into, and by whom: what the views name as their `import_target`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panel.access.identity import Identity
from panel.admin.imports.target import Target, target_for
from panel.database import key_of
from panel.errors import NotAllowed, NotFound
from panel.i18n import _
from panel.org.models import Institution
from panel.runtime import runtime


@dataclass(frozen=True)
class Door:
    """A view whose model can be imported."""

    key: str  # of the model
    view: Any

    @property
    def permission(self) -> str:
        return str(self.view.may.import_)

    @property
    def titles(self) -> Any:
        return self.view.model.titles

    def target(self, institution: Institution) -> Target:
        return target_for(type(self.view).import_target, institution)

    def open_to(self, identity: Identity) -> bool:
        """Whether somebody may import here: plugin on, permission held."""
        on = not self.view.plugin or identity.plugin_on(self.view.plugin)
        return on and identity.may(self.permission)


def doors() -> dict[str, Door]:
    """Every import target by the key of its model, in menu order."""
    pages = (p for p in runtime().pages if getattr(type(p), "import_target", None) is not None and p.may.import_)
    return {key_of(page.model): Door(key_of(page.model), page) for page in pages}


def door(key: str, identity: Identity) -> Door:
    """One that is open to somebody. Raises NotFound where it does not exist or its plugin is off, else NotAllowed."""
    found = doors().get(key)
    if found is None or (found.view.plugin and not identity.plugin_on(found.view.plugin)):
        raise NotFound(_("There is nothing to import here."))
    if not identity.may(found.permission):
        raise NotAllowed(_("You may not import into “%(name)s”. Ask your administrator.", name=found.titles))
    return found
