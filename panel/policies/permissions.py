"""Permissions over presets: to look at them, to write the institution's own, and to put one in force."""

from __future__ import annotations

from enum import StrEnum

from panel.i18n import _l


class PoliciesPermission(StrEnum):
    PRESET_VIEW = "policies.preset.view"
    PRESET_EDIT = "policies.preset.edit"
    PRESET_APPLY = "policies.preset.apply"


LABELS = {PoliciesPermission.PRESET_APPLY: _l("Apply presets: change parameters, lists, duties and approval chains")}

ROLES = {
    "publicity": tuple(PoliciesPermission),
    "lead": (PoliciesPermission.PRESET_VIEW,),
    "auditor": (PoliciesPermission.PRESET_VIEW,),
}
