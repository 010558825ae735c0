"""Uploaded pictures: typed by content, re-encoded, kept per institution, sent only under their own name."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from panel import files
from panel.errors import NotFound, Refused
from tests.cast import World


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def inside(app: Flask):
    with app.app_context(), app.test_request_context():
        yield app


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_kept_as_png_under_its_hash(inside: Flask, kind: str) -> None:
    name = files.save_image(picture(kind), 1)
    assert files.NAME.fullmatch(name)
    assert files.save_image(picture(kind), 1) == name
    response = files.send_image(name, 1)
    response.direct_passthrough = False
    assert response.mimetype == "image/png"
    assert Image.open(io.BytesIO(response.data)).size == (8, 8)


def test_only_the_pixels_survive(inside: Flask) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    data = picture(pnginfo=info) + b"<html><script>alert(2)</script>"
    name = files.save_image(data, 1)
    kept = files._path(name, 1).read_bytes()
    assert b"script" not in kept


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"%PDF-1.7", picture()[:40], b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(inside: Flask, data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        files.save_image(data, 1, "qr_code")
    assert caught.value.field == "qr_code"


def test_oversize_is_refused_before_it_is_decoded(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        files.save_image(picture(size=(files.IMAGE_SIDE + 1, 1)), 1)
    monkeypatch.setattr(files, "IMAGE_BYTES", 10)
    with pytest.raises(Refused):
        files.save_image(picture(), 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 80), noise=st.binary(max_size=40))
def test_a_broken_picture_is_refused_or_kept_and_never_crashes(inside: Flask, cut: int, noise: bytes) -> None:
    data = picture("JPEG")
    with contextlib.suppress(Refused):
        files.save_image(data[:cut] + noise + data[cut + len(noise) :], 1)


@pytest.mark.parametrize("name", ["../../panel.db", "a" * 64, "A" * 64 + ".png", "", "/etc/passwd"])
def test_only_names_of_ours_are_looked_up(inside: Flask, name: str) -> None:
    with pytest.raises(NotFound):
        files.send_image(name, 1)


def test_another_institution_does_not_have_it(inside: Flask, world: World) -> None:
    name = files.save_image(picture(), world.uni.id)
    with pytest.raises(NotFound):
        files.send_image(name, world.other.id)


def test_nothing_half_written_stays(inside: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files.os, "fsync", lambda _fd: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        files.save_image(picture(), 77)
    assert not [p for p in (inside.extensions["zhangyin"].settings.uploads / "77").rglob("*") if p.is_file()]
