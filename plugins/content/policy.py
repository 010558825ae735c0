"""The institution's own figures for its content, and the lists that go with them."""

from __future__ import annotations

from typing import Any

from peewee import BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import (
    Institution,
    InstitutionKind,
    Owned,
    Person,
    PolicyRecord,
    Refused,
    RestrictedKey,
    Unit,
    _,
    _l,
    figure,
    policy,
    switch,
    text,
)
from plugins.accounts.services import Account, Platform
from plugins.content.choices import Class, Effect, ItemKind, MediumLevel, Period, TopicKind, WordPlace

IMAGE_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
VIDEO_FORMATS = ("mp4", "flv", "f4v", "mov", "webm", "mkv", "avi")


@policy
class ContentPolicy(PolicyRecord):
    """What the institution lays down for what it publishes. An empty figure: that rule is not in force."""

    title, titles = _l("Policy on content"), _l("Policies on content")

    max_words = figure(
        _l("Characters of a text, at most"),
        _l("Chinese characters, and words of other scripts; spaces and punctuation do not count."),
        ("s2-09-r14",),
        least=1,
        most=1000000,
        default=None,
    )
    min_words = figure(
        _l("Characters of an article, at least"),
        _l("Brief news and picture sets are not concerned."),
        ("s0-11-r04",),
        least=1,
        most=100000,
        default=None,
    )
    pictures_expected = switch(
        _l("Pictures are expected"),
        _l("A text without a picture is asked about, not refused."),
        ("s0-11-r04", "s0-11-r12", "s2-09-r13", "s1-17-r09"),
        default=True,
    )
    image_formats = text(
        _l("Formats of pictures"),
        _l("Commas between: JPEG, PNG, GIF, WEBP. Empty: any of them."),
        ("s2-09-r15",),
    )
    image_width = figure(_l("Width of pictures (pixels)"), "", ("s2-09-r15",), least=1, most=20000, default=None)
    image_height = figure(_l("Height of pictures (pixels)"), "", ("s2-09-r15",), least=1, most=20000, default=None)
    image_kb = figure(_l("Size of a picture, at most (KB)"), "", ("s2-09-r15",), least=1, most=30000, default=None)
    video_formats = text(
        _l("Formats of videos"),
        _l("Commas between: mp4, flv, f4v, mov, webm, mkv, avi. Empty: any of them."),
        ("s2-09-r16",),
    )
    video_mb = figure(_l("Size of a video, at most (MB)"), "", ("s2-09-r16",), least=1, most=10000, default=None)
    column_required = switch(_l("Each piece belongs to a column"), "", ("s0-10-r01",))
    topic_required = switch(
        _l("Each piece states its range of content"),
        _l("One of the list of the institution."),
        ("s0-05-r07", "s0-11-r05", "s1-17-r08", "s2-04-r08", "s2-05-r08", "s2-06-r05", "s2-09-r07"),
    )
    theme_required = switch(_l("Each piece has a theme"), _l("One of the list."), ("s0-02-r03",))
    level_required = switch(_l("Each piece states the level of the activity"), _l("One of the list."), ("s0-02-r02",))
    attribution_required = switch(
        _l("Author and unit are named"),
        _l("At least one author, each with a unit, so that a release can be traced."),
        ("s2-01-r13", "s2-07-r03"),
        default=True,
    )
    originals_only = switch(
        _l("Only original work is accepted"),
        _l("Nothing copied or reposted."),
        ("s0-02-r04",),
    )
    vouching_required = switch(
        _l("The author answers for the text in writing"), _l("文责自负: ticked at submission."), ("s0-02-r04",)
    )
    proofreading_required = switch(_l("The author has proofread"), _l("Ticked at submission."), ("s0-02-r05",))
    consent_required = switch(
        _l("Others' work needs consent or a licence"),
        _l("Source and right of a reprint are on record; an exception is a waiver with its reason."),
        ("s0-04-r05", "s0-05-r10", "s2-09-r12", "s4-01-r12"),
        default=True,
    )
    speaker_required = switch(
        _l("Each piece says who speaks"), _l("The institution, or a member personally."), ("s1-22-r09",)
    )
    personal_data_held = switch(
        _l("Phone and ID numbers are held until somebody decides"),
        _l("In texts, and places where pictures were taken."),
        ("s1-05-r07", "s1-08-r08", "s1-08-r09", "s1-16-r06", "s2-04-r12"),
        default=True,
    )
    likeness = figure(
        _l("Texts that are the same to so many percent are asked about"),
        _l("Compared with the pieces of two years."),
        ("s1-09-r08",),
        least=50,
        most=100,
        default=85,
    )
    day_most = figure(
        _l("Pieces an account releases a day, at most"),
        _l("One or two, as a rule."),
        ("s2-04-r05",),
        least=1,
        most=100,
        default=None,
    )
    mass_day_most = figure(
        _l("Mass sends of an account a day, at most"),
        _l("Subscription accounts may send once."),
        ("s2-07-r14",),
        least=1,
        most=100,
        default=None,
    )
    test_required = switch(
        _l("A test send comes before each mass send"), _l("Confirmed at the release."), ("s2-09-r17",)
    )
    urgent_classes = text(
        _l("Classes that may go out at any time"),
        _l("Commas between; quiet hours do not hold them: general, important, sensitive, news, medical, documents."),
        ("s0-08-r06",),
        default="news",
    )
    editor_may_release = switch(
        _l("Units release their own pieces"),
        _l("Otherwise only the office does, also for accounts of units."),
        ("s2-07-r08",),
        default=True,
    )

    verified_to_release = switch(
        _l("An account is verified before anything is released on it"),
        _l("Where its platform verifies: without a verification in force, nothing is planned or released there."),
        ("s1-05-r04",),
    )
    stage_plans = switch(
        _l("Content is planned by stage"),
        _l("A plan of the quarter or year is on record from its first day on."),
        ("s4-01-r09",),
    )
    forward_column = text(
        _l("Staff are asked to forward what appears in this column"),
        _l("The name of a column. Who did is counted; nobody is assessed or ranked by it. Empty: nobody is asked."),
        ("s1-23-r32",),
    )

    @classmethod
    def presets(cls, institution: Institution) -> dict[str, Any]:
        """Schools ask for proofreading by whoever hands in."""
        return {"proofreading_required": True} if institution.kind == InstitutionKind.SCHOOL else {}

    @classmethod
    def checked(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Refuses formats and classes there are none of; keeps them as a plain list."""
        known = {"image_formats": IMAGE_FORMATS, "video_formats": VIDEO_FORMATS, "urgent_classes": tuple(Class)}
        clean = dict(values)
        for name, allowed in known.items():
            if name in clean:
                by_fold = {str(a).casefold(): str(a) for a in allowed}
                given = [g for g in clean[name].replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if g]
                if unknown := [g for g in given if g.casefold() not in by_fold]:
                    raise Refused(_("There is no %(names)s.", names="、".join(unknown)), name)
                clean[name] = ",".join(by_fold[g.casefold()] for g in given)
        return clean


class Column(Owned):
    """A column (栏目) with its owner. `confirmed_on`: the day somebody last looked that it still holds."""

    title, titles = _l("Content column"), _l("Content columns")
    scope_unit = None
    refusals = {
        "institution,name": _l("There is a column of this name already."),
        "content_column_fresh": _l("A number of days is a whole number from 1 up."),
    }

    name = CharField(max_length=60, verbose_name=_l("Name"))
    owner = RestrictedKey(Person, null=True, backref="content_columns", verbose_name=_l("Owner"))
    owner_id: int | None
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit it belongs to"))
    account = RestrictedKey(Account, null=True, backref="content_columns", verbose_name=_l("Account"))
    page = BooleanField(default=False, verbose_name=_l("A lasting page, not a series of pieces"))
    still = BooleanField(default=False, verbose_name=_l("Needs no frequent updating"))
    fresh_days = IntegerField(null=True, verbose_name=_l("Something new at least every (days)"))
    confirmed_on = DateField(null=True, verbose_name=_l("Last looked through on"))
    active = BooleanField(default=True, verbose_name=_l("In use"))
    position = IntegerField(default=100, verbose_name=_l("Order"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check("fresh_days IS NULL OR fresh_days >= 1", name="content_column_fresh")]

    def __str__(self) -> str:
        return self.name


class Topic(Owned):
    """What submissions are classed by: ranges of content, themes, levels of activity."""

    title, titles = _l("Class of content"), _l("Classes of content")
    refusals = {
        "institution,kind,name": _l("There is a class of this name already."),
        "content_topic_fresh": _l("A number of days is a whole number from 1 up."),
    }

    kind = CharField(max_length=20, choices=TopicKind.pairs(), default=TopicKind.RANGE.value, verbose_name=_l("Kind"))
    name = CharField(max_length=100, verbose_name=_l("Name"))
    needs_leader = BooleanField(default=False, verbose_name=_l("Only with a leader named who approved it"))
    fresh_days = IntegerField(null=True, verbose_name=_l("Something new at least every (days)"))
    active = BooleanField(default=True, verbose_name=_l("In use"))
    position = IntegerField(default=100, verbose_name=_l("Order"))

    class Meta:
        indexes = ((("institution", "kind", "name"), True),)
        constraints = [
            Check(TopicKind.sql("kind"), name="content_topic_kind"),
            Check("fresh_days IS NULL OR fresh_days >= 1", name="content_topic_fresh"),
        ]

    def __str__(self) -> str:
        return self.name


class Medium(Owned):
    """A medium of others, or one of the institution's that is no account: newspaper, television, campus radio."""

    title, titles = _l("Medium"), _l("Media")
    refusals = {"institution,name": _l("There is a medium of this name already.")}

    name = CharField(max_length=100, verbose_name=_l("Name"))
    level = CharField(
        max_length=20, choices=MediumLevel.pairs(), default=MediumLevel.MUNICIPAL.value, verbose_name=_l("Level")
    )
    joint = BooleanField(default=False, verbose_name=_l("Publishes alongside"))  # s0-10-r07
    active = BooleanField(default=True, verbose_name=_l("In use"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check(MediumLevel.sql("level"), name="content_medium_level")]

    def __str__(self) -> str:
        return self.name


class ContentWord(Owned):
    """A word that texts may not have, or only after somebody looked."""

    title, titles = _l("Word in texts"), _l("Words in texts")
    called = "word"
    refusals = {"institution,word": _l("This word is on the list already."), "content_word": _l("Enter a word.")}

    word = CharField(max_length=60, verbose_name=_l("Word"))
    category = CharField(max_length=60, default="", verbose_name=_l("Category"))
    place = CharField(
        max_length=20, choices=WordPlace.pairs(), default=WordPlace.ANY.value, verbose_name=_l("Looked for in")
    )
    effect = CharField(max_length=20, choices=Effect.pairs(), default=Effect.HOLD.value, verbose_name=_l("Effect"))
    exceptions = CharField(max_length=500, default="", verbose_name=_l("Not meant in"))  # between them 、
    note = CharField(max_length=200, default="", verbose_name=_l("Source or remark"))

    class Meta:
        indexes = ((("institution", "word"), True),)
        constraints = [
            Check(WordPlace.sql("place"), name="content_word_place"),
            Check(Effect.sql("effect"), name="content_word_effect"),
            Check("word <> ''", name="content_word"),
        ]

    def __str__(self) -> str:
        return self.word


class ReviewItem(Owned):
    """An item of the reviewers' checklist: to be confirmed, or barring a release where it applies."""

    title, titles = _l("Item of the checklist"), _l("Checklist of reviewers")
    refusals = {"institution,name": _l("This item is on the list already.")}

    name = CharField(max_length=200, verbose_name=_l("Item"))
    kind = CharField(max_length=20, choices=ItemKind.pairs(), default=ItemKind.CONFIRM.value, verbose_name=_l("Kind"))
    article = CharField(max_length=120, default="", verbose_name=_l("Article"))
    note = TextField(default="", verbose_name=_l("What is meant"))
    active = BooleanField(default=True, verbose_name=_l("In use"))
    position = IntegerField(default=100, verbose_name=_l("Order"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check(ItemKind.sql("kind"), name="content_review_item_kind")]

    def __str__(self) -> str:
        return self.name


class Rhythm(Owned):
    """How often something is to be released: on a platform, or on one account; the nearer one counts."""

    title, titles = _l("Rhythm of releases"), _l("Rhythms of releases")
    scope_unit = None
    refusals = {
        "content_rhythm_of": _l("Name a platform or an account, one of the two."),
        "content_rhythm_figures": _l("A figure is a whole number from 1 up, and “at least” no more than “at most”."),
        "institution,platform": _l("This platform has a rhythm already."),
        "institution,account": _l("This account has a rhythm already."),
    }

    platform = RestrictedKey(Platform, null=True, backref="content_rhythms", verbose_name=_l("Platform"))
    account = RestrictedKey(Account, null=True, backref="content_rhythms", verbose_name=_l("Account"))
    silent_days = IntegerField(null=True, verbose_name=_l("Silent for at most (days)"))
    week_least = IntegerField(null=True, verbose_name=_l("A week, at least"))
    week_most = IntegerField(null=True, verbose_name=_l("A week, at most"))
    month_least = IntegerField(null=True, verbose_name=_l("A month, at least"))
    daily = BooleanField(default=False, verbose_name=_l("Every day"))
    note = CharField(max_length=200, default="", verbose_name=_l("Source or remark"))

    class Meta:
        indexes = ((("institution", "platform"), True), (("institution", "account"), True))
        constraints = [
            Check("(account_id IS NULL) <> (platform_id IS NULL)", name="content_rhythm_of"),
            Check(
                "COALESCE(silent_days, 1) >= 1 AND COALESCE(week_least, 1) >= 1 AND COALESCE(month_least, 1) >= 1 "
                "AND (week_most IS NULL OR week_most >= COALESCE(week_least, 1))",
                name="content_rhythm_figures",
            ),
        ]

    def __str__(self) -> str:
        return str(self.account or self.platform)


class Hours(Owned):
    """Hours in which nothing is released (lessons, rest), or in which alone it is (s2-04-r06, s0-08-r06, s4-01-r19)."""

    title, titles = _l("Hours of release"), _l("Hours of release")
    refusals = {"content_hours_span": _l("Give times as 08:00, the end after the beginning.")}

    name = CharField(max_length=60, verbose_name=_l("Name"))
    quiet = BooleanField(default=True, verbose_name=_l("Quiet: nothing is released"))  # otherwise: only then
    weekdays = CharField(max_length=20, default="1234567", verbose_name=_l("Weekdays (1 is Monday)"))
    begins = CharField(max_length=5, verbose_name=_l("From"))
    ends = CharField(max_length=5, verbose_name=_l("To"))
    strict = BooleanField(default=False, verbose_name=_l("Refused, not only asked about"))
    active = BooleanField(default=True, verbose_name=_l("In use"))

    class Meta:
        constraints = [Check("begins < ends AND LENGTH(begins) = 5 AND LENGTH(ends) = 5", name="content_hours_span")]

    def __str__(self) -> str:
        return f"{self.name} {self.begins}–{self.ends}"


class SendBudget(Owned):
    """How many mass sends an account has in a period: what its platform allows."""

    title, titles = _l("Sending budget"), _l("Sending budgets")
    scope_parent = "account"
    refusals = {
        "account,period": _l("This account has a budget for this period already."),
        "content_send_budget_most": _l("A budget is a whole number from 0 up."),
    }

    account = RestrictedKey(Account, backref="send_budgets", verbose_name=_l("Account"))
    period = CharField(max_length=20, choices=Period.pairs(), default=Period.MONTH.value, verbose_name=_l("Period"))
    most = IntegerField(verbose_name=_l("Mass sends, at most"))

    class Meta:
        indexes = ((("account", "period"), True),)
        constraints = [
            Check(Period.sql("period"), name="content_send_budget_period"),
            Check("most >= 0", name="content_send_budget_most"),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.most} {Period(self.period).label}"
