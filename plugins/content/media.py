"""What an uploaded file is, read from the file itself: its format, size in pixels, length, and what is hidden in it."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import ExifTags, Image

from panel.api import Refused, _
from plugins.content.choices import Media
from plugins.content.policy import IMAGE_FORMATS, ContentPolicy

SIDE = 20_000  # pixels
PIXELS = 120_000_000
SUFFIX = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
PAPERS = {b"%PDF-": "pdf", b"PK\x03\x04": "zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole"}
CONTAINERS = {b"moov", b"trak", b"mdia"}


@dataclass(frozen=True)
class Seen:
    """What a file is. `hidden` is the text of its metadata, `located` whether it says where it was taken."""

    media: Media
    format: str  # JPEG, mp4, flv, …
    suffix: str
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    hidden: str = ""
    located: bool = False


def look(data: bytes) -> Seen:
    """What the file is. Raises Refused, for the field `file`, where it is nothing that can be published (s1-08-r10)."""
    seen = _picture(data) or _film(data) or _sound(data)
    if seen is not None:
        return seen
    for mark, suffix in PAPERS.items():
        if data.startswith(mark):
            return Seen(Media.PAPER, suffix, suffix)
    raise Refused(
        _("This is neither a picture, a video, a recording nor a document. Programs and other files are not accepted."),
        "file",
    )


def held_to(seen: Seen, size: int, policy: ContentPolicy | None) -> None:
    """Refuse what the institution's policy does not take, naming what it takes (s2-09-r15, s2-09-r16)."""
    if policy is None:
        return
    if seen.media == Media.IMAGE:
        allowed = [f for f in policy.image_formats.split(",") if f]
        wide, high = policy.image_width, policy.image_height
        bad_form = bool(allowed) and seen.format not in allowed
        if bad_form or (wide and seen.width != wide) or (high and seen.height != high):
            wanted = " ".join(filter(None, ["/".join(allowed), f"{wide or '…'}*{high or '…'}" if wide or high else ""]))
            given = f"{seen.format} {seen.width}*{seen.height}"
            raise Refused(_("Pictures are %(wanted)s; this one is %(given)s.", wanted=wanted, given=given), "file")
        if policy.image_kb and size > policy.image_kb * 1024:
            raise Refused(_("A picture has at most %(most)s KB.", most=policy.image_kb), "file")
    if seen.media == Media.VIDEO:
        allowed = [f for f in policy.video_formats.split(",") if f]
        if allowed and seen.format not in allowed:
            wanted = "、".join(allowed)
            raise Refused(_("Videos are %(wanted)s; this one is %(given)s.", wanted=wanted, given=seen.format), "file")
        if policy.video_mb and size > policy.video_mb * 2**20:
            given = f"{size / 2**20:.1f}"
            most = policy.video_mb
            raise Refused(_("A video has at most %(most)s MB; this one has %(given)s.", most=most, given=given), "file")


def _picture(data: bytes) -> Seen | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as picture:
                wide, high = picture.size
                if max(wide, high) > SIDE or wide * high > PIXELS:
                    raise Refused(_("The picture is larger than %(side)s × %(side)s pixels.", side=SIDE), "file")
                form = "JPEG" if picture.format == "MPO" else str(picture.format)
                hidden, located = _hidden(picture)
            with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as whole:
                whole.load()  # a file that is cut off is found here
    except Refused:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(_("The picture is larger than %(side)s × %(side)s pixels.", side=SIDE), "file") from None
    except Image.UnidentifiedImageError:
        return None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error):
        raise Refused(_("This picture is broken. Save it anew and upload it again."), "file") from None
    return Seen(Media.IMAGE, form, SUFFIX[form], wide, high, hidden=hidden, located=located)


def _hidden(picture: Image.Image) -> tuple[str, bool]:
    """The texts in a picture's metadata, and whether it holds a place."""
    texts = [str(v) for v in picture.info.values() if isinstance(v, str)]
    comment = picture.info.get("comment")
    if isinstance(comment, bytes):
        texts.append(comment.decode("utf-8", "ignore"))
    exif = picture.getexif()
    for tags in (exif, exif.get_ifd(ExifTags.IFD.Exif)):
        for value in tags.values():
            if isinstance(value, bytes):
                texts += [value.decode("utf-8", "ignore"), value.decode("utf-16-le", "ignore")]
            elif isinstance(value, str):
                texts.append(value)
    return " ".join(texts)[:20_000], bool(exif.get_ifd(ExifTags.IFD.GPSInfo))


# ── films and recordings ───────────────────────────────────────────────────────────────────────


def _film(data: bytes) -> Seen | None:
    if data[4:8] == b"ftyp":
        return _boxed(data)
    if data[:4] == b"FLV\x01" and len(data) >= 13 and data[4] & 0b1 and int.from_bytes(data[5:9], "big") >= 9:
        return Seen(Media.VIDEO, "flv", "flv")
    if data[:4] == b"\x1a\x45\xdf\xa3":
        form = "webm" if b"webm" in data[:64] else "mkv"
        return Seen(Media.VIDEO, form, form)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return Seen(Media.VIDEO, "avi", "avi")
    return None


def _boxed(data: bytes) -> Seen:
    """A file of the ISO family: which kind its brand says, what its movie header and tracks say."""
    brand = data[8:12]
    wide = high = seconds = None
    films = sounds = False
    try:
        for kind, body in _boxes(data, 0, len(data), 0):
            if kind == b"mvhd":
                seconds = _seconds(body)
            elif kind == b"hdlr":
                films, sounds = films or body[8:12] == b"vide", sounds or body[8:12] == b"soun"
            elif kind == b"tkhd":
                across, down = struct.unpack(">II", body[-8:])
                if across and down:
                    wide, high = across >> 16, down >> 16
    except (struct.error, ValueError, ZeroDivisionError):
        raise Refused(_("This video is broken. Save it anew and upload it again."), "file") from None
    if seconds is None or not (films or sounds):
        raise Refused(_("This video is cut off or broken: it has no head. Save it anew and upload it again."), "file")
    if not films:
        return Seen(Media.AUDIO, "m4a", "m4a", seconds=seconds)
    form = {b"qt  ": "mov", b"f4v ": "f4v", b"F4V ": "f4v"}.get(brand, "mp4")
    return Seen(Media.VIDEO, form, form, wide, high, seconds)


def _boxes(data: bytes, start: int, end: int, depth: int) -> Iterator[tuple[bytes, bytes]]:
    """The boxes that matter, whatever holds them. Raises ValueError where a box ends beyond what holds it."""
    for _count in range(10_000):
        if start + 8 > end:
            return
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        head = 8
        if size == 1:
            (size,) = struct.unpack(">Q", data[start + 8 : start + 16])
            head = 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            raise ValueError("a box ends beyond its parent")
        if kind in CONTAINERS and depth < 5:
            yield from _boxes(data, start + head, start + size, depth + 1)
        elif kind in (b"mvhd", b"tkhd", b"hdlr"):
            yield kind, data[start + head : start + size]
        start += size


def _seconds(body: bytes) -> int:
    form, place = (">IQ", 20) if body[0] == 1 else (">II", 12)
    scale, length = struct.unpack(form, body[place : place + struct.calcsize(form)])
    return int(length // scale)


def _sound(data: bytes) -> Seen | None:
    if data[:3] == b"ID3" or (len(data) > 4 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2):
        return Seen(Media.AUDIO, "mp3", "mp3")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return Seen(Media.AUDIO, "wav", "wav")
    return None
