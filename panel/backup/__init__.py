"""Backups: one file that holds database and uploads, proven by restoring it; the keys lie apart unless asked for."""

from panel.backup.keeping import newest, rotate
from panel.backup.making import make
from panel.backup.restoring import BackupError, prove, restore

__all__ = ["BackupError", "make", "newest", "prove", "restore", "rotate"]
