"""XLSX: one streaming pass a sheet, values and merged ranges together, limits checked before and while inflating.

openpyxl's streaming reader gives no merged ranges and no limits, and its full reader needs some 50 times the size of
the file in memory, so the parts are read with expat; number formats and serial dates are openpyxl's.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError  # nosec B405  (a type; defusedxml parses)
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from panel.admin.imports.grid import Cell, Fault, Limits, Merge, Table, check_cell, check_count, check_row
from panel.errors import Refused
from panel.i18n import _

CHUNK = 2**18
REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Formats 27-36 and 50-58 are dates in Chinese, Japanese and Korean Excel; no table of formats is stored for them.
DATE_FORMATS = {i for i, code in BUILTIN_FORMATS.items() if is_date_format(code)} | {*range(27, 37), *range(50, 59)}
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, ParseError, KeyError, ValueError, OSError)


@contextmanager
def refusing_broken() -> Iterator[None]:
    """Turn whatever a damaged file raises into one refusal."""
    try:
        yield
    except DefusedXmlException:
        raise Refused(_entities()) from None
    except (*BROKEN, RuntimeError, NotImplementedError):
        raise Refused(
            _("The workbook is damaged and cannot be read. Open it in Excel or WPS and save it again.")
        ) from None


def _entities() -> str:
    return _("The workbook defines XML entities, which no spreadsheet program does. It is not read.")


def _too_large() -> str:
    return _("The workbook unpacks to far more than its size, and is not read. Copy the list to a new workbook.")


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet that is not hidden: its name and its member of the archive."""

    name: str
    path: str


