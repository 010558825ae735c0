"""The forms of the acts on a piece; each field is named as the verb's argument it fills."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FileField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from panel.api import Choice, DayField, Form, MomentField, RefField, RefListField, Required, WholeField, _l
from plugins.accounts.services import Account
from plugins.content.choices import Consent, HitState, Origin
from plugins.content.models import Submission
from plugins.content.policy import Medium


def _text(label: Any, most: int, needed: bool = False, **options: Any) -> StringField:
    return StringField(
        label,
        [Required()] if needed else [],
        filters=[lambda typed: " ".join((typed or "").split())[:most]],
        render_kw={"maxlength": most},
        **options,
    )


def _prose(label: Any, most: int, needed: bool = False, **options: Any) -> TextAreaField:
    checks: list[Any] = [Required()] if needed else []
    return TextAreaField(label, [*checks, Length(max=most)], filters=[_trimmed], **options)


def _trimmed(typed: str | None) -> str:
    return (typed or "").replace("\r\n", "\n").strip()


def _choice(label: Any, kind: type[Choice], leave: tuple[str, ...] = (), **options: Any) -> SelectField:
    return SelectField(label, choices=[SelectChoice(m.value, m.label) for m in kind if m.value not in leave], **options)


class NoteForm(Form):
    """Handing in."""

    note = _prose(_l("Note to the reviewers"), 2000)


class SureForm(Form):
    """An act that asks for nothing but to be confirmed."""


class UploadForm(Form):
    """A text from a file."""

    file = FileField(
        _l("File"),
        description=_l("Word (.docx), Markdown or plain text. It replaces the text; pictures in it become files."),
    )


class FilesForm(Form):
    """Pictures, videos, recordings, documents."""

    file = MultipleFileField(_l("Files"), description=_l("Pictures, videos, recordings, documents; several at once."))
    caption = _text(_l("Caption"), 300)
    origin = _choice(_l("Origin"), Origin, default=Origin.OWN.value)
    licence = _text(_l("Licence note"), 300, description=_l("Whose it is and why it may be published."))


class FileForm(Form):
    """What is said of one file."""

    caption = _text(_l("Caption"), 300)
    origin = _choice(_l("Origin"), Origin)
    licence = _text(_l("Licence note"), 300)


class ConsentForm(Form):
    """The consent with its paper."""

    consent = _choice(_l("Consent or licence"), Consent)
    consent_note = _text(_l("Of whom, and when"), 300)
    file = FileField(_l("Paper of the consent"))


class CommentForm(Form):
    """A remark on a passage."""

    quote = _text(_l("Passage"), 500, description=_l("Copied from the text; empty: the piece as a whole."))
    note = _prose(_l("What is to be changed"), 1000, needed=True)


class HitForm(Form):
    """A decision on something found."""

    state = _choice(_l("Decision"), HitState, leave=(HitState.OPEN.value,))
    reason = _text(_l("Reason"), 300, needed=True)


class ReleaseForm(Form):
    """That a piece went out."""

    account = RefField(_l("Account"), Account)
    medium = RefField(_l("Or in the medium"), Medium, description=_l("A newspaper, a broadcast, another's account."))
    released_on = DayField(_l("Released on"), description=_l("Today, if left empty."))
    released_at = MomentField(_l("Released at"), description=_l("Day and time, where the hours of release matter."))
    link = _text(_l("Link"), 500)
    file = FileField(_l("Screenshot or saved page"))
    mass = BooleanField(_l("Sent to all followers (mass send)"))
    tested = BooleanField(_l("A test send was looked at before"))
    note = _text(_l("Note"), 300)


class MendForm(Form):
    """A correction or withdrawal after release."""

    what = _prose(_l("What was wrong, what was done"), 1000, needed=True)
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

    why = _text(_l("Because"), 200, needed=True)


class SupplyForm(Form):
    """The submission that answers an item of the plan."""

    submission = RefField(_l("Submission"), Submission, [Required()])


class DayForm(Form):
    """A day."""

    on = DayField(_l("On"), description=_l("Today, if left empty."))
