"""Checks over a piece that is handed in: what it must state, its length, whose work it is, what it needs decided."""

from __future__ import annotations

import functools
from typing import Any

from panel.api import Mend, Severity, Touched, Unit, _l, breaking, check, exists, how_many, listed
from plugins.content.choices import (
    EDITABLE,
    HANDED_IN,
    Consent,
    HitState,
    Kind,
    Part,
    Source,
    State,
)
from plugins.content.models import Contribution, Hit, Link, Submission, Target
from plugins.content.policy import Column, ContentPolicy, Topic

piece_check = functools.partial(check, subject=Submission, policy=ContentPolicy)
gap_check = functools.partial(piece_check, severity=Severity.ERROR)

EDIT = Mend(_l("Write on"), "content_submission.edit_view")
LOOK = Mend(_l("Look at the piece"), "content_submission.details_view")


def handed_in(piece: Any) -> Any:
    """Pieces under review or beyond."""
    return piece.state.in_(HANDED_IN)


def in_review(piece: Any) -> Any:
    return piece.state == State.REVIEW.value


def written(piece: Any) -> Any:
    """Pieces that consist of a text."""
    return piece.kind.in_([Kind.ARTICLE.value, Kind.BRIEF.value])


@gap_check(
    "content.no_title",
    rules=("s1-04-r06", "s2-08-r06"),
    title=_l("A piece without title"),
    message=_l("The title is missing"),
    mend=EDIT,
    form_field="headline",
)
def no_title(piece: Any, _policy: Any, _day: Any) -> Any:
    return breaking(piece, in_review(piece) & (piece.headline == ""))


@gap_check(
    "content.no_text",
    rules=("s1-04-r06", "s2-08-r06"),
    title=_l("A piece without text"),
    message=_l("There is no text, picture or video"),
    mend=EDIT,
    form_field="body",
)
def no_text(piece: Any, _policy: Any, _day: Any) -> Any:
    empty = (piece.words == 0) & (written(piece) | ((piece.photos == 0) & (piece.videos == 0)))
    return breaking(piece, in_review(piece) & empty)


@gap_check(
    "content.too_long",
    parameters=("max_words",),
    rules=("s2-09-r14",),
    title=_l("A text that is too long"),
    message=_l("The text has %(count)s characters, at most %(limit)s are allowed"),
    advice=_l("Shorten it."),
    mend=EDIT,
    measure="count",
    form_field="body",
)
def too_long(piece: Any, policy: Any, _day: Any) -> Any:
    broken = in_review(piece) & (piece.words > policy.max_words)
    return breaking(piece, broken, count=piece.words, limit=policy.max_words)


@piece_check(
    "content.too_short",
    parameters=("min_words",),
    rules=("s0-11-r04",),
    title=_l("A text that is short for an article"),
    message=_l("The text has %(count)s characters; an article has at least %(limit)s"),
    mend=EDIT,
    form_field="body",
)
def too_short(piece: Any, policy: Any, _day: Any) -> Any:
    broken = in_review(piece) & (piece.kind == Kind.ARTICLE.value) & (piece.words < policy.min_words)
    return breaking(piece, broken, count=piece.words, limit=policy.min_words)


@piece_check(
    "content.no_picture",
    parameters=("pictures_expected",),
    rules=("s0-11-r04", "s0-11-r12", "s2-09-r13", "s1-17-r09"),
    title=_l("No picture"),
    message=_l("No picture and no video: photo sets or video are expected"),
    advice=_l("Attach one where there is one."),
    mend=EDIT,
)
def no_picture(piece: Any, policy: Any, _day: Any) -> Any:
    return breaking(piece, in_review(piece) & policy.pictures_expected & (piece.photos == 0) & (piece.videos == 0))


