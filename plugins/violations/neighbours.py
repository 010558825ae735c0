"""What other plugins contribute where they are there: confirmed chat cases to take over, releases to look at."""

from __future__ import annotations

from typing import Any

from panel.api import Institution, Refused, _, key_of, scope, switched_on, transaction
from plugins.violations.cases import open_case
from plugins.violations.choices import Source
from plugins.violations.models import Case
from plugins.violations.shipped import CHAT_KINDS, kind_called

try:  # a panel without these plugins has no such cases, and no such releases
    from plugins.groupchat.services import Case as ChatCase
    from plugins.groupchat.services import CaseKind as ChatKind
    from plugins.groupchat.services import CaseState as ChatState
except ModuleNotFoundError:
    ChatCase = None  # type: ignore[assignment,misc]
try:
    from plugins.content.services import Release
except ModuleNotFoundError:
    Release = None  # type: ignore[assignment,misc]

CHAT = "groupchat.case"
CHAT_VIEW = "groupchat.case.view"
MOST = 100


def chats_here(institution: Institution) -> bool:
    """Whether work groups are kept here."""
    return ChatCase is not None and "groupchat" in switched_on(institution)


def confirmed_chats(institution: Institution) -> list[Any]:
    """Confirmed chat cases in sight that no case here comes from, newest first. One query."""
    if not chats_here(institution):
        return []
    taken = Case.select(Case.source_id).where(
        Case.institution == institution, Case.source_type == CHAT, Case.source_id.is_null(False)
    )
    return list(
        scope(ChatCase.select(), CHAT_VIEW)
        .where(ChatCase.state.in_((ChatState.CONFIRMED, ChatState.CLOSED)), ChatCase.id.not_in(taken))
        .order_by(ChatCase.id.desc())
        .limit(MOST)
    )


def take_over(chat: Any) -> Case:
    """Make a breach case of a confirmed chat case; it keeps to what was judged, without the words of the chat.

    Raises Refused for one that is not confirmed, or was taken over already.
    """
    if chat.state not in (ChatState.CONFIRMED, ChatState.CLOSED):
        raise Refused(_("Only a confirmed case is taken over."))
    with transaction():
        if Case.select().where(Case.source_type == CHAT, Case.source_id == chat.id).exists():
            raise Refused(_("This case was taken over already."))
        return open_case(
            {
                "institution": chat.institution,
                "kind": kind_called(chat.institution_id, CHAT_KINDS.get(chat.kind, "")),
                "severity": "serious" if chat.serious else None,
                "person": chat.person,
                "about": str(chat.group)[:200],
                "facts": _("%(kind)s in the group %(group)s", kind=ChatKind(chat.kind).label, group=chat.group),
                "source": Source.CHAT.value,
                "source_type": key_of(type(chat)),
                "source_id": chat.id,
                "source_text": str(chat)[:200],
            }
        )
