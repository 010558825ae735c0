"""Uploaded files: kept outside the web root by the hash of their content, typed by what they are, not by their name.

Each institution has a folder of its own, so that equal files of two institutions are two files. Who may see a file is
the business of the record that names it.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import warnings
from pathlib import Path
from typing import BinaryIO

from flask import Response, send_file
from PIL import Image

from panel.errors import NotFound, Refused
from panel.i18n import _
from panel.runtime import runtime

IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
IMAGE_BYTES = 5 * 2**20
IMAGE_SIDE = 4096  # pixels
# Files as they were uploaded, by the ending they are kept under, and the type a browser is told.
MEDIA = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "f4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "flv": "video/x-flv",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    **dict.fromkeys(("pdf", "zip", "ole"), "application/octet-stream"),
}
NAME = re.compile(rf"[0-9a-f]{{64}}\.(raw|{'|'.join(MEDIA)})")  # raw: never sent to anybody
# Documents by how they begin; Word, Excel and OFD of today are zip archives, Word and Excel of old are OLE files.
PAPERS = {
    "pdf": b"%PDF-",
    "zip": b"PK\x03\x04",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}


def save_image(data: bytes, institution_id: int, field: str | None = None) -> str:
    """Keep an image, written anew as PNG, and give the name to store. The same image has the same name.

    Raises Refused, naming `field`: not an image, or larger than IMAGE_BYTES or IMAGE_SIDE.
    """
    if len(data) > IMAGE_BYTES:
        raise Refused(_("The picture is larger than %(limit)s MB.", limit=IMAGE_BYTES // 2**20), field)
    fresh = _reencoded(data, field)
    name = f"{hashlib.sha256(fresh).hexdigest()}.png"
    _write(_path(name, institution_id), fresh)
    return name


def send_image(name: str, institution_id: int, download_name: str = "") -> Response:
    """The response that shows a kept image, or offers it as a download under a name. Raises NotFound."""
    path = _path(name, institution_id)
    if not path.is_file():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    offered = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in download_name)
    response = send_file(
        path, mimetype="image/png", as_attachment=bool(offered), download_name=offered or None, etag=name
    )
    response.headers["Cache-Control"] = "private, no-cache"  # asked for again each time, and answered 304
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def save_paper(data: bytes, institution_id: int, field: str | None = None) -> str:
    """Keep a document as it is, typed by its content, and give the name to store.

    Raises Refused, naming `field`: empty, or neither PDF, OFD, Word, Excel nor a picture.
    """
    kind = next((kind for kind, mark in PAPERS.items() if data.startswith(mark)), None)
    if kind is None:
        raise Refused(_("Attach a PDF, OFD, Word or Excel file, or a PNG or JPEG picture."), field)
    name = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    _write(_path(name, institution_id), data)
    return name


def send_paper(name: str, institution_id: int, download_name: str) -> Response:
    """The response that offers a kept document as a download; a browser never shows it. Raises NotFound."""
    path = _path(name, institution_id)
    if not path.is_file():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    response = send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=download_name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def save_media(data: bytes, institution_id: int, suffix: str) -> str:
    """Keep a file as it is, under an ending of MEDIA that its content was seen to be, and give the name to store."""
    if suffix not in MEDIA:
        raise ValueError(f"no ending of MEDIA: {suffix}")
    name = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
    _write(_path(name, institution_id), data)
    return name


def send_media(name: str, institution_id: int, download_name: str = "") -> Response:
    """The response that shows a kept picture or recording, or offers it under a name. Raises NotFound."""
    path = _path(name, institution_id)
    kind = MEDIA.get(path.suffix[1:], "application/octet-stream")
    if not path.is_file():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    offered = bool(download_name) or kind == "application/octet-stream"
    response = send_file(
        path, mimetype=kind, as_attachment=offered, download_name=download_name or name, etag=name, conditional=True
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def read_paper(name: str, institution_id: int) -> bytes:
    """The content of a kept document. Raises NotFound."""
    path = _path(name, institution_id)
    if not path.is_file():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return path.read_bytes()


def save_raw(source: BinaryIO, institution_id: int) -> str:
    """Keep a stream as it comes, however long, for work in the background; never sent to anybody. Gives its name.

    Raises Refused where it is empty.
    """
    folder = runtime().settings.uploads / str(int(institution_id))
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as target:
            while block := source.read(1 << 20):
                digest.update(block)
                target.write(block)
            size = target.tell()
            target.flush()
            os.fsync(target.fileno())
        if not size:
            raise Refused(_("The file is empty. Choose the file again."), "file")
        name = f"{digest.hexdigest()}.raw"
        path = _path(name, institution_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return name


def path_of(name: str, institution_id: int) -> Path:
    """Where a kept file lies. Raises NotFound for a name that none can have."""
    return _path(name, institution_id)


def forget(name: str, institution_id: int) -> None:
    """Delete a kept file; one that is gone already is no failure."""
    _path(name, institution_id).unlink(missing_ok=True)


def _path(name: str, institution_id: int) -> Path:
    if not NAME.fullmatch(name):
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return runtime().settings.uploads / str(int(institution_id)) / name[:2] / name


def _reencoded(data: bytes, field: str | None) -> bytes:
    """Only the pixels survive: no metadata, no trailing bytes, nothing a browser could take for something else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as picture:
                if max(picture.size) > IMAGE_SIDE:
                    raise Refused(_("The picture is larger than %(side)s × %(side)s pixels.", side=IMAGE_SIDE), field)
                pixels = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except Refused:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        # What the decoders raise for broken files and pictures of absurd size (UnidentifiedImageError is an OSError).
        raise Refused(_("This is not a picture the panel can read. Choose a PNG or JPEG file."), field) from None
    fresh = io.BytesIO()
    pixels.save(fresh, "PNG", optimize=True)
    return fresh.getvalue()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, whoever else writes the same at this moment."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(data)
            target.flush()
            os.fsync(target.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
