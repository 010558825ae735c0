"""Submissions with everything that belongs to one."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import BaseModel, Owned, Person, RestrictedKey, Unit, User, UtcDateTimeField, _l
from plugins.content.choices import (
    Class,
    Consent,
    HitKind,
    HitState,
    Kind,
    Media,
    Origin,
    Part,
    RoundState,
    Source,
    Speaker,
    State,
)
from plugins.content.policy import Column, ContentWord, ReviewItem, Topic


class Submission(Owned):
    """A piece from its first draft to the archive.

    `words`, `photos`, `videos` and `print` follow from the text and the files and are kept with every save; `frozen`
    is the print that was approved.
    """

    title, titles = _l("Submission"), _l("Submissions")
    called = "headline"
    scope_unit = "unit"
    derived = ("words", "photos", "videos", "print", "scanned", "alike", "likeness")  # read off text and files
    refusals = {
        "content_submission_frozen": _l("A piece that is approved has a frozen text, and only then."),
    }

    headline = CharField(max_length=200, default="", verbose_name=_l("Title"))
    body = TextField(default="", verbose_name=_l("Text"))  # clean HTML
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    unit_id: int
    submitter = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Submitted by"))
    kind = CharField(max_length=20, choices=Kind.pairs(), default=Kind.ARTICLE.value, verbose_name=_l("Kind"))
    class_ = CharField(
        max_length=20,
        choices=Class.pairs(),
        default=Class.GENERAL.value,
        column_name="class_name",
        verbose_name=_l("Content class"),
    )
    column = RestrictedKey(
        Column, null=True, column_name="section_id", backref="submissions", verbose_name=_l("Content column")
    )
    topic = RestrictedKey(Topic, null=True, backref="submissions", verbose_name=_l("Range of content"))
    theme = RestrictedKey(Topic, null=True, backref="+", verbose_name=_l("Theme"))
    activity = RestrictedKey(Topic, null=True, backref="+", verbose_name=_l("Level of the activity"))
    speaker = CharField(max_length=20, choices=Speaker.pairs(), null=True, verbose_name=_l("Who speaks"))
    leader = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Leader who approved the subject"))
    source = CharField(max_length=20, choices=Source.pairs(), null=True, verbose_name=_l("Source of the text"))
    source_name = CharField(max_length=200, default="", verbose_name=_l("Taken from"))
    source_link = CharField(max_length=500, default="", verbose_name=_l("Link to the source"))
    consent = CharField(
        max_length=20, choices=Consent.pairs(), default=Consent.NONE.value, verbose_name=_l("Consent or licence")
    )
    consent_note = CharField(max_length=300, default="", verbose_name=_l("Of whom, and when"))
    consent_file = CharField(max_length=80, default="", verbose_name=_l("Paper of the consent"))
    consent_file_name = CharField(max_length=200, default="")
    quotes = BooleanField(default=False, verbose_name=_l("Quotes views or figures of others"))
    quote_source = CharField(max_length=300, default="", verbose_name=_l("Source of the quotations"))
    vouched = BooleanField(default=False, verbose_name=_l("The author answers for the text"))
    proofread = BooleanField(default=False, verbose_name=_l("Proofread by the author"))
    joint = BooleanField(default=False, verbose_name=_l("To be released together with other media"))
    planned_at = UtcDateTimeField(null=True, verbose_name=_l("Planned for"))
    note = TextField(default="", verbose_name=_l("Note to the editors"))
    state = CharField(max_length=20, choices=State.pairs(), default=State.DRAFT.value, verbose_name=_l("State"))
    round = IntegerField(default=0, verbose_name=_l("Round"))
    submitted_at = UtcDateTimeField(null=True, verbose_name=_l("Submitted"))
    approved_at = UtcDateTimeField(null=True, verbose_name=_l("Approved"))
    released_on = DateField(null=True, verbose_name=_l("First released on"))
    words = IntegerField(default=0, verbose_name=_l("Characters"))
    photos = IntegerField(default=0, verbose_name=_l("Pictures"))
    videos = IntegerField(default=0, verbose_name=_l("Videos"))
    print = CharField(max_length=64, default="")
    frozen = CharField(max_length=64, default="")
    scanned = CharField(max_length=64, default="")  # the word lists the text was last read with
    alike = RestrictedKey("self", null=True, backref="+", verbose_name=_l("Nearly the same as"))
    likeness = IntegerField(default=0, verbose_name=_l("Likeness (%)"))

    class Meta:
        indexes = (
            (("institution", "state", "submitted_at"), False),  # the editors' list
            (("institution", "released_on"), False),  # the archive of a year
            (("institution", "print"), False),  # the same text once more
        )
        constraints = [
            Check(State.sql("state"), name="content_submission_state"),
            Check(Class.sql("class_name"), name="content_submission_class"),
            Check(Kind.sql("kind"), name="content_submission_kind"),
            Check(f"source IS NULL OR {Source.sql('source')}", name="content_submission_source"),
            Check(Consent.sql("consent"), name="content_submission_consent"),
            Check(f"speaker IS NULL OR {Speaker.sql('speaker')}", name="content_submission_speaker"),
            Check(
                "(state IN ('approved', 'released', 'withdrawn')) = (frozen <> '')", name="content_submission_frozen"
            ),
            Check("(state IN ('released', 'withdrawn')) = (released_on IS NOT NULL)", name="content_submission_out"),
        ]

    def __str__(self) -> str:
        return self.headline or str(_l("Without a title"))


class Contribution(Owned):
    """What somebody contributed: a person of the roster, or somebody outside by name.

    `share` is in hundredths of a percent of the part, all of one part together 10,000; null for all: equal shares.
    """

    title, titles = _l("Contribution"), _l("Contributions")
    scope_parent = "submission"
    refusals = {
        "content_contribution_who": _l("Name a person of the roster, or somebody outside by name."),
        "content_contribution_share": _l("A share is more than 0 and at most 100 %."),
        "content_contribution_once": _l("This person is named for this part already."),
    }

    submission = RestrictedKey(Submission, backref="contributions", verbose_name=_l("Submission"))
    part = CharField(max_length=20, choices=Part.pairs(), default=Part.AUTHOR.value, verbose_name=_l("Part"))
    position = IntegerField(default=0)
    person = RestrictedKey(Person, null=True, backref="contributions", verbose_name=_l("Person"))
    person_id: int | None
    name = CharField(max_length=60, default="", verbose_name=_l("Name"))
    unit_name = CharField(max_length=120, default="", verbose_name=_l("Unit"))
    share = IntegerField(null=True, verbose_name=_l("Share"))

    class Meta:
        indexes = ((("submission", "part", "position"), True),)
        constraints = [
            Check(Part.sql("part"), name="content_contribution_part"),
            Check("person_id IS NOT NULL OR name <> ''", name="content_contribution_who"),
            Check("share IS NULL OR share BETWEEN 1 AND 10000", name="content_contribution_share"),
        ]

    def __str__(self) -> str:
        return str(self.person) if self.person_id else self.name


Contribution.add_index(
    Contribution.index(
        Contribution.submission,
        Contribution.part,
        Contribution.person,
        unique=True,
        where=SQL("person_id IS NOT NULL"),
        name="content_contribution_once",
    )
)


class Attachment(Owned):
    """A picture, a recording or a document of a submission, kept by its content and read from it."""

    title, titles = _l("File"), _l("Files")
    called = "file_name"
    scope_parent = "submission"
    refusals = {"content_attachment_once": _l("This file is attached already.")}

    submission = RestrictedKey(Submission, backref="attachments", verbose_name=_l("Submission"))
    media = CharField(max_length=20, choices=Media.pairs(), verbose_name=_l("Kind"))
    file = CharField(max_length=80, verbose_name=_l("File"))
    file_name = CharField(max_length=200, default="", verbose_name=_l("Name"))
    format = CharField(max_length=20, default="", verbose_name=_l("Format"))
    size = BigIntegerField(default=0, verbose_name=_l("Bytes"))
    width = IntegerField(null=True, verbose_name=_l("Width"))
    height = IntegerField(null=True, verbose_name=_l("Height"))
    seconds = IntegerField(null=True, verbose_name=_l("Seconds"))
    caption = CharField(max_length=300, default="", verbose_name=_l("Caption"))
    origin = CharField(max_length=20, choices=Origin.pairs(), default=Origin.OWN.value, verbose_name=_l("Origin"))
    licence = CharField(max_length=300, default="", verbose_name=_l("Licence note"))
    hidden = CharField(max_length=300, default="")  # phone and ID numbers in its metadata
    located = BooleanField(default=False)  # its metadata say where it was taken
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("submission", "file"), True),)
        constraints = [
            Check(Media.sql("media"), name="content_attachment_media"),
            Check(Origin.sql("origin"), name="content_attachment_origin"),
        ]

    def __str__(self) -> str:
        return self.caption or self.file_name


class Round(Owned):
    """A round of review with the text as it was handed in."""

    title, titles = _l("Round of review"), _l("Rounds of review")
    scope_parent = "submission"

    submission = RestrictedKey(Submission, backref="rounds", verbose_name=_l("Submission"))
    number = IntegerField(verbose_name=_l("Round"))
    headline = CharField(max_length=200, verbose_name=_l("Title"))
    body = TextField(verbose_name=_l("Text"))
    print = CharField(max_length=64)
    state = CharField(
        max_length=20, choices=RoundState.pairs(), default=RoundState.WAITING.value, verbose_name=_l("State")
    )
    submitted_by = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Submitted by"))
    submitted_at = UtcDateTimeField(verbose_name=_l("Submitted"))
    note = TextField(default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("submission", "number"), True),)
        constraints = [Check(RoundState.sql("state"), name="content_round_state")]

    def __str__(self) -> str:
        return f"{self.submission} · {self.number}"


class Comment(Owned):
    """A remark on a passage of the text."""

    title, titles = _l("Comment"), _l("Comments")
    scope_parent = "submission"
    refusals = {"content_comment_note": _l("Write what is to be changed.")}

    submission = RestrictedKey(Submission, backref="comments", verbose_name=_l("Submission"))
    round = IntegerField(verbose_name=_l("Round"))
    quote = CharField(max_length=500, default="", verbose_name=_l("Passage"))
    note = CharField(max_length=1000, verbose_name=_l("Comment"))
    by = RestrictedKey(User, null=True, column_name="commented_by_id", backref="+", verbose_name=_l("By"))
    resolved_at = UtcDateTimeField(null=True, verbose_name=_l("Resolved"))

    class Meta:
        constraints = [Check("note <> ''", name="content_comment_note")]

    def __str__(self) -> str:
        return self.note[:40]


class Answer(Owned):
    """A reviewer's answer to an item of the checklist, in a round."""

    title, titles = _l("Answer to the checklist"), _l("Answers to the checklist")
    scope_parent = "submission"

    submission = RestrictedKey(Submission, backref="answers", verbose_name=_l("Submission"))
    round = IntegerField(verbose_name=_l("Round"))
    item = RestrictedKey(ReviewItem, backref="answers", verbose_name=_l("Item"))
    yes = BooleanField(default=False, verbose_name=_l("Answer"))
    by = RestrictedKey(User, null=True, column_name="answered_by_id", backref="+", verbose_name=_l("By"))

    class Meta:
        indexes = ((("submission", "round", "item"), True),)

    def __str__(self) -> str:
        return str(self.item)


