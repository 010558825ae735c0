"""Open an upload safely. What it is, is judged by its content, never by its name."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from panel.admin.imports.delimited import Delimited
from panel.admin.imports.grid import LIMITS, Limits, Upload
from panel.admin.imports.values import as_text
from panel.admin.imports.workbook import Workbook
from panel.errors import Refused
from panel.i18n import _

ZIP = b"PK\x03\x04"
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")  # the container of old Office files, and of encrypted new ones
FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"PK\x05\x06", b"{\\rtf")


def open_upload(source: bytes | BinaryIO | Path, limits: Limits = LIMITS) -> Upload:
    """Open an XLSX workbook or a CSV/TSV text. Raises `Refused` with what is wrong with the file."""
    data = read_bytes(source, limits)
    if not data.strip():
        raise Refused(_("The file is empty. Choose the file again."))
    if data.startswith(ZIP):
        return Workbook(data, limits)
    if data.startswith(COMPOUND):
        raise Refused(_compound(data))
    if data.startswith(FOREIGN):
        raise Refused(_("This is not a spreadsheet. Choose an .xlsx or .csv file."))
    return Delimited(data, limits)


def read_bytes(source: bytes | BinaryIO | Path, limits: Limits = LIMITS) -> bytes:
    """The whole upload. Raises `Refused` when it is larger than allowed, having read no more than that."""
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, Path):
        with source.open("rb") as stream:
            data = stream.read(limits.size + 1)
    else:
        data = source.read(limits.size + 1)
    if len(data) > limits.size:
        raise Refused(
            _(
                "The file is larger than %(limit)s MB. Take out pictures, or split it.",
                limit=limits.size // 2**20,
            )
        )
    return data


def _compound(data: bytes) -> str:
    """Why a file in the old container cannot be read; its directory names the streams in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _("The workbook is protected by a password. Open it in Excel or WPS, remove the password and save it.")
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return _("This is an old Excel file (.xls). Open it in Excel or WPS and save it as .xlsx.")
    return _("This is not a spreadsheet. Choose an .xlsx or .csv file.")


def read_table(data: bytes, limits: Limits = LIMITS) -> list[list[str]]:
    """The rows of the first sheet that holds any, as texts; for small lists that need no mapping. Raises `Refused`."""
    upload = open_upload(data, limits)
    for name in upload.names:
        table = upload.table(name)
        if table.rows:
            return [[as_text(cell) for cell in table.rows[row]] for row in sorted(table.rows)]
    return []