class Workbook:
    """An XLSX file as an upload."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.limits = limits
        with refusing_broken():
            self.archive = zipfile.ZipFile(io.BytesIO(data))
            self._check_members()
            self._check_contents()
            self.parts = self._find_sheets()
            self.date_styles = self._find_date_styles()
        self.names = tuple(part.name for part in self.parts)
        self._shared: list[str] | None = None

    def head(self, name: str, rows: int) -> Table:
        return self._read(name, rows)

    def table(self, name: str) -> Table:
        return self._read(name, None)

    def _read(self, name: str, stop: int | None) -> Table:
        path = next(part.path for part in self.parts if part.name == name)
        with refusing_broken():
            if self._shared is None:
                self._shared = SharedStrings(self.limits).read(self.archive, self.shared_path)
            reader = SheetReader(name, self._shared, self.date_styles, self.date1904, self.limits, stop)
            with self.archive.open(path) as stream:
                reader.read(stream)
        return Table(name, reader.rows, reader.merges, self.date1904)

    def _check_members(self) -> None:
        """Judge by the archive's directory; zipfile never inflates more of a member than is declared there."""
        members = self.archive.infolist()
        inflated, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
        names = {m.filename.lower() for m in members}
        if (
            len(members) > self.limits.members
            or inflated > self.limits.inflated
            or (inflated > 2**20 and inflated > packed * self.limits.ratio)
        ):
            raise Refused(_too_large())
        if any(m.flag_bits & 1 for m in members) or "encryptedpackage" in names:
            raise Refused(
                _("The workbook is protected by a password. Open it in Excel or WPS, remove the password and save it.")
            )
        if any(name.endswith("vbaproject.bin") for name in names):
            raise Refused(_("The workbook contains macros. Save it as .xlsx, without macros, and upload that."))
        if "[content_types].xml" not in names:
            raise Refused(_("This archive is no Excel workbook. Choose an .xlsx or .csv file."))

    def _check_contents(self) -> None:
        """Parse every XML member once without building anything: no document type, no more bytes than allowed."""
        inflated = 0
        for member in self.archive.infolist():
            if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
                continue
            parser = expat.ParserCreate()
            parser.StartDoctypeDeclHandler = _refuse_entities
            with self.archive.open(member) as stream:
                while chunk := stream.read(CHUNK):
                    inflated += len(chunk)
                    if inflated > self.limits.inflated:
                        raise Refused(_too_large())
                    parser.Parse(chunk)
            if not member.filename.lower().endswith(".vml"):
                parser.Parse(b"", True)

    def _find_sheets(self) -> list[Part]:
        main = next(
            (target for kind, target in self._relations("").values() if kind == "officeDocument"), "xl/workbook.xml"
        )
        if main.endswith(".bin"):
            raise Refused(_("This is a binary workbook (.xlsb). Open it in Excel or WPS and save it as .xlsx."))
        if b"macroEnabled" in self.archive.read("[Content_Types].xml"):
            raise Refused(_("The workbook contains macros. Save it as .xlsx, without macros, and upload that."))
        related = self._relations(main)
        self.shared_path = next((t for kind, t in related.values() if kind == "sharedStrings"), "")
        self.styles_path = next((t for kind, t in related.values() if kind == "styles"), "")
        root = self._tree(main)
        if _local(root.tag) != "workbook":
            raise Refused(_("This is not a spreadsheet. Choose an .xlsx or .csv file."))
        properties = next(_named(root, "workbookPr"), None)
        self.date1904 = properties is not None and properties.get("date1904", "0") in ("1", "true", "on")
        found: list[Part] = []
        for sheet in _named(root, "sheet"):
            relation = next((v for k, v in sheet.items() if _local(k) == "id"), "")
            kind, path = related.get(relation, ("", ""))
            if kind == "worksheet" and sheet.get("state", "visible") == "visible":
                found.append(Part(sheet.get("name", ""), path))
        if not found:
            raise Refused(_("All sheets of the workbook are hidden. Unhide the one to import and save the workbook."))
        return found

    def _relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (kind, member path) of one part."""
        folder, name = posixpath.split(path)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self.archive.namelist():
            return {}
        found = {}
        for relation in _named(self._tree(relations), "Relationship"):
            kind = relation.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            found[relation.get("Id", "")] = (kind, target)
        return found

    def _find_date_styles(self) -> frozenset[int]:
        """Indexes of the cell formats that show a number as a date."""
        if not self.styles_path:
            return frozenset()
        root = self._tree(self.styles_path)
        custom = {int(f.get("numFmtId", -1)): f.get("formatCode", "") for f in _named(root, "numFmt")}
        dated = {i for i, code in custom.items() if is_date_format(code)}
        dated |= DATE_FORMATS - custom.keys()
        formats = next(_named(root, "cellXfs"), None)
        if formats is None:
            return frozenset()
        return frozenset(i for i, f in enumerate(formats) if int(f.get("numFmtId", 0)) in dated)

    def _tree(self, path: str) -> Element:
        if self.archive.getinfo(path).file_size > self.limits.part:
            raise Refused(_("The workbook holds too many styles. Copy the list to a new workbook, as values only."))
        return fromstring(self.archive.read(path), forbid_dtd=True)


class SharedStrings:
    """The table of texts that cells refer to by number."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.strings: list[str] = []
        self.pieces: list[str] = []
        self.reading = False
        self.phonetic = False

    def read(self, archive: zipfile.ZipFile, path: str) -> list[str]:
        if path:
            parser = _parser(self)
            with archive.open(path) as stream:
                parser.ParseFile(stream)
        return self.strings

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "si":
            self.pieces = []
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "t":
            self.reading = not self.phonetic

    def end(self, tag: str) -> None:
        tag = _local(tag)
        if tag == "t":
            self.reading = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "si":
            self.strings.append(_unescape("".join(self.pieces)))
            if len(self.strings) > self.limits.cells:
                raise Refused(_("The workbook holds too many texts. Copy the list to a new workbook, as values only."))

    def text(self, piece: str) -> None:
        if self.reading:
            self.pieces.append(piece)


class _Enough(Exception):
    pass


