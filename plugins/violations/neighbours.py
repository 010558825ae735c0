"""What other plugins contribute where they are there: confirmed chat cases to take over, releases to look at."""

from __future__ import annotations

from typing import Any

from panel.api import (
    Institution,
    Person,
    Refused,
    User,
    _,
    identify,
    is_postgres,
    key_of,
    scope,
    switched_on,
    transaction,
)
from plugins.accounts.services import Account, Operator
from plugins.violations.cases import open_case
from plugins.violations.choices import Source
from plugins.violations.common import policy_here
from plugins.violations.models import Case
from plugins.violations.shipped import CHAT_KINDS, UNAUTHORISED, kind_called

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
RELEASE, RELEASE_EDIT = "content.release", "content.release.edit"
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
        if is_postgres():  # two clicks at once make one case
            ChatCase.select().where(ChatCase.id == chat.id).for_update().get()
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


def may_release(person: Person, account: Account) -> bool:
    """Whether somebody may put something out on an account: operates it, answers for it, or may enter releases."""
    runs = Operator.select().where(Operator.account == account, Operator.person == person, Operator.until.is_null())
    if account.responsible_id == person.id or runs.exists():
        return True
    user = User.select().where(User.person == person, User.institution == person.institution_id).first()
    return user is not None and identify(user, user.institution).may(RELEASE_EDIT)


def look_at_releases(institution_id: int, touched: Any) -> None:
    """Open a case against whoever released without the right to it (s1-04-r12, s2-08-r12); once a release."""
    if not policy_here(institution_id).unauthorised_release:
        return
    for made in Release.select().where(Release.id.in_(touched.ids)):
        known = Case.select().where(Case.source_type == RELEASE, Case.source_id == made.id)
        if made.by is None or made.account is None or may_release(made.by, made.account) or known.exists():
            continue
        open_case(
            {
                "institution": institution_id,
                "kind": kind_called(institution_id, UNAUTHORISED),
                "person": made.by,
                "account": made.account,
                "link": made.link,
                "happened_on": made.released_on,
                "facts": _("Released without the right to it: %(what)s", what=made),
                "source": Source.FINDING.value,
                "source_type": RELEASE,
                "source_id": made.id,
                "source_text": str(made)[:200],
            }
        )
