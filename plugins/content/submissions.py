"""Writing and handing in: the text, who contributed, the files, and what is found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import (
    NotFound,
    Person,
    Refused,
    _,
    approval_of,
    current,
    files,
    policy_of,
    records,
    submit_for_approval,
    today,
    transaction,
    utcnow,
    withdraw_approval,
)
from plugins.accounts.services import Account
from plugins.content import media, texts
from plugins.content.choices import EDITABLE, HitState, Part, RoundState, State
from plugins.content.finding import numbers_in
from plugins.content.models import Attachment, Band, Contribution, Hit, Link, Round, Scratch, Submission, Target
from plugins.content.policy import ContentPolicy
from plugins.content.rereading import reread

SUBJECT = "content.submission"
MOST_FILES = 60


@dataclass(frozen=True)
class Contributor:
    """Who contributed to a part: a person of the roster or a name; `share` in hundredths of a percent, or None."""

    person: Person | None = None
    name: str = ""
    unit_name: str = ""
    share: int | None = None


# ── the text ───────────────────────────────────────────────────────────────────────────────────


def begin(values: dict[str, Any]) -> Submission:
    """A new draft. `values`: the columns; `parts` {Part: [Contributor]}; `accounts` it is for."""
    parts, accounts = values.pop("parts", {}), values.pop("accounts", [])
    with transaction():
        values["body"] = texts.kept(values.get("body") or "")
        row = records.create(Submission, **{"submitter": _user(), **values})
        for part, people in parts.items():
            _contribute(row, Part(part), people)
        set_targets(row, accounts)
        reread(row)
    return row


def change(row: Submission, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a draft, or one that was returned. Raises Refused once it is handed in; Stale."""
    parts, accounts = values.pop("parts", {}), values.pop("accounts", None)
    with transaction():
        _editable(row)
        if "body" in values:
            values["body"] = texts.kept(values["body"] or "")
        records.update(row, expected_version, **values)
        for part, people in parts.items():
            _contribute(row, Part(part), people)
        if accounts is not None or "planned_at" in values:
            set_targets(row, accounts)
        reread(row)
        forget_scratch(row)


def discard(row: Submission) -> None:
    """Delete a draft that was never handed in, with its parts. Raises Refused for any other."""
    with transaction():
        if Submission.get_by_id(row.id).round:
            raise Refused(_("This piece was handed in once; it stays on record."))
        for model in (Contribution, Attachment, Hit, Target):
            for part in list(model.select().where(model.submission == row)):
                records.delete(part)
        for other in (Band, Link, Scratch):
            other.delete().where(other.submission == row).execute()
        records.delete(row)


def import_text(row: Submission, name: str, data: bytes) -> int:
    """Take over the text of a Word, Markdown or text file; pictures in it become attachments. Gives their number."""
    if name.lower().endswith(".docx") or data.startswith(b"PK\x03\x04"):
        text, pictures = texts.from_word(data)
    else:
        text, pictures = texts.from_markdown(data), []
    if not text and not pictures:
        raise Refused(_("There is no text in this file."), "file")
    first = text.partition("\n")[0]
    values: dict[str, Any] = {"body": text}
    if not row.headline and first.startswith("# "):
        values = {"headline": first[2:].strip()[:200], "body": text.partition("\n")[2].strip()}
    with transaction():
        change(row, None, values)
        for number, picture in enumerate(pictures, 1):
            attach(row, f"{name.rpartition('.')[0]}-{number}", picture)
    return len(pictures)


def keep_scratch(row: Submission, headline: str, body: str) -> None:
    """Keep what is being written, for whoever writes it. No entry: it is nobody's text yet."""
    user = _user()
    if user is None:
        return
    with transaction():
        _editable(row)
        values = {
            "headline": headline[:200],
            "body": texts.kept(body),
            "version": row.version,
            "kept_at": utcnow(),
        }
        written = Scratch.update(**values).where(Scratch.submission == row, Scratch.user == user).execute()
        if not written:
            Scratch.insert(submission=row, user=user, **values).execute()


def scratch_of(row: Submission) -> Scratch | None:
    """What whoever asks was writing last and has not saved."""
    user = _user()
    found: Scratch | None = Scratch.get_or_none(Scratch.submission == row, Scratch.user == user) if user else None
    return found if found and (found.headline, found.body) != (row.headline, row.body) else None


def take_scratch(row: Submission, keep: bool) -> None:
    """Take over what whoever asks was writing and had not saved; or, with `keep` False, throw it away."""
    found = scratch_of(row)
    with transaction():
        if found is not None and keep:
            change(row, None, {"headline": found.headline, "body": found.body})
        forget_scratch(row)


def forget_scratch(row: Submission) -> None:
    Scratch.delete().where(Scratch.submission == row, Scratch.user == _user()).execute()


def _user() -> Any:
    identity = current()
    return identity.user if identity else None


def _editable(row: Submission) -> None:
    stored = Submission.get_or_none(Submission.id == row.id)
    if stored is None:
        raise NotFound(_("This row is no longer there. Go back to the list and look again."))
    if stored.state not in EDITABLE:
        label = State(stored.state).label
        raise Refused(_("“%(title)s” is %(state)s: its text is fixed.", title=stored, state=label))


# ── contributors ───────────────────────────────────────────────────────────────────────────────


