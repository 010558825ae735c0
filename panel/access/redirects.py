"""Where a form may send the browser next: only to a page of this panel."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import url_for

# A path from the root, without what browsers take for another host: `//host`, `/\host`, or a tab or line end between.
LOCAL = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]*")


def safe_target(wanted: str | None) -> str:
    """The address asked for if it lies in this panel, else the home page."""
    if wanted and LOCAL.fullmatch(wanted):
        parts = urlsplit(wanted)
        if not parts.scheme and not parts.netloc:
            return wanted
    return url_for("index")