class Hit(Owned):
    """Something found in a text or a file that a reviewer has to decide on."""

    title, titles = _l("Thing found in the text"), _l("Things found in the text")
    called = "text"
    scope_parent = "submission"

    submission = RestrictedKey(Submission, backref="hits", verbose_name=_l("Submission"))
    kind = CharField(max_length=20, choices=HitKind.pairs(), verbose_name=_l("Kind"))
    word = RestrictedKey(ContentWord, null=True, backref="hits", verbose_name=_l("Word"))
    category = CharField(max_length=60, default="", verbose_name=_l("Category"))
    text = CharField(max_length=120, verbose_name=_l("Text"))
    place = CharField(max_length=200, default="", verbose_name=_l("Where"))
    refused = BooleanField(default=False, verbose_name=_l("Refused"))
    state = CharField(max_length=20, choices=HitState.pairs(), default=HitState.OPEN.value, verbose_name=_l("State"))
    reason = CharField(max_length=300, default="", verbose_name=_l("Reason"))
    by = RestrictedKey(User, null=True, column_name="decided_by_id", backref="+", verbose_name=_l("Decided by"))

    class Meta:
        indexes = ((("submission", "kind", "text", "place"), True),)
        constraints = [
            Check(HitKind.sql("kind"), name="content_hit_kind"),
            Check(HitState.sql("state"), name="content_hit_state"),
        ]

    def __str__(self) -> str:
        return self.text


class Band(BaseModel):
    """A slice of a text's fingerprint: texts that share one may be nearly the same."""

    institution_id = BigIntegerField()
    submission = RestrictedKey(Submission, backref="+", on_delete="CASCADE")
    value = BigIntegerField()

    class Meta:
        indexes = ((("institution_id", "value"), False),)


class Scratch(BaseModel):
    """What somebody is writing and has not saved yet: kept for them, offered when they come back."""

    scope_parent = "submission"

    submission = RestrictedKey(Submission, backref="+", on_delete="CASCADE")
    user = RestrictedKey(User, backref="+", on_delete="CASCADE")
    headline = CharField(max_length=200, default="")
    body = TextField(default="")
    version = IntegerField()  # of the submission it was begun from
    kept_at = UtcDateTimeField()

    class Meta:
        indexes = ((("submission", "user"), True),)


class Link(BaseModel):
    """What was seen when a link of a text was followed last."""

    scope_parent = "submission"

    submission = RestrictedKey(Submission, backref="links", on_delete="CASCADE")
    address = CharField(max_length=500, verbose_name=_l("Link"))
    ok = BooleanField(null=True)
    seen = CharField(max_length=200, default="")
    looked_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("submission", "address"), True),)