def _contribute(row: Submission, part: Part, people: Sequence[Contributor]) -> None:
    """Set who contributed to a part. Shares of a part are given for all or for none, and sum to 100 %."""
    shares = [one.share for one in people]
    if any(s is not None for s in shares):
        if any(s is None for s in shares):
            raise Refused(_("Give a share to everybody or to nobody."), "shares")
        if (total := sum(s or 0 for s in shares)) != 10_000:
            raise Refused(_("Shares sum to 100 %%; these sum to %(total)s %%.", total=f"{total / 100:g}"), "shares")
    stored = list(Contribution.select().where(Contribution.submission == row, Contribution.part == part.value))
    if [_key(one) for one in sorted(stored, key=lambda c: c.position)] == [_key(one) for one in people]:
        return
    for old in stored:
        records.delete(old)
    for position, one in enumerate(people):
        records.create(
            Contribution,
            institution=row.institution_id,
            submission=row,
            part=part.value,
            position=position,
            person=one.person,
            name="" if one.person else one.name.strip()[:60],
            unit_name=one.unit_name.strip()[:120],
            share=one.share,
        )


def _key(one: Any) -> tuple[Any, ...]:
    person = one.person_id if isinstance(one, Contribution) else one.person and one.person.id
    return person, "" if person else one.name, one.unit_name, one.share


def set_targets(row: Submission, accounts: Sequence[Account] | None) -> None:
    """Which accounts are to publish the piece (None: as before), due on the day it is planned for."""
    planned = row.planned_at
    zone = ZoneInfo(row.institution.time_zone)
    due_on = planned.astimezone(zone).date() if planned else None
    stored = {t.__data__["account"]: t for t in Target.select().where(Target.submission == row)}
    wanted = stored if accounts is None else {a.id: a for a in accounts}
    for key, target in stored.items():
        if key not in wanted:
            records.delete(target)
        elif target.due_on != due_on:
            records.update(target, due_on=due_on)
    for account in accounts or ():
        if account.institution_id != row.institution_id:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        if account.id not in stored:
            records.create(Target, institution=row.institution_id, submission=row, account=account, due_on=due_on)


# ── files ──────────────────────────────────────────────────────────────────────────────────────


def attach(row: Submission, name: str, data: bytes, **values: Any) -> Attachment:
    """Attach a file. `values`: caption, origin, licence. Raises Refused, for `file`, for what is not taken."""
    seen = media.look(data)
    media.held_to(seen, len(data), policy_of(ContentPolicy, row.institution_id, today()))
    with transaction():
        _editable(row)
        if Attachment.select().where(Attachment.submission == row).count() >= MOST_FILES:
            raise Refused(_("A piece has at most %(most)s files.", most=MOST_FILES), "file")
        stored = files.save_media(data, row.institution_id, seen.suffix)
        made = records.create(
            Attachment,
            institution=row.institution_id,
            submission=row,
            media=seen.media.value,
            file=stored,
            file_name=name.replace("\\", "/").rpartition("/")[2][-200:],
            format=seen.format,
            size=len(data),
            width=seen.width,
            height=seen.height,
            seconds=seen.seconds,
            hidden=" ".join(f.text for f in numbers_in(seen.hidden))[:300],
            located=seen.located,
            position=Attachment.select().where(Attachment.submission == row).count(),
            **values,
        )
        reread(row)
    return made


def attach_all(row: Submission, sent: Sequence[tuple[str, bytes]], **values: Any) -> int:
    """Attach several files, (name, content) pairs, all or none. A refusal names the file."""
    with transaction():
        for name, data in sent:
            try:
                attach(row, name, data, **values)
            except Refused as refusal:
                raise Refused(f"{name}: {refusal.message}", refusal.field) from refusal
    return len(sent)


def describe(file: Attachment, **values: Any) -> None:
    """Change a file's caption, origin or licence note."""
    with transaction():
        _editable(file.submission)
        records.update(file, **values)
        reread(file.submission)


def detach(file: Attachment) -> None:
    """Take a file off a piece."""
    with transaction():
        _editable(file.submission)
        row = file.submission
        records.delete(file)
        reread(row)


# ── handing in ─────────────────────────────────────────────────────────────────────────────────


def hand_in(row: Submission, note: str = "") -> Round:
    """Hand a draft in for review: its text is kept as a round, and the chain that fits it begins.

    Raises Refused where it is handed in already, breaks a rule, or no chain fits.
    """
    with transaction():
        _editable(row)
        reread(row)
        made = records.create(
            Round,
            institution=row.institution_id,
            submission=row,
            number=row.round + 1,
            headline=row.headline,
            body=row.body,
            print=row.print,
            submitted_by=_user(),
            submitted_at=utcnow(),
            note=note.strip(),
        )
        records.update(row, state=State.REVIEW.value, round=made.number, submitted_at=utcnow())
        submit_for_approval(row, SUBJECT, note.strip())
    return made


def open_hits(row: Submission) -> list[Hit]:
    """What nobody has decided yet."""
    return list(Hit.select().where(Hit.submission == row, Hit.state != HitState.CLEARED.value).order_by(Hit.id))


def last_round(row: Submission) -> Round | None:
    found: Round | None = (
        Round.select().where(Round.submission == row).order_by(Round.number.desc()).first() if row.round else None
    )
    return found


def end_round(row: Submission, state: RoundState, why: str = "") -> None:
    """Note how a round of review ended."""
    made = last_round(row)
    if made is not None and made.state == RoundState.WAITING:
        records.update(made, state=state.value, note=why or made.note)


def take_back(row: Submission) -> None:
    """Take a piece back from review; whoever handed it in may. It is a draft again."""
    request = approval_of(row, SUBJECT)
    if row.state != State.REVIEW or request is None:
        raise Refused(_("This piece is not under review."))
    withdraw_approval(request, _("Taken back by whoever handed it in."))
