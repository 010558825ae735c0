"""The pages of the lists that checks judge by: words in names, authorisations, quotas."""

from __future__ import annotations

from panel.api import Crud, Menu, RecordView, Section, _l
from plugins.accounts.permissions import AccountsPermission as P
from plugins.accounts.policy import NamePermit, NameWord, Quota

ACCOUNTS = _l("Accounts")


class NameWordView(RecordView):
    """Words that not every account may have in its name."""

    model = NameWord
    may = Crud(view=P.NAME_VIEW, create=P.NAME_EDIT, edit=P.NAME_EDIT, delete=P.NAME_EDIT)
    menu = Menu(section=ACCOUNTS, label=_l("Words in names"), order=70)
    columns = ("word", "kind", "exceptions", "note")
    search = ("word", "note")
    filters = ("kind",)
    sort = ("word", "kind")
    default_sort = "word"
    sections = (Section(_l("Word"), ("word", "kind", "exceptions", "note")),)
    help = {
        "word": _l("Found whatever its width, case, spacing, and the look of its letters."),
        "exceptions": _l("Texts in which it is not meant, 、 between: 东北大学 for 北大."),
    }
    rules = {"word": ("s0-07-r01", "s3-01-r04", "s1-19-r04")}


class NamePermitView(RecordView):
    """Who may bear a protected word."""

    model = NamePermit
    may = Crud(view=P.NAME_VIEW, create=P.NAME_EDIT, edit=P.NAME_EDIT, delete=P.NAME_EDIT)
    menu = Menu(section=ACCOUNTS, label=_l("Authorised names"), order=75)
    columns = ("word", "account", "unit", "document", "since", "until")
    filters = ("word", "unit", "until")
    sort = ("since", "until")
    sections = (Section(_l("Authorisation"), ("word", "account", "unit", "document", "since", "until")),)
    help = {"account": _l("One account, or all accounts of one unit.")}
    rules = {"document": ("s0-07-r01", "s3-01-r04")}


class QuotaView(RecordView):
    """How many accounts there may be."""

    model = Quota
    may = Crud(view=P.QUOTA_VIEW, create=P.QUOTA_EDIT, edit=P.QUOTA_EDIT, delete=P.QUOTA_EDIT)
    menu = Menu(section=ACCOUNTS, label=_l("Quotas"), order=80)
    columns = ("unit", "platform", "entity", "most", "note")
    filters = ("unit", "platform")
    sort = ("unit", "most")
    sections = (Section(_l("Quota"), ("unit", "platform", "entity", "most", "note")),)
    help = {"entity": _l("As it stands in the register. Whatever is left empty counts for all.")}
    rules = {"most": ("s0-07-r06",)}
