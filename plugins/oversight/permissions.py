"""Permissions over rule documents, inspections and duties."""

from __future__ import annotations

from enum import StrEnum

from panel.api import _l


class OversightPermission(StrEnum):
    DOCUMENT_VIEW = "oversight.document.view"
    DOCUMENT_EDIT = "oversight.document.edit"  # draft, make known, issue, review, repeal
    DOCUMENT_EXPORT = "oversight.document.export"
    INSPECTION_VIEW = "oversight.inspection.view"
    INSPECTION_EDIT = "oversight.inspection.edit"  # plan, enter what was found, accept or return answers
    INSPECTION_EXPORT = "oversight.inspection.export"
    ITEM_ANSWER = "oversight.item.answer"
    DUTY_VIEW = "oversight.duty.view"
    DUTY_EDIT = "oversight.duty.edit"
    LIST_VIEW = "oversight.list.view"  # kinds of rule documents and of duties
    LIST_EDIT = "oversight.list.edit"


LABELS = {OversightPermission.ITEM_ANSWER: _l("Answer")}
