"""The folder of backups: the newest that many are kept."""

from __future__ import annotations

from pathlib import Path

PATTERN = "zhangyin-*.tar.gz"


def rotate(folder: Path, keep: int) -> int:
    """Delete all but the newest `keep`; gives how many went."""
    old = sorted(folder.glob(PATTERN), reverse=True)[max(1, keep) :]
    for path in old:
        path.unlink()
    return len(old)


def newest(folder: Path) -> Path | None:
    """The newest backup, if there is one."""
    return max(folder.glob(PATTERN), default=None)
