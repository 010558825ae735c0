"""The pages of oversight, in one list."""

from plugins.oversight.listviews import DocumentKindView, DutyKindView
from plugins.oversight.pages.documents import RuleDocumentView, RulesView
from plugins.oversight.pages.duties import CardView, DutyView, GroupsView
from plugins.oversight.pages.inspections import InspectionView, ItemView

__all__ = [
    "CardView",
    "DocumentKindView",
    "DutyKindView",
    "DutyView",
    "GroupsView",
    "InspectionView",
    "ItemView",
    "RuleDocumentView",
    "RulesView",
]
