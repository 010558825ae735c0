"""Permissions over institutions, units and people."""

from __future__ import annotations

from enum import StrEnum


class OrgPermission(StrEnum):
    INSTITUTION_VIEW = "org.institution.view"
    INSTITUTION_EDIT = "org.institution.edit"
    UNIT_VIEW = "org.unit.view"
    UNIT_CREATE = "org.unit.create"
    UNIT_EDIT = "org.unit.edit"
    UNIT_DELETE = "org.unit.delete"
    UNIT_EXPORT = "org.unit.export"
    UNIT_IMPORT = "org.unit.import"
    PERSON_VIEW = "org.person.view"
    PERSON_CREATE = "org.person.create"
    PERSON_EDIT = "org.person.edit"
    PERSON_DELETE = "org.person.delete"
    PERSON_EXPORT = "org.person.export"
    PERSON_IMPORT = "org.person.import"
    PERSON_LEAVE = "org.person.leave"
    PERSON_REVEAL = "org.person.reveal"  # phones in full
