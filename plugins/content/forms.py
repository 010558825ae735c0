"""The forms of the acts on a piece; each field is named as the verb's argument it fills."""

from __future__ import annotations

from wtforms import BooleanField, FileField, MultipleFileField

from panel.api import (
    ChoiceField,
    DayField,
    Form,
    LineField,
    MomentField,
    ProseField,
    RefField,
    RefListField,
    Required,
    WholeField,
    _l,
)
from plugins.accounts.services import Account
from plugins.content.choices import Consent, HitState, Origin
from plugins.content.models import Submission
from plugins.content.policy import Medium


class NoteForm(Form):
    """Handing in."""

    note = ProseField(_l("Note to the reviewers"))


class UploadForm(Form):
    """A text from a file."""

    file = FileField(
        _l("File"),
        description=_l("Word (.docx), Markdown or plain text. It replaces the text; pictures in it become files."),
    )


class FilesForm(Form):
    """Pictures, videos, recordings, documents."""

    file = MultipleFileField(_l("Files"), description=_l("Pictures, videos, recordings, documents; several at once."))
    caption = LineField(_l("Caption"), most=300)
    origin = ChoiceField(_l("Origin"), Origin, default=Origin.OWN.value)
    licence = LineField(_l("Licence note"), most=300, description=_l("Whose it is and why it may be published."))


class FileForm(Form):
    """What is said of one file."""

    caption = LineField(_l("Caption"), most=300)
    origin = ChoiceField(_l("Origin"), Origin)
    licence = LineField(_l("Licence note"), most=300)


class ConsentForm(Form):
    """The consent with its paper."""

    consent = ChoiceField(_l("Consent or licence"), Consent)
    consent_note = LineField(_l("Of whom, and when"), most=300)
    file = FileField(_l("Paper of the consent"))


class CommentForm(Form):
    """A remark on a passage."""

    quote = LineField(_l("Passage"), most=500, description=_l("Copied from the text; empty: the piece as a whole."))
    note = ProseField(_l("What is to be changed"), [Required()], most=1000)


class HitForm(Form):
    """A decision on something found."""

    state = ChoiceField(_l("Decision"), HitState, leave=(HitState.OPEN.value,))
    reason = LineField(_l("Reason"), [Required()], most=300)


class ReleaseForm(Form):
    """That a piece went out."""

    account = RefField(_l("Account"), Account)
    medium = RefField(_l("Or in the medium"), Medium, description=_l("A newspaper, a broadcast, another's account."))
    released_on = DayField(_l("Released on"), description=_l("Today, if left empty."))
    released_at = MomentField(_l("Released at"), description=_l("Day and time, where the hours of release matter."))
    link = LineField(_l("Link"), most=500)
    file = FileField(_l("Screenshot or saved page"))
    mass = BooleanField(_l("Sent to all followers (mass send)"))
    tested = BooleanField(_l("A test send was looked at before"))
    note = LineField(_l("Note"), most=300)


class MendForm(Form):
    """A correction or withdrawal after release."""

    what = ProseField(_l("What was wrong, what was done"), [Required()], most=1000)
    on = DayField(_l("On"), description=_l("Today, if left empty."))


class ReadsForm(Form):
    """How often a release was read."""

    on = DayField(_l("As of"), [Required()])
    reads = WholeField(_l("Reads"), [Required()])
    likes = WholeField(_l("Likes"))


class RepostForm(Form):
    """Accounts that are to repost."""

    accounts = RefListField(_l("Accounts"), Account, [Required()])
    due_on = DayField(_l("By"), [Required()])


class DropForm(Form):
    """A task that is not to be done."""

    why = LineField(_l("Because"), [Required()])


class SupplyForm(Form):
    """The submission that answers an item of the plan."""

    submission = RefField(_l("Submission"), Submission, [Required()])


class DayForm(Form):
    """A day."""

    on = DayField(_l("On"), description=_l("Today, if left empty."))
