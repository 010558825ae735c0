"""The background work of the admin area."""

from panel.admin.imports.jobs import apply_import, forget_imports, plan_import

__all__ = ["apply_import", "forget_imports", "plan_import"]
