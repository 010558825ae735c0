"""Judging an uploaded Word form: harmless, and naming only what there is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import ChainableUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from panel.errors import Refused
from panel.i18n import _

LARGEST = 5 * 2**20  # as uploaded
UNPACKED = 40 * 2**20
MOST_PARTS = 400
FORBIDDEN = ("vbaproject", "activex", "/embeddings/", "vbadata", "macro")
EXTERNAL = re.compile(rb'<[^>]*TargetMode\s*=\s*["\']External["\'][^>]*>', re.IGNORECASE)
LINK = re.compile(rb'Type\s*=\s*["\'][^"\']*/hyperlink["\']')
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
SHORT = re.compile(r"^(\{[{%])[-+]?(?:p|tr|tc|r)\s")  # docxtpl's marks for a whole paragraph, row, cell or run
LOOP = re.compile(r"\{%[-+]?\s*for\s+(\w+)\s+in\s+(\w+)")
FILTERS = ("default", "join", "upper", "lower", "trim", "length")
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const),
    *(nodes.For, nodes.If, nodes.Filter, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or, nodes.Test),
    *(nodes.Keyword, nodes.CondExpr),
)


def environment() -> ImmutableSandboxedEnvironment:
    """Where forms are filled: no functions, a handful of filters, nothing of Python in reach."""
    env = ImmutableSandboxedEnvironment(autoescape=True, undefined=ChainableUndefined)
    env.globals.clear()
    env.filters = {name: env.filters[name] for name in FILTERS} | {"e": env.filters["e"], "escape": env.filters["e"]}
    return env


def check(data: bytes, names: Mapping[str, Any], parts: Mapping[str, Sequence[str]]) -> None:
    """Raises Refused, worded, for a file that is no Word form, could do harm, or names what there is not."""
    _check_file(data)
    _check_everywhere(data)
    try:
        tags = list(_tags(data))
    except Refused:
        raise
    except Exception as error:  # python-docx raises what its parsers do
        raise Refused(_("This Word file cannot be read."), "file") from error
    loops: dict[str, str] = {name: source for _where, tag in tags for name, source in LOOP.findall(_plain(tag))}
    unknown: list[str] = []
    for where, tag in tags:
        unknown += [f"{where}：{name}" for name in _unknown(where, tag, names, parts, loops)]
    if unknown:
        shown = "；".join(unknown[:20])
        raise Refused(_("The form names what there is not. %(names)s", names=shown), "file")


def _check_file(data: bytes) -> None:
    if len(data) > LARGEST:
        raise Refused(_("The form is larger than %(limit)s MB.", limit=LARGEST // 2**20), "file")
    if not data.startswith(b"PK\x03\x04"):
        raise Refused(_("Choose a Word file (.docx). Save one in the old format (.doc) as .docx first."), "file")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Refused(_("This Word file cannot be read."), "file") from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise Refused(_("Choose a Word file (.docx). Save one in the old format (.doc) as .docx first."), "file")
    if len(entries) > MOST_PARTS or len(set(names)) < len(names):
        raise Refused(_("This file unpacks to more than a form can be."), "file")
    left = UNPACKED
    for entry in entries:
        if any(word in entry.filename.lower() for word in FORBIDDEN):
            raise Refused(_("The form holds macros or embedded objects. Save it without them."), "file")
        if entry.filename.startswith("/") or ".." in entry.filename:
            raise Refused(_("This Word file cannot be read."), "file")
        with archive.open(entry) as source:
            content = source.read(left + 1)
        left -= len(content)
        if left < 0:
            raise Refused(_("This file unpacks to more than a form can be."), "file")
        _check_content(entry.filename, content)


def _check_content(name: str, content: bytes) -> None:
    if not name.lower().endswith((".xml", ".rels")):
        return
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused(_("This Word file cannot be read."), "file")
    if b"macroEnabled" in content:
        raise Refused(_("The form holds macros or embedded objects. Save it without them."), "file")
    if any(not LINK.search(found) for found in EXTERNAL.findall(content)):
        raise Refused(_("The form loads something from elsewhere. Put pictures and templates into it."), "file")


def _check_everywhere(data: bytes) -> None:
    """No part of the file, text boxes and properties included, says what a form may not."""
    document = DocxTemplate(io.BytesIO(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace") if name.endswith((".xml", ".rels")) else ""
            if "{{" not in text and "{%" not in text:
                continue
            try:
                tree = environment().parse(document.patch_xml(text))
            except TemplateSyntaxError as error:
                where = name.rpartition("/")[2]
                raise Refused(
                    _("%(where)s: the placeholders cannot be read: %(why)s", where=where, why=error), "file"
                ) from error
            _refuse_nodes(tree, name.rpartition("/")[2], "…")
            _refuse_deep(tree, name.rpartition("/")[2], 0)


def _refuse_deep(node: nodes.Node, where: str, depth: int) -> None:
    for child in node.iter_child_nodes():
        deeper = depth + isinstance(child, nodes.For)
        if deeper > 2:
            raise Refused(_("%(where)s: lists may stand two deep, not deeper.", where=where), "file")
        _refuse_deep(child, where, deeper)


# ── placeholders ───────────────────────────────────────────────────────────────────────────────


def _tags(data: bytes) -> Iterator[tuple[str, str]]:
    """(where, tag) of every placeholder, in order: body with its tables, headers, footers."""
    document = Document(io.BytesIO(data))
    yield from _in_blocks(document, "")
    for section in document.sections:
        yield from _in_blocks(section.header, _("header"))
        yield from _in_blocks(section.footer, _("footer"))


def _in_blocks(part: Any, where: str) -> Iterator[tuple[str, str]]:
    paragraphs = tables = 0
    for block in part.iter_inner_content():
        if hasattr(block, "rows"):
            tables += 1
            yield from _in_table(block, _joined(where, _("table %(number)s", number=tables)))
        else:
            paragraphs += 1
            place = _joined(where, _("paragraph %(number)s", number=paragraphs))
            yield from ((place, tag) for tag in _found(block.text, place))


def _in_table(table: Any, where: str) -> Iterator[tuple[str, str]]:
    for row_number, row in enumerate(table.rows, 1):
        seen: set[Any] = set()
        for column, cell in enumerate(row.cells, 1):
            if cell._tc in seen:  # merged cells come once for each column
                continue
            seen.add(cell._tc)
            place = _joined(where, _("row %(row)s, column %(column)s", row=row_number, column=column))
            for inner in cell.iter_inner_content():
                if hasattr(inner, "rows"):
                    yield from _in_table(inner, place)
                else:
                    yield from ((place, tag) for tag in _found(inner.text, place))


def _joined(where: str, what: str) -> str:
    return f"{where} {what}" if where else what


def _found(text: str, where: str) -> list[str]:
    tags = TAG.findall(text)
    rest = TAG.sub("", text)
    if any(mark in rest for mark in ("{{", "}}", "{%", "%}", "{#")):
        raise Refused(_("%(where)s: a placeholder is not closed: “%(text)s”.", where=where, text=text[:60]), "file")
    return tags


def _plain(tag: str) -> str:
    return SHORT.sub(r"\1 ", tag)


def _unknown(
    where: str, tag: str, names: Mapping[str, Any], parts: Mapping[str, Sequence[str]], loops: Mapping[str, str]
) -> list[str]:
    """What a tag names that there is not. Raises Refused for what a form may not say at all."""
    text = _plain(tag)
    word = re.match(r"\{%[-+]?\s*(\w+)", text)
    if word is not None:
        if word[1] in ("endfor", "endif", "else"):
            return []
        if word[1] not in ("for", "if", "elif"):
            raise Refused(_("%(where)s: “%(tag)s” is nothing a form may say.", where=where, tag=tag[:60]), "file")
        text = re.sub(r"^(\{%[-+]?\s*)elif\b", r"\1if", text) + ("{% endfor %}" if word[1] == "for" else "{% endif %}")
    try:
        tree = environment().parse(text)
    except TemplateSyntaxError as error:
        why = _("%(where)s: “%(tag)s” cannot be read.", where=where, tag=tag[:60])
        raise Refused(why, "file") from error
    _refuse_nodes(tree, where, tag)
    known = {*names, *loops, "loop"}
    unknown = sorted(name for name in meta.find_undeclared_variables(tree) if name not in known)
    for node in tree.find_all(nodes.Getattr):
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        source = loops.get(owner, "")
        if source in parts and node.attr not in parts[source]:
            unknown.append(f"{owner}.{node.attr}")
    return unknown


def _refuse_nodes(tree: nodes.Template, where: str, tag: str) -> None:
    for node in tree.find_all(nodes.Node):
        private = isinstance(node, nodes.Getattr) and node.attr.startswith("_")
        unfit = isinstance(node, nodes.Filter) and node.name not in (*FILTERS, "e", "escape")
        if private or unfit or not isinstance(node, ALLOWED):
            raise Refused(_("%(where)s: “%(tag)s” is nothing a form may say.", where=where, tag=tag[:60]), "file")
