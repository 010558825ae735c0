"""Customer groups as WeCom knows them, by its documented interface.

gettoken, externalcontact/groupchat/list (by cursor, at most 1,000 a page) and externalcontact/groupchat/get. An answer
of 200 says nothing: `errcode` decides. https://developer.work.weixin.qq.com/document/path/93414 and 96338.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from panel.api import Institution, Refused, SendFailed, WebPoster, _, _l, records, today, transaction, vault
from plugins.groupchat.choices import App, GroupKind
from plugins.groupchat.groups import Group
from plugins.groupchat.matching import Line, Roster
from plugins.groupchat.members import store_lines
from plugins.groupchat.policy import WecomLink
from plugins.groupchat.register import hand_over
from plugins.groupchat.rulesets import roster_of

PAGE = 1000
PAGES = 200  # of a list that does not end
EXPIRED = frozenset({40014, 42001})
WORDS = {
    40001: _l("The secret is wrong."),
    40013: _l("The corporation id is wrong."),
    40014: _l("The access token is not valid."),
    42001: _l("The access token has expired."),
    45009: _l("The quota of calls is used up; it is open again tomorrow."),
    45033: _l("Too many calls at once; try again in a minute."),
    48002: _l("The application has no right to this interface."),
    60020: _l("This server's address is not on the application's list of trusted ones."),
    81017: _l("More than 1,000 members are visible to the application; narrow its range."),
}


class WecomError(Refused):
    """WeCom said no. `code` is its errcode."""

    def __init__(self, code: int, message: str) -> None:
        words = WORDS.get(code)
        super().__init__(f"{code} {words or message}")
        self.code = code


@dataclass(frozen=True)
class CustomerGroup:
    """A customer group: who owns it, who is in it. `owner_left`: nobody has taken it over."""

    chat_id: str
    name: str
    owner: str
    owner_left: bool
    members: list[tuple[str, str]] = field(default_factory=list)  # (user id, name shown)


class Client:
    """Talks to WeCom. An expired token is fetched anew, once."""

    def __init__(self, base: str, corporation: str, secret: str) -> None:
        self.base, self.corporation, self._secret = base.rstrip("/"), corporation, secret
        self._token: str | None = None

    def groups(self) -> Iterator[CustomerGroup]:
        """Every customer group in sight. Raises WecomError."""
        cursor = ""
        for _page in range(PAGES):
            answer = self._call("externalcontact/groupchat/list", {"limit": PAGE, "cursor": cursor})
            for row in answer.get("group_chat_list", ()):
                yield self.group(str(row["chat_id"]), int(row.get("status", 0)))
            cursor = answer.get("next_cursor") or ""
            if not cursor:
                return

    def group(self, chat_id: str, status: int = 0) -> CustomerGroup:
        """One group in full. Status 1: its owner has left; 2: being handed over; 3: handed over."""
        answer = self._call("externalcontact/groupchat/get", {"chat_id": chat_id, "need_name": 1})
        chat = answer.get("group_chat") or {}
        members = [
            (str(m.get("userid", "")), str(m.get("group_nickname") or m.get("name") or ""))
            for m in chat.get("member_list", ())
        ]
        return CustomerGroup(chat_id, str(chat.get("name", "")), str(chat.get("owner", "")), status in (1, 2), members)

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._post(path, body)
        except WecomError as error:
            if error.code not in EXPIRED:
                raise
            self._token = None
            return self._post(path, body)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self._token:
            asked = urlencode({"corpid": self.corporation, "corpsecret": self._secret})
            found = self._send("gettoken", b"", asked, "GET")
            self._token = str(found.get("access_token", ""))
        return self._send(path, body, f"access_token={self._token}")

    def _send(self, path: str, body: Any, query: str, method: str = "POST") -> dict[str, Any]:
        poster = WebPoster(f"{self.base}/cgi-bin/{path}", largest=4 * 2**20)
        try:
            status, data, _headers = poster.post(body, query=query, method=method)
        except SendFailed as failure:
            raise WecomError(-1, str(failure)) from failure
        finally:
            poster.close()
        try:
            answer = json.loads(data)
        except ValueError as error:
            raise WecomError(-1, f"HTTP {status}") from error
        if status != 200 or not isinstance(answer, dict) or int(answer.get("errcode", 0)):
            code = int(answer.get("errcode", -1)) if isinstance(answer, dict) else -1
            raise WecomError(code or -1, str(answer.get("errmsg", f"HTTP {status}"))[:200])
        return answer


def read_wecom(institution: Institution) -> dict[str, int]:
    """Bring the customer groups of the register up to date, where WeCom is connected: owner, owner left, members.

    Unknown groups are entered under the root unit. Raises WecomError; what was read before stays.
    """

    roster, count = roster_of(institution.id, today()), 0
    for link in WecomLink.select().where(WecomLink.institution == institution, WecomLink.active).order_by(WecomLink.id):
        for found in Client(link.base, link.corporation, vault.read(link, "secret")).groups():
            _take(institution, link, found, roster)
            count += 1
    return {"groups": count} if count else {}


def _take(institution: Institution, link: WecomLink, found: CustomerGroup, roster: Roster) -> None:
    with transaction():
        group = _registered(institution, link, found)
        owner = roster.person(found.owner)
        records.update(group, owner_left=found.owner_left)
        if owner is not None and owner.id != group.owner_id and owner.in_service() and not found.owner_left:
            hand_over(group, owner, _("As WeCom has it"))
        store_lines(group, [roster.match(Line(name, user)) for user, name in found.members], today())


def _registered(institution: Institution, link: WecomLink, found: CustomerGroup) -> Group:
    group: Group | None = Group.get_or_none(Group.institution == institution, Group.external_id == found.chat_id)
    if group is not None:
        return group
    taken = Group.select().where(Group.institution == institution, Group.name == found.name, Group.state != "closed")
    name = found.name[:60] or found.chat_id[:60]
    return records.create(
        Group,
        institution=institution,
        unit=link.unit,
        name=f"{name} {found.chat_id[-8:]}" if taken.exists() else name,
        kind=GroupKind.CUSTOMER.value,
        app=App.WECOM.value,
        purpose=_("Customers, read from WeCom"),
        external_id=found.chat_id,
    )
