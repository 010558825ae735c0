"""Where the panel may connect to on somebody's word: never to itself, its neighbours' consoles or cloud metadata."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from panel.i18n import _
from panel.notify.senders.base import TIMEOUT, SendFailed
from panel.runtime import runtime

LARGEST_ANSWER = 65536  # bytes


def split_address(url: str) -> SplitResult:
    """A web address in its parts. Raises SendFailed unless it is http or https, with a host and no password in it."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or port == 0:
        raise SendFailed(_("The address must begin with http:// or https:// and name a host."), for_good=True)
    return parts


def refuse_address(host: str, port: int) -> list[str]:
    """The numeric addresses of a host. Raises SendFailed where any of them is out of bounds, or there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SendFailed(_("%(host)s cannot be found.", host=host)) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not runtime().settings.local_targets and not _may_be_reached(address):
            raise SendFailed(
                _("%(host)s is an address of this machine or its closed surroundings; that is not allowed.", host=host),
                for_good=True,
            )
    return addresses


def _may_be_reached(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    closed = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
    return not closed and (ip.is_global or ip.is_private)


class WebPoster:
    """Posts JSON over one kept connection. It connects to the very address that was checked and follows no redirect."""

    def __init__(self, url: str, largest: int = LARGEST_ANSWER) -> None:
        self.largest = largest
        self.parts = split_address(url)
        self.https = self.parts.scheme == "https"
        self.host = str(self.parts.hostname)
        self.port = self.parts.port or (443 if self.https else 80)
        self._connection: http.client.HTTPConnection | None = None

    def post(
        self, payload: Any, headers: Mapping[str, str] | None = None, query: str = "", method: str = "POST"
    ) -> tuple[int, bytes, Any]:
        """Status, body and headers of the answer. Raises SendFailed where there is none."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
        target = self.parts.path or "/"
        asked = "&".join(part for part in (self.parts.query, query) if part)
        target += f"?{asked}" if asked else ""
        kept = self._connection is not None
        try:
            return self._post(method, target, body, headers or {})
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if not kept:
                raise SendFailed(f"{self.host}: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise SendFailed(f"{self.host}: {error}") from error
        try:  # the server had closed a connection kept from before: once more, on a new one
            return self._post(method, target, body, headers or {})
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise SendFailed(f"{self.host}: {error}") from error

    def _post(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Any]:
        connection = self._connection = self._connection or self._connect()
        connection.request(method, target, body, {"Content-Type": "application/json; charset=utf-8", **headers})
        answer = connection.getresponse()
        data = answer.read(self.largest)
        if answer.read(1) or answer.will_close:
            self.close()
        return answer.status, data, answer.headers

    def _connect(self) -> http.client.HTTPConnection:
        address = refuse_address(self.host, self.port)[0]
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        plain = socket.create_connection((address, self.port), timeout=TIMEOUT)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(plain, server_hostname=self.host) if self.https else plain
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
