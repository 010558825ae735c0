"""Permissions over users, roles and plugins."""

from __future__ import annotations

from enum import StrEnum


class AccessPermission(StrEnum):
    USER_VIEW = "access.user.view"
    USER_CREATE = "access.user.create"
    USER_EDIT = "access.user.edit"
    USER_EXPORT = "access.user.export"
    ROLE_VIEW = "access.role.view"
    ROLE_EDIT = "access.role.edit"
    SIGN_ON_VIEW = "access.sign_on.view"
    SIGN_ON_EDIT = "access.sign_on.edit"
    PLUGIN_VIEW = "access.plugin.view"
    PLUGIN_SWITCH = "access.plugin.switch"
