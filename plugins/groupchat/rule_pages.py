"""The lists and forms of what an institution lays down for its groups."""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import PasswordField

from panel.api import Crud, Menu, RecordView, Section, _l
from plugins.groupchat import services
from plugins.groupchat.groups import Alias, RequiredGroup, Term
from plugins.groupchat.permissions import GroupchatPermission as P
from plugins.groupchat.policy import QuietHours, SanctionRule, WecomLink, Word, WordList
from plugins.groupchat.ruling import change_quiet, change_wecom, connect_wecom, lay_quiet

RULES = _l("Rules of groups")


class QuietHoursView(RecordView):
    """When nobody posts."""

    model = QuietHours
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Quiet hours"), order=110)
    columns = ("starts", "ends", "days", "group", "valid_from", "valid_until")
    search = ("group",)
    filters = ("days", "group")
    sort = ("starts",)
    default_sort = "starts"
    sections = (
        Section(
            _l("Quiet hours"),
            ("starts", "ends", "days", "group", "valid_from", "valid_until"),
            help=_l("The first minute is inside, the end is not: 12:40–14:20 leaves 12:39 and 14:20 free."),
        ),
    )
    rules: ClassVar[Any] = {"starts": ("s1-23-r21", "s1-14-r10", "s1-01-r06")}
    help: ClassVar[Any] = {
        "ends": _l("24:00 is the end of the day; an end before the beginning lies on the next day."),
        "days": _l("The day on which a post falls decides; holidays and make-up workdays count."),
    }
    new = _l("Lay down quiet hours")
    create_with = staticmethod(lay_quiet)
    update_with = staticmethod(change_quiet)


class WordListView(RecordView):
    """Word lists."""

    model = WordList
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Word lists"), order=120)
    columns = ("name", "kind", "needed", "group", "active", "valid_from", "valid_until")
    search = ("name",)
    filters = ("kind", "active")
    default_sort = "name"
    sections = (
        Section(
            _l("Word list"),
            ("name", "kind", "needed", "group", "active", "valid_from", "valid_until"),
            help=_l("A hit is a case for a person to judge, with the words around it; nothing follows by itself."),
        ),
    )
    details = "groupchat/word_list.html"


class WordView(RecordView):
    """Words."""

    model = Word
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    columns = ("word", "list", "allowed")
    search = ("word",)
    filters = ("list", "allowed")
    sort = ("word",)
    default_sort = "word"
    sections = (Section(_l("Word"), ("list", "word", "allowed")),)


class SanctionRuleView(RecordView):
    """What may follow a case."""

    model = SanctionRule
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("What follows cases"), order=130)
    columns = ("kind", "sanction")
    filters = ("kind", "sanction")
    default_sort = "kind"
    sections = (Section(_l("What follows a case"), ("kind", "sanction"), help=_l("Kinds without an entry: anything.")),)
    rules: ClassVar[Any] = {"sanction": ("s1-14-r14", "s1-14-r15", "s1-15-r05")}


class TermView(RecordView):
    """Terms."""

    model = Term
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Terms"), order=140)
    columns = ("name", "starts_on", "ends_on")
    search = ("name",)
    sort = ("starts_on",)
    default_sort = "-starts_on"
    sections = (Section(_l("Term"), ("name", "starts_on", "ends_on")),)
    rules: ClassVar[Any] = {"starts_on": ("s1-23-r08",)}


class RequiredGroupView(RecordView):
    """Groups that must be there."""

    model = RequiredGroup
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Required groups"), order=150)
    columns = ("unit_kind", "kind", "days")
    filters = ("unit_kind", "kind")
    default_sort = "unit_kind"
    sections = (Section(_l("Required group"), ("unit_kind", "kind", "days")),)
    rules: ClassVar[Any] = {"days": ("s1-23-r08",)}


class AliasView(RecordView):
    """Nicknames and whose they are."""

    model = Alias
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Aliases"), order=160)
    columns = ("text", "person")
    search = ("text", "person")
    default_sort = "text"
    sections = (Section(_l("Alias"), ("text", "person")),)
    create_with = staticmethod(lambda values: services.learn(values["institution"], values["text"], values["person"]))


class WecomLinkView(RecordView):
    """The connection to WeCom."""

    model = WecomLink
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Connection to WeCom"), order=170)
    columns = ("corporation", "unit", "base", "active")
    form_extra_fields: ClassVar[Any] = {
        "new_secret": PasswordField(_l("Secret"), description=_l("Never shown again; empty leaves it as it is."))
    }
    sections = (Section(_l("Connection to WeCom"), ("corporation", "new_secret", "unit", "base", "active")),)
    create_with = staticmethod(connect_wecom)
    update_with = staticmethod(change_wecom)
