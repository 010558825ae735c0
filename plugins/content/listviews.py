"""The pages of the lists that go with the policy."""

from __future__ import annotations

from typing import Any

from panel.api import Crud, Menu, RecordView, Section, _l, records
from plugins.content import hours
from plugins.content.permissions import ContentPermission as P
from plugins.content.policy import ContentWord, Hours, Medium, ReviewItem, Rhythm, SendBudget, Topic

LISTS = _l("Content: lists")
KEPT = Crud(view=P.LIST_VIEW, create=P.LIST_EDIT, edit=P.LIST_EDIT, delete=P.LIST_EDIT)


class TopicView(RecordView):
    """Ranges of content, themes, levels of activity."""

    model = Topic
    may = KEPT
    menu = Menu(section=LISTS, label=_l("Classes of content"), order=10)
    columns = ("name", "kind", "needs_leader", "fresh_days", "active")
    more_columns = ("position",)
    search = ("name",)
    filters = ("kind", "active")
    sort = ("name", "kind", "position")
    default_sort = "position"
    sections = (Section(_l("Content class"), ("kind", "name", "needs_leader", "fresh_days", "active", "position")),)
    rules = {"name": ("s0-05-r07", "s2-06-r05"), "needs_leader": ("s0-11-r05",), "fresh_days": ("s1-07-r03",)}


class ReviewItemView(RecordView):
    """What reviewers confirm before a piece may go out, and what bars it."""

    model = ReviewItem
    may = KEPT
    menu = Menu(section=LISTS, label=_l("Checklist of reviewers"), order=20)
    columns = ("name", "kind", "article", "active")
    more_columns = ("note", "position")
    search = ("name", "article")
    filters = ("kind", "active")
    sort = ("position", "kind")
    default_sort = "position"
    sections = (
        Section(
            _l("Item"),
            ("name", "kind", "article", "note", "active", "position"),
            help=_l("Every item in use is answered in each round; without that the last signature is refused."),
        ),
    )
    rules = {"name": ("s0-01-r05", "s3-03-r10", "s1-19-r07")}


class ContentWordView(RecordView):
    """Words that texts may not have, or only after somebody looked."""

    model = ContentWord
    slug = "word"
    may = KEPT
    menu = Menu(section=LISTS, label=_l("Words in texts"), order=30)
    columns = ("word", "category", "effect", "place", "note")
    more_columns = ("exceptions",)
    search = ("word", "category")
    filters = ("effect", "place")
    sort = ("word", "category")
    default_sort = "word"
    sections = (
        Section(
            _l("Word"),
            ("word", "category", "effect", "place", "exceptions", "note"),
            help=_l("Found whatever the width, spacing or look of its letters."),
        ),
    )
    help = {"exceptions": _l("Texts in which it is not meant, with 、 between them.")}
    rules = {"word": ("s0-04-r04", "s4-01-r17")}


class MediumView(RecordView):
    """Media that are no accounts of the register."""

    model = Medium
    may = KEPT
    menu = Menu(section=LISTS, label=_l("Media"), order=40)
    columns = ("name", "level", "joint", "active")
    search = ("name",)
    filters = ("level", "joint", "active")
    sort = ("name", "level")
    default_sort = "name"
    sections = (Section(_l("Medium"), ("name", "level", "joint", "active")),)
    rules = {"joint": ("s0-10-r07",)}


class RhythmView(RecordView):
    """How often something is to be released."""

    model = Rhythm
    may = KEPT
    menu = Menu(section=LISTS, label=_l("Rhythms of releases"), order=50)
    columns = ("platform", "account", "silent_days", "week_least", "week_most", "month_least", "daily")
    more_columns = ("note",)
    search = ("platform", "account")
    filters = ("platform", "account")
    sections = (
        Section(
            _l("Of"),
            ("platform", "account", "note"),
            help=_l("Of a platform, or of one account. The account's own comes first."),
        ),
        Section(
            _l("How often"),
            ("silent_days", "week_least", "week_most", "month_least", "daily"),
            help=_l("Empty: not in force. Weeks begin on Monday and are looked at once they are over."),
        ),
    )
    rules = {
        "silent_days": ("s0-05-r06", "s2-01-r12"),
        "week_least": ("s3-02-r02", "s2-05-r07"),
        "week_most": ("s4-01-r16",),
        "month_least": ("s1-18-r12",),
        "daily": ("s3-04-r08",),
    }


class HoursView(RecordView):
    """Hours in which nothing is released, or in which alone it is."""

    model = Hours
    may = KEPT
    menu = Menu(section=LISTS, label=_l("Hours of release"), order=60)
    columns = ("name", "begins", "ends", "weekdays", "quiet", "strict", "active")
    search = ("name",)
    filters = ("quiet", "active")
    sort = ("begins",)
    default_sort = "begins"
    sections = (
        Section(_l("Hours"), ("name", "begins", "ends", "weekdays")),
        Section(
            _l("Meaning"),
            ("quiet", "strict", "active"),
            help=_l("Hours that are not quiet are the only ones in which something is released."),
        ),
    )
    rules = {"begins": ("s2-04-r06", "s0-08-r06", "s4-01-r19")}
    create_with = staticmethod(lambda values: records.create(Hours, **hours.checked(values)))

    @staticmethod
    def update_with(row: Hours, version: int, values: dict[str, Any]) -> None:
        records.update(row, version, **hours.checked(values))


class SendBudgetView(RecordView):
    """How many mass sends an account has."""

    model = SendBudget
    may = Crud(view=P.LIST_VIEW, create=P.PLAN_EDIT, edit=P.PLAN_EDIT, delete=P.PLAN_EDIT)
    menu = Menu(section=LISTS, label=_l("Sending budgets"), order=70)
    columns = ("account", "most", "period")
    search = ("account",)
    filters = ("account", "period")
    sections = (Section(_l("Budget"), ("account", "most", "period")),)
    rules = {"most": ("s2-07-r14",)}