class SheetReader:
    """Reads one sheet's XML into `rows` and `merges`; `stop` ends the reading after that row."""

    def __init__(
        self,
        sheet: str,
        shared: list[str],
        date_styles: frozenset[int],
        date1904: bool,
        limits: Limits,
        stop: int | None,
    ) -> None:
        self.sheet, self.shared, self.date_styles, self.limits, self.stop = sheet, shared, date_styles, limits, stop
        self.epoch = CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900
        self.rows: dict[int, list[Cell]] = {}
        self.merges: list[Merge] = []
        self.row = self.column = self.count = 0
        self.type, self.style = "n", ""
        self.formula = self.reading = self.phonetic = False
        self.pieces: list[str] = []

    def read(self, stream: IO[bytes]) -> None:
        with suppress(_Enough):
            _parser(self).ParseFile(stream)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "v" or (tag == "t" and not self.phonetic):
            self.reading = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column = 0
            if self.stop and self.row > self.stop:
                raise _Enough
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "mergeCell":
            self._add_merge(attributes["ref"])

    def end(self, tag: str) -> None:
        tag = _local(tag)
        if tag in ("v", "t"):
            self.reading = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c" and (self.pieces or self.formula):
            self._add_cell(self._value("".join(self.pieces)))

    def text(self, piece: str) -> None:
        if self.reading:
            self.pieces.append(piece)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self.column = _position(reference)[1] if reference else self.column + 1
        self.type, self.style = attributes.get("t", "n"), attributes.get("s", "0")
        self.formula = False
        self.pieces = []

    def _add_cell(self, cell: Cell) -> None:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return
        check_row(self.row, self.limits, self.sheet)
        check_cell(self.row, self.column, cell, self.limits, self.sheet)
        cells = self.rows.setdefault(self.row, [])
        self.count += max(1, self.column - len(cells))
        check_count(self.count, self.limits, self.sheet)
        cells.extend([None] * (self.column - len(cells)))
        cells[self.column - 1] = cell

    def _add_merge(self, reference: str) -> None:
        first, _colon, last = reference.partition(":")
        (top, left), (bottom, right) = _position(first), _position(last or first)
        self.merges.append(Merge(top, left, bottom, right))
        check_count(len(self.merges), self.limits, self.sheet)

    def _value(self, text: str) -> Cell:
        if self.type == "s":
            index = int(text)
            if not 0 <= index < len(self.shared):
                raise ValueError(index)
            return self.shared[index]
        if self.type in ("inlineStr", "str"):
            return _unescape(text)
        if self.type == "e":
            return Fault(text, _("The formula in this cell gives the error %(error)s. Enter the value.", error=text))
        if not text:
            return Fault(
                "", _("This cell holds a formula whose result was never saved. Open the file in Excel and save it.")
            )
        if self.type == "b":
            return text.strip() in ("1", "true")
        return text if self.type == "d" else self._number(text)

    def _number(self, text: str) -> Cell:
        number: int | float = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else float(text)
        if isinstance(number, float):
            if number != number or number in (float("inf"), float("-inf")):
                raise ValueError(text)
            if number.is_integer() and abs(number) < 1e15:
                number = int(number)
        if int(self.style) not in self.date_styles:
            return number
        try:
            return from_excel(number, self.epoch)
        except (OverflowError, ValueError):
            return number


def _parser(handler: SharedStrings | SheetReader) -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    return parser


def _refuse_entities(*_declaration: Any) -> None:
    raise Refused(_entities())


def _position(reference: str) -> tuple[int, int]:
    """(row, column) of a reference such as `$AB$12`."""
    match = REFERENCE.fullmatch(reference)
    if not match:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _named(root: Element, tag: str) -> Iterator[Element]:
    return (element for element in root.iter() if isinstance(element.tag, str) and _local(element.tag) == tag)


def _local(tag: str) -> str:
    """The name without its namespace: `{uri}name` from ElementTree, `prefix:name` from expat."""
    if tag[0] == "{":
        return tag.rpartition("}")[2]
    return tag.rpartition(":")[2] if ":" in tag else tag


def _unescape(text: str) -> str:
    """Resolve `_x000D_`; what no text may hold (other control characters, halves of pairs) is dropped."""
    if "_x" not in text:
        return text

    def resolve(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character.isprintable() or character in "\t\n\r" else ""

    return ESCAPED.sub(resolve, text)
