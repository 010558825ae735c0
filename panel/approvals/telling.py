"""What signers and applicants are told. Rows only: the outbox sends them."""

from __future__ import annotations

from panel.approvals.models import Request


def tell_signers(request: Request) -> None:
    """It is their turn."""


def tell_applicant(request: Request) -> None:
    """How it ended."""
