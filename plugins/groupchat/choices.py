"""The choices of work groups: what kind, where they live, how a case or a notice stands."""

from __future__ import annotations

from panel.api import Choice, _l


class GroupKind(Choice):
    """What a group is for."""

    STAFF = "staff", _l("Whole staff")
    DEPARTMENT = "department", _l("Department")
    TEACHERS = "teachers", _l("Class teachers")
    CLASS = "class", _l("Class")
    PARENTS = "parents", _l("Parents")
    PROJECT = "project", _l("One task")
    CUSTOMER = "customer", _l("Customers")
    OTHER = "other", _l("Other")


class App(Choice):
    """Where the group lives."""

    WECHAT = "wechat", _l("WeChat")
    WECOM = "wecom", _l("WeCom")
    DINGTALK = "dingtalk", _l("DingTalk")
    QQ = "qq", _l("QQ")


class GroupState(Choice):
    """Whether a group is asked for, in use or closed."""

    REQUESTED = "requested", _l("Requested"), "state-wait"
    ACTIVE = "active", _l("In use"), "state-ok"
    CLOSED = "closed", _l("Shut"), "state-off"


class MemberState(Choice):
    """Whether somebody is in a group."""

    EXPECTED = "expected", _l("To be added"), "state-wait"
    PRESENT = "present", _l("In the group"), "state-ok"
    GONE = "gone", _l("Out of the group"), "state-off"


class Match(Choice):
    """How a line of a member list was matched to a person."""

    REAL_NAME = "real_name", _l("By the real name")
    ALIAS = "alias", _l("By a known alias")
    CONFIRMED = "confirmed", _l("Confirmed by hand")
    NONE = "none", _l("Nobody known")


class SourceKind(Choice):
    """What was imported."""

    MEMBERS = "members", _l("Member list")
    CHAT = "chat", _l("Chat record")


class SourceState(Choice):
    """How an import stands."""

    WAITING = "waiting", _l("Waiting"), "state-wait"
    DONE = "done", _l("Taken in"), "state-ok"
    FAILED = "failed", _l("Cannot be read"), "state-bad"


class DayKind(Choice):
    """On which days quiet hours hold: the day on which a message falls decides."""

    ALL = "all", _l("Every day")
    WORKDAYS = "workdays", _l("Workdays")
    RESTDAYS = "restdays", _l("Weekends and holidays")


class CaseKind(Choice):
    """What is wrong with a post: what a machine can see, and what somebody reports."""

    QUIET_HOURS = "quiet_hours", _l("Quiet hours")
    TOO_LONG = "too_long", _l("Too long")
    FLOODING = "flooding", _l("Flooding the group")
    LINK = "link", _l("A link")
    FILE = "file", _l("A file")
    ADVERTISEMENT = "advertisement", _l("Advertisement")
    AFTER_HOURS = "after_hours", _l("After hours, unrelated to work")
    ABUSE = "abuse", _l("Insult, attack or abuse")
    CYBER_VIOLENCE = "cyber_violence", _l("Cyber-violence")
    FALSE = "false", _l("False or misleading information")
    QUARREL = "quarrel", _l("Complaint or quarrel")
    RUMOUR = "rumour", _l("Rumour")
    OBSCENE = "obscene", _l("Obscene or vulgar")
    SUPERSTITION = "superstition", _l("Superstition")
    REACTIONARY = "reactionary", _l("Reactionary words")
    AGAINST_PARTY = "against_party", _l("Negative news about Party or government")
    AGAINST_POLICY = "against_policy", _l("Against the institution's policy")
    SECRET = "secret", _l("Secret or personal data")
    INCITING = "inciting", _l("Inciting or extreme")
    DISRESPECT = "disrespect", _l("Disrespect or interruption")
    GROUNDLESS = "groundless", _l("Article without facts")
    OFF_PURPOSE = "off_purpose", _l("Off the group's purpose")
    CHAT = "chat", _l("Chatting")


class CaseState(Choice):
    """Whether a person has looked at a hit."""

    OPEN = "open", _l("To be judged"), "state-wait"
    CONFIRMED = "confirmed", _l("Confirmed"), "state-bad"
    CLOSED = "closed", _l("Dealt with"), "state-ok"
    DISMISSED = "dismissed", _l("Dismissed"), "state-off"


class Sanction(Choice):
    """What follows a confirmed case, lightest first."""

    NONE = "none", _l("None")
    ADVICE = "advice", _l("Advice")
    WARNING = "warning", _l("Warning")
    CRITICISM = "criticism", _l("Circulated criticism")
    FINE = "fine", _l("Fine")
    DISCIPLINE = "discipline", _l("Disciplinary action")
    REMOVAL = "removal", _l("Removal from the group")
    TERMINATION = "termination", _l("End of the labour contract")


class NoticeKind(Choice):
    """What a post carries; the last ones are those of class groups."""

    RELEASE = "release", _l("Release of information")
    ASSIGNMENT = "assignment", _l("Assignment of work")
    INSPECTION = "inspection", _l("Bulletin of an inspection")
    ASSESSMENT = "assessment", _l("Published assessment")
    SHARING = "sharing", _l("Sharing of work")
    HOMEWORK = "homework", _l("Homework")
    CLASS_NEWS = "class_news", _l("News of the class")
    STUDENTS = "students", _l("Students' performance")
    IDEAS = "ideas", _l("The school's ideas")
    EXPERIENCE = "experience", _l("Experience")
    WISHES = "wishes", _l("Parents' wishes")
    ANSWERS = "answers", _l("Answers to parents")


class NoticeState(Choice):
    """How a notice stands."""

    DRAFT = "draft", _l("Draft"), "state-off"
    SENT = "sent", _l("Sent"), "state-ok"
    CALLS = "calls", _l("To be told by telephone"), "state-wait"
    CLOSED = "closed", _l("Shut"), "state-off"


class Via(Choice):
    """Where a receipt came from."""

    RECORD = "record", _l("Chat record")
    LINK = "link", _l("Receipt link")
    HAND = "hand", _l("Entered by hand")


class Measure(Choice):
    """What a bulletin ranks by. National rules bar the last three for public bodies."""

    SCORE = "score", _l("Score of the inspection")
    LIKES = "likes", _l("Likes and forwards")
    POINTS = "points", _l("Points of an app")
    ONLINE = "online", _l("Time online")


class LogKind(Choice):
    """What the managers of a group note."""

    TOPIC_ENDED = "topic_ended", _l("Topic ended")
    ADVICE = "advice", _l("Advice given")
    ARTICLE = "article", _l("Article forwarded")
    ARCHIVED = "archived", _l("Material filed")
    NOTE = "note", _l("Note")