@gap_check(
    "content.no_author",
    parameters=("attribution_required",),
    rules=("s2-01-r13", "s2-07-r03"),
    watches={Contribution: "submission"},
    title=_l("No author named"),
    message=_l("No author is named"),
    mend=EDIT,
    form_field="authors",
)
def no_author(piece: Any, policy: Any, _day: Any) -> Any:
    named = exists(Contribution, Contribution.submission == piece.id, Contribution.part.not_in([Part.EDITOR.value]))
    return breaking(piece, in_review(piece) & policy.attribution_required & ~named)


@gap_check(
    "content.author_without_unit",
    parameters=("attribution_required",),
    rules=("s2-01-r13",),
    watches={Contribution: "submission"},
    title=_l("An author without unit"),
    message=_l("The unit of %(names)s is missing"),
    mend=EDIT,
    form_field="outsiders",
)
def author_without_unit(piece: Any, policy: Any, _day: Any) -> Any:
    bare: Any = Contribution.select(Contribution.name.alias("text")).where(
        Contribution.submission == piece.id, Contribution.person.is_null(), Contribution.unit_name == ""
    )
    broken = in_review(piece) & policy.attribution_required & exists(bare)
    return breaking(piece, broken, names=listed(bare.order_by(Contribution.position)))


@gap_check(
    "content.no_source",
    parameters=("attribution_required",),
    rules=("s2-07-r03", "s1-10-r06"),
    title=_l("The source is not stated"),
    message=_l("It does not say whether this is original, a reprint or forwarded"),
    mend=EDIT,
    form_field="source",
)
def no_source(piece: Any, policy: Any, _day: Any) -> Any:
    return breaking(piece, in_review(piece) & policy.attribution_required & piece.source.is_null())


@gap_check(
    "content.reprint_without_source",
    rules=("s0-05-r10", "s2-09-r12", "s4-01-r12"),
    title=_l("A reprint without its source"),
    message=_l("It is taken from others, but does not say from whom"),
    mend=EDIT,
    form_field="source_name",
)
def reprint_without_source(piece: Any, _policy: Any, _day: Any) -> Any:
    return breaking(piece, in_review(piece) & (piece.source != Source.ORIGINAL.value) & (piece.source_name == ""))


@gap_check(
    "content.reprint_without_consent",
    parameters=("consent_required",),
    rules=("s0-04-r05", "s0-05-r10", "s4-01-r12"),
    title=_l("A reprint without consent"),
    message=_l("Neither consent nor licence for this reprint is on record"),
    advice=_l("Enter the consent; where it can go without, have a waiver granted with its reason."),
    mend=EDIT,
    form_field="consent",
)
def reprint_without_consent(piece: Any, policy: Any, _day: Any) -> Any:
    taken = (piece.source != Source.ORIGINAL.value) & (piece.consent == Consent.NONE.value)
    return breaking(piece, in_review(piece) & policy.consent_required & taken)


@gap_check(
    "content.not_original",
    parameters=("originals_only",),
    rules=("s0-02-r04",),
    title=_l("Not original"),
    message=_l("Only original work is accepted"),
    mend=EDIT,
    form_field="source",
)
def not_original(piece: Any, policy: Any, _day: Any) -> Any:
    return breaking(piece, in_review(piece) & policy.originals_only & (piece.source != Source.ORIGINAL.value))


@gap_check(
    "content.quotes_without_source",
    rules=("s1-10-r06",),
    title=_l("A quotation without source"),
    message=_l("It quotes views or figures of others without saying whose"),
    mend=EDIT,
    form_field="quote_source",
)
def quotes_without_source(piece: Any, _policy: Any, _day: Any) -> Any:
    return breaking(piece, in_review(piece) & piece.quotes & (piece.quote_source == ""))


def _required(code: str, parameter: str, column: str, rules: tuple[str, ...], title: Any, message: Any) -> Any:
    """A check that a piece states something the policy asks for."""

    def query(piece: Any, policy: Any, _day: Any) -> Any:
        field = getattr(piece, column)
        blank = field.is_null() if field.field.null else ~field
        return breaking(piece, in_review(piece) & getattr(policy, parameter) & blank)

    declared = gap_check(
        code, parameters=(parameter,), rules=rules, title=title, message=message, mend=EDIT, form_field=column
    )
    return declared(query)


