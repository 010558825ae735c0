"""The institution's own figures for its groups, its quiet hours, its word lists and what may follow a case."""

from __future__ import annotations

from peewee import BooleanField, CharField, Check, DateField, IntegerField

from panel.api import (
    Owned,
    PolicyRecord,
    RestrictedKey,
    SealedText,
    Unit,
    _l,
    figure,
    policy,
    switch,
    text,
)
from plugins.groupchat.choices import CaseKind, DayKind, Sanction
from plugins.groupchat.groups import Group

DAYS = _l("days")
NO_RECEIPT = "此条信息不必回复！"
ACKNOWLEDGED = "存在问题我已清楚，将立即整改！"


@policy
class GroupPolicy(PolicyRecord):
    """What the institution lays down for its groups. An empty figure or text: that rule is not in force."""

    title, titles = _l("Policy on groups"), _l("Policies on groups")

    own_people_only = switch(
        _l("Only the institution's own people are in a group"),
        _l("Whoever is on no roster is listed for removal; guests are admitted with a reason and an end."),
        ("s1-14-r01", "s1-23-r03"),
        default=True,
    )
    real_names = switch(
        _l("Members use their real names"),
        _l("As their nickname in the group."),
        ("s1-14-r02",),
        default=True,
    )
    end_date_required = switch(
        _l("Each group has an end date"),
        _l("It is then closed, or goes on with a reason."),
        ("s1-23-r02",),
        default=True,
    )
    attest_days = figure(
        _l("The owner confirms the members every"),
        _l("1: each day. A group may have an interval of its own."),
        ("s1-13-r04", "s1-14-r12"),
        least=1,
        most=366,
        default=30,
        unit=DAYS,
    )
    screenshot_required = switch(_l("A screenshot proves the confirmation"), _l("Its SHA-256 is kept."), ("s1-14-r12",))
    cleanup_days = figure(
        _l("A new owner cleans the list up within"),
        _l("“Soon” in the source."),
        ("s1-23-r12",),
        least=0,
        most=90,
        default=3,
        unit=DAYS,
    )
    parents_owner_post = text(
        _l("Parents' groups are owned by"),
        _l("A post, such as 家委会主任 (the chair of the class committee)."),
        ("s1-15-r01",),
    )
    article_days = figure(
        _l("In parents' groups an article at least every"),
        _l("The source says “often” and gives no figure."),
        ("s1-15-r02",),
        least=1,
        most=366,
        default=None,
        unit=DAYS,
    )
    max_length = figure(
        _l("Characters of a post, at most"),
        _l("Longer items are shared as a link."),
        ("s1-14-r05",),
        least=1,
        most=100000,
        default=None,
    )
    flood_posts = figure(
        _l("Flooding: so many posts of one person"),
        _l("The source gives no figure."),
        ("s1-14-r07",),
        least=2,
        most=1000,
        default=None,
    )
    flood_minutes = figure(
        _l("… within so many minutes"),
        _l("Used with the figure before."),
        ("s1-14-r07",),
        least=1,
        most=1440,
        default=5,
    )
    links_flagged = switch(_l("Links are listed"), _l("A case to look at, no more."), ("s1-14-r13",))
    files_flagged = switch(_l("Files are listed"), _l("A case to look at, no more."), ("s1-14-r13",))
    receipt_wording = text(
        _l("A notice that needs an answer asks for"),
        _l("Its last line is then: 收到请回复：…"),
        ("s1-23-r15",),
        default="收到",
    )
    exact_wording = switch(
        _l("Only the exact words count as an answer"),
        _l("Punctuation and spaces do not matter."),
        ("s1-23-r18",),
    )
    no_receipt_line = text(
        _l("The last line of a notice that needs none"),
        _l("So that nobody answers."),
        ("s1-23-r17",),
        default=NO_RECEIPT,
    )
    explanation_days = figure(
        _l("Who is silent after the reminder explains within"),
        _l("1: by the end of the next day."),
        ("s1-23-r19",),
        least=0,
        most=30,
        default=1,
        unit=DAYS,
    )
    acknowledgement = text(
        _l("Who is named for a problem answers"),
        _l("In these words."),
        ("s1-23-r25",),
        default=ACKNOWLEDGED,
    )
    summons_place = text(
        _l("Who does not correct in time is called to"), _l("For example 校长室."), ("s1-23-r26",), default="校长室"
    )
    ranking = switch(
        _l("Bulletins rank by score"), _l("Persons with the same score share a rank."), ("s1-23-r24",), default=True
    )
    instant_replies = switch(
        _l("Answers are demanded at once"),
        _l("For public bodies this is an offence today; only with a written reason."),
        ("s1-23-r15", "s1-23-r18"),
    )
    sign_ins = switch(
        _l("Groups may demand sign-ins and chains of confirmations"),
        _l("For public bodies this is an offence today; only with a written reason."),
        (),
    )
    rank_by_likes = switch(
        _l("Bulletins may rank by likes, points or time online"),
        _l("For public bodies this is an offence today; only with a written reason."),
        (),
    )
    report_required = switch(
        _l("A case is closed only after the superior was told"), _l("Who was told is kept."), ("s1-12-r10",)
    )
    retention_days = figure(
        _l("The raw text of chat records is deleted after"),
        _l("Decided cases keep who, when and what kind; their text goes, too."),
        ("s1-23-r07",),
        least=1,
        most=3650,
        default=90,
        unit=DAYS,
    )


