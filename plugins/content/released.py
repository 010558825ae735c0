"""What other plugins may know of released pieces: who contributed what, where it went out, how often it was read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import fn

from panel.api import Institution
from plugins.content.models import Contribution, Correction, ReadCount, Release, Submission

Piece = Release  # the unit that is released once; several of one submission are the same work in several channels


def released_pieces(institution: Institution, first: date, last: date) -> Any:
    """The releases of a span that stand, each joined with its submission, ordered by id: a query.

    `release.submission` has `kind`, `class_`, `source`, `unit`, `words`, `photos`, `videos`; the release its
    `account` or `medium` (with its `level`) and `released_on`. A withdrawn release is not among them.
    """
    return (
        Release.select(Release, Submission)
        .join(Submission)
        .where(
            Release.institution == institution,
            Release.released_on.between(first, last),
            Release.state == "out",
        )
        .order_by(Release.id)
    )


def contributions_of(submissions: Iterable[int]) -> Any:
    """Who contributed to these submissions, in order: `part`, `person` or `name` and `unit_name`, `share`.

    Shares are hundredths of a percent and sum to 10,000 within a part; null for all of a part: equal shares.
    """
    return (
        Contribution.select()
        .where(Contribution.submission.in_(list(submissions)))
        .order_by(Contribution.submission, Contribution.part, Contribution.position)
    )


def reads_by(releases: Iterable[int], day: date) -> dict[int, int]:
    """The latest figure of reads on or before a day, by release; releases without one are absent."""
    latest: Any = (
        ReadCount.select(ReadCount.release, fn.MAX(ReadCount.on).alias("day"))
        .where(ReadCount.release.in_(list(releases)), ReadCount.on <= day)
        .group_by(ReadCount.release)
        .alias("latest")
    )
    rows: Any = (
        ReadCount.select(ReadCount.release, ReadCount.reads)
        .join(latest, on=((ReadCount.release == latest.c.release_id) & (ReadCount.on == latest.c.day)))
        .tuples()
    )
    return {int(release): int(reads) for release, reads in rows}


def withdrawn_between(institution: Institution, first: date, last: date) -> Any:
    """The withdrawals of a span, each joined with its release: a query. What was paid for them is to be made good."""
    return (
        Correction.select(Correction, Release)
        .join(Release)
        .where(
            Correction.institution == institution,
            Correction.kind == "withdrawn",
            Correction.on.between(first, last),
        )
        .order_by(Correction.id)
    )