no_column = _required(
    "content.no_column",
    "column_required",
    "column",
    ("s0-10-r01",),
    _l("No column"),
    _l("The column is missing"),
)
no_topic = _required(
    "content.no_topic",
    "topic_required",
    "topic",
    ("s0-05-r07", "s0-11-r05", "s1-17-r08", "s2-04-r08", "s2-05-r08", "s2-06-r05", "s2-09-r07"),
    _l("No range of content"),
    _l("The range of content is missing"),
)
no_theme = _required(
    "content.no_theme", "theme_required", "theme", ("s0-02-r03",), _l("No theme"), _l("The theme is missing")
)
no_level = _required(
    "content.no_level",
    "level_required",
    "activity",
    ("s0-02-r02",),
    _l("No level of the activity"),
    _l("The level of the activity is missing"),
)
no_speaker = _required(
    "content.no_speaker",
    "speaker_required",
    "speaker",
    ("s1-22-r09",),
    _l("Unclear who speaks"),
    _l("It does not say who speaks: the institution, or a member personally"),
)
not_vouched = _required(
    "content.not_vouched",
    "vouching_required",
    "vouched",
    ("s0-02-r04",),
    _l("Nobody answers for the text"),
    _l("The author has not declared to answer for the text"),
)
not_proofread = _required(
    "content.not_proofread",
    "proofreading_required",
    "proofread",
    ("s0-02-r05",),
    _l("Not proofread"),
    _l("The author has not ticked that the text is proofread"),
)


@gap_check(
    "content.no_leader",
    rules=("s0-11-r05",),
    watches={Topic: lambda t: Submission.select(Submission.id).where(Submission.topic.in_(t.ids))},
    title=_l("No approving leader named"),
    message=_l("“%(topic)s” needs the leader named who approved it"),
    mend=EDIT,
    form_field="leader",
)
def no_leader(piece: Any, _policy: Any, _day: Any) -> Any:
    asked = Topic.select(Topic.name).where(Topic.id == piece.topic, Topic.needs_leader)
    return breaking(piece, in_review(piece) & exists(asked) & piece.leader.is_null(), topic=asked)


@piece_check(
    "content.column_of_another",
    rules=("s0-08-r04",),
    watches={
        Column: lambda t: Submission.select(Submission.id).where(Submission.column.in_(t.ids)),
        Unit: lambda t: Submission.select(Submission.id).where(Submission.unit.in_(t.ids)),
    },
    title=_l("The column of another unit"),
    message=_l("The column “%(column)s” belongs to %(unit)s"),
    advice=_l("Whoever reviews it accepts or returns it."),
    mend=EDIT,
)
def column_of_another(piece: Any, _policy: Any, _day: Any) -> Any:
    other = Column.select(Column.name).where(Column.id == piece.column, Column.unit != piece.unit)
    owner = Unit.select(Unit.name).join(Column, on=(Column.unit == Unit.id)).where(Column.id == piece.column)
    return breaking(piece, in_review(piece) & exists(other), column=other, unit=owner)


# ── what was found in it ───────────────────────────────────────────────────────────────────────


@gap_check(
    "content.forbidden_word",
    rules=("s0-04-r04", "s4-01-r17"),
    watches={Hit: "submission"},
    title=_l("A word that is refused"),
    message=_l("The text contains what the list refuses: %(words)s"),
    advice=_l("Write it differently."),
    mend=EDIT,
    measure="words",
    form_field="body",
)
def forbidden_word(piece: Any, _policy: Any, _day: Any) -> Any:
    hits: Any = Hit.select(Hit.text.alias("text")).where(Hit.submission == piece.id, Hit.refused)
    return breaking(piece, in_review(piece) & exists(hits), words=listed(hits.order_by(Hit.id)))


