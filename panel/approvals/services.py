"""The verbs of approvals, and what a person can hold here."""

from __future__ import annotations

from panel.approvals.chains import delete_chain, import_chain, import_text, save_chain
from panel.approvals.deciding import approval_of, decide, decide_many, withdraw
from panel.approvals.paper import drop_template, save_template
from panel.approvals.standing import (
    countersign,
    decision_waits,
    delegate,
    end_delegation,
    signs_for_others,
    signs_in_chain,
    sweep,
)
from panel.approvals.submitting import submit

__all__ = [
    "approval_of",
    "countersign",
    "decide",
    "decide_many",
    "decision_waits",
    "delegate",
    "delete_chain",
    "drop_template",
    "end_delegation",
    "import_chain",
    "import_text",
    "save_chain",
    "save_template",
    "signs_for_others",
    "signs_in_chain",
    "submit",
    "sweep",
    "withdraw",
]
