"""The values submissions and releases know, with their labels and the look of their state."""

from __future__ import annotations

from panel.api import Choice, _l


class State(Choice):
    """Where a submission stands."""

    DRAFT = "draft", _l("Draft"), "state-off"
    REVIEW = "review", _l("Under review"), "state-wait"
    RETURNED = "returned", _l("Returned for revision"), "state-bad"
    APPROVED = "approved", _l("Approved, to be released"), "state-ok"
    RELEASED = "released", _l("Released"), "state-ok"
    REJECTED = "rejected", _l("Not accepted"), "state-bad"
    WITHDRAWN = "withdrawn", _l("Withdrawn after release"), "state-bad"


EDITABLE = (State.DRAFT.value, State.RETURNED.value)  # in which the text may be written
HANDED_IN = (State.REVIEW.value, State.APPROVED.value, State.RELEASED.value)


class Class(Choice):
    """What kind of release it is: chains ask for it (s0-08-r06, s1-19-r07)."""

    GENERAL = "general", _l("General")
    IMPORTANT = "important", _l("Important")
    SENSITIVE = "sensitive", _l("Sensitive")
    NEWS = "news", _l("Major news")
    MEDICAL = "medical", _l("Medical knowledge")
    DOCUMENTS = "documents", _l("Documents of superiors")


class Kind(Choice):
    """What a piece is made of."""

    ARTICLE = "article", _l("Article")
    BRIEF = "brief", _l("Brief news")
    PHOTOS = "photos", _l("Photo set")
    VIDEO = "video", _l("Video")
    AUDIO = "audio", _l("Audio")
    DESIGN = "design", _l("Poster or interactive page")


class Source(Choice):
    """Where the text comes from (s2-07-r03)."""

    ORIGINAL = "original", _l("Original")
    REPRINT = "reprint", _l("Reprint")
    FORWARDED = "forwarded", _l("Forwarded")


class Consent(Choice):
    """By what right somebody else's work is used (s0-05-r10, s4-01-r12)."""

    NONE = "none", _l("None recorded")
    WRITTEN = "written", _l("Consent of the right holder")
    LICENCE = "licence", _l("Open licence")
    OFFICIAL = "official", _l("Free by law (official documents, plain news)")


class Speaker(Choice):
    """Who speaks (s1-22-r09)."""

    OFFICIAL = "official", _l("The institution, officially")
    PERSONAL = "personal", _l("A member, personally")


class Part(Choice):
    """What somebody contributed."""

    AUTHOR = "author", _l("Written by")
    PHOTO = "photo", _l("Photos")
    VIDEO = "video", _l("Video")
    DESIGN = "design", _l("Design")
    EDITOR = "editor", _l("Editing")


class Media(Choice):
    """What a file is, by its content."""

    IMAGE = "image", _l("Picture")
    VIDEO = "video", _l("Video")
    AUDIO = "audio", _l("Audio")
    PAPER = "paper", _l("Document")


class Origin(Choice):
    """Where a picture or recording comes from (s0-01-r06, s1-19-r08)."""

    OWN = "own", _l("Own")
    SUPPLIED = "supplied", _l("Supplied with the right to publish")
    NETWORK = "network", _l("From the net")


class TopicKind(Choice):
    """By what submissions are classed."""

    RANGE = "range", _l("Range of content")
    THEME = "theme", _l("Theme")
    LEVEL = "level", _l("Level of the activity")


class MediumLevel(Choice):
    """How far a medium reaches; fees go by it."""

    NATIONAL = "national", _l("National media")
    PROVINCIAL = "provincial", _l("Provincial media")
    MUNICIPAL = "municipal", _l("Municipal media")
    DISTRICT = "district", _l("District media")
    INSTITUTION = "institution", _l("The institution's media")
    UNIT = "unit", _l("Media of a unit")


class WordPlace(Choice):
    """Where a word is looked for."""

    ANY = "any", _l("Title and text")
    TITLE = "title", _l("Title only")


class Effect(Choice):
    """What a word in a text does."""

    HOLD = "hold", _l("Held until a reviewer decides"), "badge-warning"
    FORBID = "forbid", _l("Refused"), "badge-danger"


class HitKind(Choice):
    """What was found in a text or file and needs a decision."""

    WORD = "word", _l("Word of the list")
    PHONE = "phone", _l("Mobile number")
    ID_CARD = "id_card", _l("ID number")
    POSITION = "position", _l("Where a picture was taken")
    RIGHTS = "rights", _l("From the net, without a licence note")


class HitState(Choice):
    """How it was decided."""

    OPEN = "open", _l("To be decided"), "state-wait"
    CLEARED = "cleared", _l("May stay"), "state-ok"
    BARRED = "barred", _l("Must go"), "state-bad"


class ItemKind(Choice):
    """How a reviewer answers an item of the checklist."""

    CONFIRM = "confirm", _l("Must be confirmed")
    BAR = "bar", _l("Bars the release where it applies")


class RoundState(Choice):
    """How a round of review stands, or ended."""

    WAITING = "waiting", _l("Under review"), "state-wait"
    APPROVED = "approved", _l("Approved"), "state-ok"
    RETURNED = "returned", _l("Returned for revision"), "state-bad"
    REJECTED = "rejected", _l("Not accepted"), "state-bad"
    WITHDRAWN = "withdrawn", _l("Taken back"), "state-off"
    VOID = "void", _l("Void: the text was changed"), "state-bad"


class Task(Choice):
    """What an account has to do with a piece."""

    PUBLISH = "publish", _l("Publish")
    LINK = "link", _l("Publish alongside")
    REPOST = "repost", _l("Repost")


class ReleaseState(Choice):
    """Whether a release stands."""

    OUT = "out", _l("Out"), "state-ok"
    WITHDRAWN = "withdrawn", _l("Taken down"), "state-bad"


class Mending(Choice):
    """What was done to a piece after it went out."""

    CORRECTED = "corrected", _l("Corrected")
    WITHDRAWN = "withdrawn", _l("Taken down")


class PlanState(Choice):
    """Where an item of the plan stands."""

    PROPOSED = "proposed", _l("Proposed"), "state-wait"
    ACCEPTED = "accepted", _l("In the plan"), "state-ok"
    DONE = "done", _l("Supplied"), "state-ok"
    DROPPED = "dropped", _l("Dropped"), "state-off"


class Period(Choice):
    """The span a sending budget counts in."""

    DAY = "day", _l("a day")
    WEEK = "week", _l("a week")
    MONTH = "month", _l("a month")
