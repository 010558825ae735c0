"""What an institution begins with; it edits all of it."""

from __future__ import annotations

DOCUMENTS = ("管理办法", "实施细则", "操作规程", "工作制度", "任命文件")