@piece_check(
    "content.held",
    rules=("s0-04-r04", "s1-01-r03", "s1-05-r07", "s1-08-r09", "s1-16-r06", "s2-02-r10", "s2-04-r12", "s1-19-r08"),
    watches={Hit: "submission"},
    title=_l("Held until somebody decides"),
    message=_l("To be decided by a reviewer: %(words)s"),
    advice=_l("Decide on each, with the reason; until then it cannot be approved."),
    mend=LOOK,
    at_save=False,
)
def held(piece: Any, _policy: Any, _day: Any) -> Any:
    hits: Any = Hit.select(Hit.text.alias("text")).where(
        Hit.submission == piece.id, Hit.state != HitState.CLEARED.value
    )
    return breaking(piece, in_review(piece) & exists(hits), words=listed(hits.order_by(Hit.id)))


@piece_check(
    "content.nearly_the_same",
    parameters=("likeness",),
    rules=("s1-09-r08",),
    title=_l("Nearly the same as an earlier piece"),
    message=_l("%(likeness)s %% the same as “%(other)s”"),
    advice=_l("Look whether it is submitted twice, or copied."),
    mend=LOOK,
)
def nearly_the_same(piece: Any, policy: Any, _day: Any) -> Any:
    earlier = Submission.alias("e")
    other = earlier.select(earlier.headline).where(earlier.id == piece.alike)
    broken = in_review(piece) & piece.alike.is_null(False) & (piece.likeness >= policy.likeness)
    return breaking(piece, broken, likeness=piece.likeness, other=other)


@piece_check(
    "content.dead_link",
    rules=("s0-11-r04",),
    watches={Link: "submission"},
    title=_l("A link that leads nowhere"),
    message=_l("These links did not answer: %(links)s"),
    mend=LOOK,
    at_save=False,
)
def dead_link(piece: Any, _policy: Any, _day: Any) -> Any:
    dead: Any = Link.select(Link.address.alias("text")).where(Link.submission == piece.id, ~Link.ok)
    wanted = piece.state.in_([*EDITABLE, State.REVIEW.value, State.APPROVED.value])
    return breaking(piece, wanted & exists(dead), links=listed(dead.order_by(Link.id)))


# ── how often ──────────────────────────────────────────────────────────────────────────────────


def _same_day(touched: Touched) -> Any:
    """Pieces that are due on an account on the days of these tasks."""
    return Target.select(Target.submission).where(
        Target.account.in_(touched.values("account")), Target.due_on.in_(touched.values("due_on"))
    )


def _beside(touched: Touched) -> Any:
    """These pieces, and those that are due with them on an account on a day."""
    mine, others = Target.alias("mine"), Target.alias("others")
    same_day = (others.account == mine.account) & (others.due_on == mine.due_on)
    return others.select(others.submission).join(mine, on=same_day).where(mine.submission.in_(touched.ids))


@piece_check(
    "content.crowded_day",
    parameters=("day_most",),
    rules=("s2-04-r05",),
    watches={Target: _same_day, Submission: _beside},
    title=_l("Too many pieces on a day"),
    message=_l("%(count)s pieces are planned for one account on one day; the limit is %(limit)s"),
    advice=_l("Plan it for another day."),
    mend=EDIT,
    measure="count",
)
def crowded_day(piece: Any, policy: Any, _day: Any) -> Any:
    mine, others, earlier = Target.alias("mine"), Target.alias("others"), Submission.alias("earlier")
    same_day = (others.account == mine.account) & (others.due_on == mine.due_on)
    count = how_many(
        mine.select().join(others, on=same_day).join(earlier, on=(earlier.id == others.submission)),
        mine.submission == piece.id,
        mine.dropped == "",
        others.dropped == "",
        earlier.id <= piece.id,
        handed_in(earlier),
    )
    return breaking(piece, handed_in(piece) & (count > policy.day_most), count=count, limit=policy.day_most)
