"""Where the panel may connect to on somebody's word: never to itself, its neighbours' consoles or cloud metadata."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from panel.i18n import _
from panel.notify.senders.base import TIMEOUT, SendFailed
from panel.runtime import runtime

LARGEST_ANSWER = 65536  # bytes
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "169.254.169.254")))
TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))


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


def refuse_address(host: str, port: int, public: bool = False) -> list[str]:
    """The numeric addresses of a host. Raises SendFailed where any of them is out of bounds, or there is none.

    With `public`, the institution's own network is out of bounds, too: for addresses that anybody may have written.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SendFailed(_("%(host)s cannot be found.", host=host)) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not runtime().settings.local_targets and not _may_be_reached(address, public):
            raise SendFailed(
                _("%(host)s is an address of this machine or its closed surroundings; that is not allowed.", host=host),
                for_good=True,
            )
        if not _is_listed(host, address):
            raise SendFailed(_("%(host)s is none of the targets that the settings allow.", host=host), for_good=True)
    return addresses


def _may_be_reached(address: str, public: bool = False) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(_is_open(one, public) for one in (ip, *_carried(ip)))


def _is_open(ip: Address, public: bool) -> bool:
    closed = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
    return not closed and ip not in METADATA and (ip.is_global or (ip.is_private and not public))


def _carried(ip: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for: a translator on the way would lead there."""
    if isinstance(ip, ipaddress.IPv6Address):
        yield from (one for one in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if one is not None)
        if any(ip in network for network in TRANSLATED):
            yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def _is_listed(host: str, address: str) -> bool:
    """Whether a host is among the targets of the settings; without any, every host is."""
    wanted = [one.strip().lower() for one in runtime().settings.targets.split(",") if one.strip()]
    ip, name = ipaddress.ip_address(address.partition("%")[0]), host.lower().rstrip(".")
    for one in wanted:
        network = network_of(one)
        if network is not None and ip in network:
            return True
        if network is None and (name == one or (one.startswith("*.") and name.endswith(one[1:]))):
            return True
    return not wanted


def network_of(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """A network or address as the settings name it; None for what is a host's name."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def dial(host: str, port: int, timeout: float = TIMEOUT, public: bool = False) -> socket.socket:
    """A connection to a host somebody named: to the very address that was checked, whatever its name leads to next.

    Raises SendFailed where the host is out of bounds or cannot be found, OSError where it does not answer.
    """
    return socket.create_connection((refuse_address(host, port, public)[0], port), timeout=timeout)


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
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        plain = dial(self.host, self.port)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(plain, server_hostname=self.host) if self.https else plain
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
