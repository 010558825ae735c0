"""Permissions over API tokens."""

from __future__ import annotations

from enum import StrEnum

from panel.i18n import _l


class TokensPermission(StrEnum):
    TOKEN_CREATE = "tokens.token.create"  # noqa: S105  (a permission)
    TOKEN_END = "tokens.token.end"  # noqa: S105


LABELS = {
    "tokens.token": _l("API tokens"),
    TokensPermission.TOKEN_CREATE: _l("Make tokens of one's own"),
    TokensPermission.TOKEN_END: _l("See and end everybody's"),
}
