"""Presets of an institution's own, where its policy came from, and what waits for a plugin to be switched on."""

from __future__ import annotations

import json
from typing import Any

from peewee import CharField, Check, JSONField, TextField

from panel.i18n import _l
from panel.org.models import Institution, Owned

PARAMETER = "parameter "  # how the keys of parameters begin


class OwnPreset(Owned):
    """A preset that was written here, or came from another institution as a file."""

    title, titles = _l("Own preset"), _l("Own presets")
    refusals = {
        "institution,name": _l("There is a preset of this name already."),
        "policies_own_preset_named": _l("Give the preset a name."),
    }

    name = CharField(max_length=120, verbose_name=_l("Name"))
    text = TextField(verbose_name=_l("Content"))  # TOML that was read without a problem

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check("name <> ''", name="policies_own_preset_named")]

    def __str__(self) -> str:
        return self.name


class Origin(Owned):
    """Where a part of the policy in force came from: the articles, and the value they were applied with."""

    title, titles = _l("Origin of a policy"), _l("Origins of policies")
    called = "part"
    refusals = {"institution,part": _l("This part has an origin already.")}

    part = CharField(max_length=250, verbose_name=_l("Part"))  # the key of a Part
    value = TextField(default="", verbose_name=_l("Applied value"))
    rules = CharField(max_length=1000, default="", verbose_name=_l("Rules"))  # ids, between them a space
    source = CharField(max_length=400, default="", verbose_name=_l("Source"))

    class Meta:
        indexes = ((("institution", "part"), True),)

    def __str__(self) -> str:
        return self.part

    def holds(self, value: Any) -> bool:
        """Whether a parameter still has the value it was applied with."""
        return bool(json.loads(self.value or "{}").get("value") == ("" if value is None else value))


class Kept(Owned):
    """A part of a preset that was applied while its plugin was off; it is put in force at switching on."""

    title, titles = _l("Kept part of a preset"), _l("Kept parts of presets")
    called = "part"
    refusals = {"institution,part": _l("This part is kept already.")}

    area = CharField(max_length=40, verbose_name=_l("Plugin"))
    part = CharField(max_length=250, verbose_name=_l("Part"))
    kind = CharField(max_length=20, verbose_name=_l("Kind"))  # the name of its table in the file
    content = JSONField(default=dict, verbose_name=_l("Content"))
    matches = JSONField(default=dict, verbose_name=_l("Matches"))  # offices and roles that were chosen
    source = CharField(max_length=400, default="", verbose_name=_l("Source"))

    class Meta:
        indexes = ((("institution", "part"), True), (("institution", "area"), False))

    def __str__(self) -> str:
        return self.part


def origins_of_parameters(institution: Institution) -> dict[tuple[str, str], Origin]:
    """Where parameters came from that a preset put in force, by policy (`accounts.accounts_policy`) and name."""
    rows = Origin.select().where(Origin.institution == institution, Origin.part.startswith(PARAMETER))
    found = {}
    for row in rows:
        policy, _dot, name = row.part.removeprefix(PARAMETER).rpartition(".")
        found[policy, name] = row
    return found
