"""Hours in which nothing, or only then something, is released (s2-04-r06, s0-08-r06, s4-01-r19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from panel.api import Institution, Refused, _
from plugins.content.policy import ContentPolicy, Hours


@dataclass(frozen=True)
class Clash:
    """A time that does not fit, and when it would: `08:00`."""

    hours: Hours
    time: str
    better: str

    @property
    def sentence(self) -> str:
        return _(
            "%(time)s does not fit “%(hours)s”; the next time that does is %(better)s.",
            time=self.time,
            hours=self.hours,
            better=self.better,
        )


def zone_of(institution_id: int) -> ZoneInfo:
    """The institution's time zone."""
    return ZoneInfo(Institution.get_by_id(institution_id).time_zone)


def out_of_hours(institution: Institution, class_: str, at: datetime, policy: ContentPolicy | None) -> list[Clash]:
    """What a time of release clashes with. Urgent classes clash with nothing."""
    if policy is not None and class_ in policy.urgent_classes.split(","):
        return []
    local = at.astimezone(ZoneInfo(institution.time_zone))
    rows = list(Hours.select().where(Hours.institution == institution, Hours.active).order_by(Hours.begins))
    return clashes(rows, local)


def clashes(rows: list[Hours], local: datetime) -> list[Clash]:
    """The quiet hours a local time lies in; and the open ones, where there are some and it lies in none."""
    time, day = local.strftime("%H:%M"), str(local.isoweekday())
    here = [h for h in rows if day in h.weekdays]
    quiet = [h for h in here if h.quiet and h.begins <= time < h.ends]
    found = [Clash(h, time, _end_of(quiet, h)) for h in quiet]
    opened = [h for h in rows if not h.quiet]
    today = [h for h in here if not h.quiet]
    if opened and not any(h.begins <= time <= h.ends for h in today):
        later = [h for h in today if h.begins > time]
        nearest = later[0] if later else min(opened, key=lambda h: h.begins)
        found.append(Clash(nearest, time, nearest.begins))
    return found


def _end_of(quiet: list[Hours], first: Hours) -> str:
    end = first.ends
    for other in quiet:
        end = max(end, other.ends)
    return end


def checked(values: dict[str, str]) -> dict[str, str]:
    """Hours as they are kept. Raises Refused for what is no time, or no weekday."""
    clean = dict(values)
    for name in ("begins", "ends"):
        text = (values.get(name) or "").replace("：", ":").strip()
        hour, _colon, minute = text.partition(":")
        if not (hour.isdecimal() and minute.isdecimal() and int(hour) <= 24 and int(minute) < 60):
            raise Refused(_("Give a time as 08:00."), name)
        clean[name] = f"{int(hour):02d}:{int(minute):02d}"
    days = "".join(sorted({d for d in values.get("weekdays") or "" if d in "1234567"}))
    if not days:
        raise Refused(_("Name at least one weekday, 1 is Monday: 12345."), "weekdays")
    return {**clean, "weekdays": days}