class QuietHours(Owned):
    """A time in which nobody posts: from its first minute on, up to its end, which is outside."""

    title, titles = _l("Quiet hours"), _l("Quiet hours")
    preset_key = ("starts", "ends", "days")
    refusals = {
        "groupchat_quiet_hours_times": _l("From and until differ, and are times of a day."),
        "groupchat_quiet_hours_dates": _l("The last day is not before the first."),
    }

    group = RestrictedKey(Group, null=True, backref="quiet_hours", verbose_name=_l("Only for the group"))
    starts = CharField(max_length=5, default="23:00", verbose_name=_l("From (time)"))  # 12:40
    ends = CharField(max_length=5, default="06:30", verbose_name=_l("Until (time)"))  # or 24:00
    days = CharField(
        max_length=10, choices=DayKind.pairs(), default=DayKind.ALL.value, verbose_name=_l("On which days")
    )
    valid_from = DateField(null=True, verbose_name=_l("In force from"))
    valid_until = DateField(null=True, verbose_name=_l("In force until"))

    class Meta:
        constraints = [
            Check(DayKind.sql("days"), name="groupchat_quiet_hours_days"),
            Check(
                "LENGTH(starts) = 5 AND LENGTH(ends) = 5 AND starts < '24:00' AND ends <= '24:00' AND starts <> ends",
                name="groupchat_quiet_hours_times",
            ),
            Check(
                "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
                name="groupchat_quiet_hours_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts}–{self.ends}"


class WordList(Owned):
    """Words of one category. A message is a hit when it holds so many different ones of them."""

    title, titles = _l("Word list"), _l("Word lists")
    preset_key = ("name",)
    refusals = {
        "institution,name": _l("There is a list of this name already."),
        "groupchat_word_list_needed": _l("A hit takes a whole number of words, from 1 to 20."),
    }

    name = CharField(max_length=60, verbose_name=_l("Name"))
    kind = CharField(max_length=20, choices=CaseKind.pairs(), verbose_name=_l("A hit is a case of"))
    needed = IntegerField(default=1, verbose_name=_l("Different words for a hit"))
    group = RestrictedKey(Group, null=True, backref="word_lists", verbose_name=_l("Only for the group"))
    active = BooleanField(default=True, verbose_name=_l("Switched on"))
    valid_from = DateField(null=True, verbose_name=_l("In force from"))
    valid_until = DateField(null=True, verbose_name=_l("In force until"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [
            Check(CaseKind.sql("kind"), name="groupchat_word_list_kind"),
            Check("needed BETWEEN 1 AND 20", name="groupchat_word_list_needed"),
        ]

    def __str__(self) -> str:
        return self.name


class Word(Owned):
    """A word that is looked for; or, allowed, one in which the words of the list are not meant."""

    title, titles = _l("Word"), _l("Words")
    called = "word"
    refusals = {"list,word": _l("The list has this word already."), "groupchat_word_word": _l("Enter a word.")}

    list = RestrictedKey(WordList, backref="words", verbose_name=_l("List"))
    word = CharField(max_length=60, verbose_name=_l("Word"))
    allowed = BooleanField(default=False, verbose_name=_l("Allowed"))

    class Meta:
        indexes = ((("list", "word"), True),)
        constraints = [Check("word <> ''", name="groupchat_word_word")]

    def __str__(self) -> str:
        return self.word


class SanctionRule(Owned):
    """What may follow a case of a kind. Kinds without a rule: anything."""

    title, titles = _l("What follows a case"), _l("What follows cases")
    preset_key = ("kind", "sanction")
    refusals = {"institution,kind,sanction": _l("This is offered already.")}

    kind = CharField(max_length=20, choices=CaseKind.pairs(), verbose_name=_l("Kind of case"))
    sanction = CharField(max_length=20, choices=Sanction.pairs(), verbose_name=_l("Decision"))

    class Meta:
        indexes = ((("institution", "kind", "sanction"), True),)
        constraints = [
            Check(CaseKind.sql("kind"), name="groupchat_sanction_rule_kind"),
            Check(Sanction.sql("sanction"), name="groupchat_sanction_rule_sanction"),
        ]

    def __str__(self) -> str:
        return f"{CaseKind(self.kind).label} · {Sanction(self.sanction).label}"


class WecomLink(Owned):
    """The institution's application in WeCom, by which its customer groups are read."""

    title, titles = _l("Connection to WeCom"), _l("Connections to WeCom")
    called = "corporation"
    derived = ("secret",)
    refusals = {"institution,corporation": _l("This corporation is connected already.")}

    corporation = CharField(max_length=64, verbose_name=_l("Corporation id"))
    secret = SealedText(verbose_name=_l("Secret"))
    base = CharField(max_length=200, default="https://qyapi.weixin.qq.com", verbose_name=_l("Address"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("New groups are kept by"))
    active = BooleanField(default=True, verbose_name=_l("Switched on"))

    class Meta:
        indexes = ((("institution", "corporation"), True),)

    def __str__(self) -> str:
        return self.corporation
