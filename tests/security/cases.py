"""What to ask of every route: generated for the pages of a record, written down for every other route."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from panel.access.models import Grant, Role, User
from panel.admin.imports.targets import doors
from panel.admin.models import ImportRun
from panel.admin.view import DOORS, RecordView
from panel.checks.models import Finding
from panel.checks.saving import CONFIRM
from panel.database import key_of
from panel.i18n import today
from panel.org.models import Person
from panel.runtime import Runtime, runtime
from plugins.accounts.acts import CUSTODY_ACTS, DEVICE_ACTS, OPERATOR_ACTS
from plugins.accounts.models import Account, Platform
from tests.security.places import Place, areas, picture

ASK = "tests/security/cases.py, or tests/security/areas: "

# Routes the matrix leaves out, and why. One that is gone must be taken out here, too.
EXEMPT = {
    "static": "files of the project itself, the same for everybody",
}


@dataclass
class Case:
    """One address and what is sent to it.

    `rows` must be in sight, else 404. `also` are rows the act reaches: beyond one's rights it is refused. `whole` says
    it holds for the whole institution: 403 for who has the permission in some units only. `permission` is asked on top
    of the route's own.
    `lacking` is what whoever lacks that gets; with `row_first`, a row out of sight counts before it.
    `form` None: the page's own form is sent back as it is.
    """

    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)  # of the address
    form: dict[str, Any] | None = field(default_factory=dict)
    rows: tuple[Any, ...] = ()
    also: tuple[Any, ...] = ()
    whole: bool = False
    permission: str | None = None
    lacking: int = 403
    row_first: bool = False
    seen: tuple[int, ...] = (200,)  # what GET gives whoever may
    done: tuple[int, ...] = (302,)  # what POST does
    notes: str = ""  # the method that leaves an entry, though it changes nothing
    only: dict[str, int] | None = None  # the answer by role, where neither guard nor scope decides it
    method: str = ""  # the one it is about; both, where the route takes both
    place: str = ""
    act: str = ""

    def data(self) -> dict[str, Any]:
        """What is posted; files can be read only once, so it is made anew each time."""
        made = {k: v() if callable(v) else v for k, v in (self.form or {}).items()}
        return {CONFIRM: "1", **made}

    def __str__(self) -> str:
        return " ".join(filter(None, [self.endpoint, self.act, self.place]))


def cases(at_work: Runtime, places: list[Place]) -> list[Case]:
    """Every case of every route. Fails, naming the place to mend, for a route nobody described."""
    endpoints = set(at_work.guards)
    views = {page.endpoint: page for page in at_work.pages if isinstance(page, RecordView)}
    new, others = everywhere()
    found: list[Case] = []
    for place in places:
        for endpoint in sorted(endpoints - set(EXEMPT)):
            name, _dot, method = endpoint.partition(".")
            view = views.get(name)
            if endpoint in others:
                made = list(others[endpoint](place))
            elif view is not None and method in DOORS:
                made = list(_door(view, method, place, new))
            else:
                raise AssertionError(f"{ASK}the route {endpoint} is new: say in OTHERS what to ask of it")
            for case in made:
                case.endpoint = endpoint
                case.place = place.name if case.rows or case.also or case.only else ""
                if case.place or place is places[0]:  # what is about no row is the same in every place
                    found.append(case)
    return found


def stale(at_work: Runtime) -> list[str]:
    """What is described here and no longer exists."""
    new, others = everywhere()
    endpoints = set(at_work.guards)
    models = {key_of(p.model) for p in at_work.pages if isinstance(p, RecordView) and p.may.create is not None}
    return [
        *(f"EXEMPT {e}" for e in EXEMPT if e not in endpoints),
        *(f"OTHERS {e}" for e in others if e not in endpoints),
        *(f"NEW {key}" for key in new if key not in models),
    ]


# ── the pages of a record ──────────────────────────────────────────────────────────────────────


def _door(view: Any, method: str, place: Place, new: dict[str, Any]) -> Iterator[Case]:
    """The cases of one of the pages every RecordView has."""
    row = place.row(view.model)
    at = {"id": row.id}
    if method == "index_view":
        yield Case("")
    elif method == "details_view":
        yield Case("", at, rows=(row,))
    elif method == "create_view":
        key = key_of(view.model)
        assert key in new, f"{ASK}{view.endpoint} makes new records: say in NEW what its form is filled in with"
        yield new[key](place)
    elif method == "edit_view":
        yield Case("", at, None, rows=(row,), **_bounds(view.model, row))
    elif method == "delete_view":
        yield Case("", at, rows=(row,), done=(302, 409), **_bounds(view.model, row))
    elif method == "cell_view":
        field_name = next(iter(view.editable), "")
        missing = {} if field_name else {"seen": (404,), "done": (404,)}
        yield Case(
            "",
            {**at, "field": field_name},
            None if field_name else {},
            rows=(row,),
            **_bounds(view.model, row),
            **missing,
        )
    elif method == "action_view":
        yield Case("", form={"action": "no such", "id": row.id}, done=(404,), act="unknown")
        for action in view.bulk_actions:
            bounds = {} if action.page else _bounds(view.model, row)
            form = {"action": action.name, "id": row.id, "expected": "1"}
            yield Case("", {}, form, (row,), permission=action.permission, done=(302, 409), act=action.name, **bounds)
    elif method == "reveal_view":
        yield Case("", at, rows=(row,), notes="GET")
    elif method == "export":
        yield Case("", method="GET", notes="GET")
        yield Case("", {}, {"id": row.id}, (row,), done=(200,), method="POST")
    elif method == "saved_view":
        yield Case("", form={"name": "mine", "list": "q=x"})


def _bounds(model: Any, row: Any) -> dict[str, Any]:
    """What a change of such a row reaches beyond the row itself."""
    if model is User:
        return {"also": (row.person,)}
    return {} if model.scope_unit or model.scope_parent else {"whole": True}


def person_of(person: Person, name: str = "person") -> dict[str, Any]:
    return {f"{name}-id": person.id, name: person.name}


def unit_of(place: Place) -> dict[str, Any]:
    return {"unit-id": place.unit.id, "unit": place.unit.name}


def _new_account(place: Place) -> Case:
    platform = Platform.get(Platform.institution == place.institution, Platform.code == "weibo")
    head = place.people[0]
    form = {
        "name": "新账号",
        "platform-id": platform.id,
        "platform": platform.name,
        "identifier": "brand-new",
        "unit-id": place.unit.id,
        "unit": place.unit.name,
        **person_of(head, "responsible"),
        "entity_kind": "organisation",
        "status": "active",
    }
    return Case("", form=form, also=(place.unit, head))


# The form of a new record, by key of the model.
NEW: dict[str, Callable[[Place], Case]] = {
    "org.unit": lambda p: Case(
        "", form={"name": "新部门", "kind": "function", "parent-id": p.unit.id, "parent": p.unit.name}, also=(p.unit,)
    ),
    "org.person": lambda p: Case("", form={"name": "新人", "kind": "staff", **unit_of(p)}, also=(p.unit,)),
    "access.user": lambda p: Case("", form={"username": "newcomer", **person_of(p.people[0])}, also=(p.people[0],)),
    "access.role": lambda p: Case(
        "", form={"name": "新角色", "permissions-sent": "1", "permissions": ["org.unit.view"]}, whole=True
    ),
    "accounts.account": _new_account,
    "accounts.name_word": lambda p: Case("", form={"word": "新词", "kind": "protected"}, whole=True),
    "accounts.name_permit": lambda p: Case(
        "",
        form={
            "word-id": p.row("accounts.name_word").id,
            "word": p.row("accounts.name_word").word,
            **unit_of(p),
            "document": "文",
            "since": "2026-01-01",
        },
        also=(p.row("accounts.name_word"),),
        whole=True,
    ),
    "accounts.quota": lambda p: Case("", form={**unit_of(p), "most": "5"}, also=(p.unit,)),
    "obligations.duty": lambda p: Case(
        "", form={**unit_of(p), "name": "新事项", "role": "lead", "first_due_on": "2027-01-05"}, also=(p.unit,)
    ),
    "accounts.platform": lambda p: Case("", form={"name": "新平台", "family": "new", "icon": "p-site"}, whole=True),
}


# ── every other route ──────────────────────────────────────────────────────────────────────────


def _acts(acts: dict[str, Any], forms: dict[str, Callable[[Place], dict[str, Any]]], default: str = "") -> Any:
    def made(place: Place) -> Iterator[Case]:
        for name, act in acts.items():
            assert name in forms, f"{ASK}the act {name!r} is new: say what its form is filled in with"
            row, values = place.row(act.model), {} if name == default else {"act": name}
            people = tuple(v for v in forms[name](place).values() if isinstance(v, Person))
            form = {}
            for field_name, value in forms[name](place).items():
                form |= person_of(value, field_name) if isinstance(value, Person) else {field_name: value}
            yield Case("", {"id": row.id, **values}, form, (row, *people), act=name)
        yield Case("", {"id": place.row(Account).id, "act": "no-such"}, seen=(404,), done=(404,), act="unknown")

    return made


def _targets(seen: tuple[int, ...] = (200,), upload: bool = False) -> Callable[[Place], Iterator[Case]]:
    def made(place: Place) -> Iterator[Case]:
        for key, door in doors().items():
            columns = [str(c.label) for c in door.target(place.institution).columns]
            sheet = "\n".join([",".join(columns), ",".join("x" for _ in columns)]).encode()
            form = {"file": lambda sheet=sheet: (io.BytesIO(sheet), "a.csv")}
            yield Case(
                "", {"target": key}, form if upload else {}, permission=door.permission, seen=seen, done=(303,), act=key
            )
        yield Case("", {"target": "no.such"}, seen=(404,), done=(404,), act="unknown")

    return made


def _run(**options: Any) -> Callable[[Place], Iterator[Case]]:
    def made(place: Place) -> Iterator[Case]:
        run = place.row(ImportRun)
        yield Case("", {"run_id": run.id}, rows=(run,), permission="accounts.account.import", row_first=True, **options)

    return made


def _lookups(place: Place) -> Iterator[Case]:
    listed = {key_of(p.model): p for p in runtime().pages if isinstance(p, RecordView)}
    for model in runtime().registry.models:
        key = key_of(model)
        view = listed.get(key)
        values = {"key": key, "q": place.name}
        if view is None:
            yield Case("", values, seen=(404,), act=key)
        else:
            yield Case("", values, permission=str(view.may.view), lacking=404, act=key)
    yield Case("", {"key": "no.such"}, seen=(404,), act="unknown")


def _handover(place: Place) -> Iterator[Case]:
    people = place.people
    form = {**person_of(people[0], "taking"), **person_of(people[1], "witness"), "way": "in_person"}
    term = place.row("accounts.custodian")
    yield Case("", {"id": term.account_id}, {**form, "term": term.id}, (term.account, people[0]), act="account")
    yield Case("", {"row": term.id}, {**form, "term": term.id}, (term, people[0]), act="terms")
    yield Case("", {"person": term.person_id}, {**form, "term": term.id}, (term, people[0]), act="person")


def everybody(status: int, **others: int) -> dict[str, int]:
    names = ("anonymous", "alice", "bob", "carol", "dave", "oscar", "root")
    return {**dict.fromkeys(names, status), **others}


def _home_only(place: Place) -> dict[str, int]:
    """Where somebody may go to work: at home; everywhere for who runs the installation."""
    here = place.name != "foreign"
    return everybody(302 if here else 404, oscar=404 if here else 302, root=302, anonymous=302)


def today_text() -> str:
    return today().isoformat()


def later_text(days: int = 1) -> str:
    return (today() + timedelta(days=days)).isoformat()


def _excuse() -> dict[str, Any]:
    return {"reason": "fire", "until": later_text(9)}


def _due(place: Place, action: str, form: dict[str, Any], *more: Any) -> Case:
    """One's own needs no permission; that of others is not found without."""
    row = place.row("obligations.obligation")
    return Case("", {"id": row.id}, form, (row, *more), permission=f"obligations.obligation.{action}", lacking=404)


def _of(place: Place, model: str, form: dict[str, Any] | None) -> Case:
    """A row of the whole institution, named in the address."""
    return Case("", {"id": place.row(model).id}, form, (place.row(model),), whole=True)


# By endpoint: what to ask of a route that is no standard page of a record.
OTHERS: dict[str, Callable[[Place], Any]] = {
    "index": lambda p: [Case("")],
    "search": lambda p: [Case("", {"q": p.name})],
    "reports_charts.index": lambda p: [Case("")],
    "health": lambda p: [Case("", only=everybody(200))],
    "lookup": _lookups,
    # ── in and out
    "login": lambda p: [
        Case("", form={"username": "x"}, only=everybody(302, anonymous=200), done=(422,), notes="POST")
    ],
    "logout": lambda p: [Case("")],
    "account": lambda p: [Case("", form={"old_password": "wrong"}, done=(422,), notes="POST")],
    "setup": lambda p: [Case("", only=everybody(404))],
    "reset_password": lambda p: [
        Case("", {"token": f"{p.row(User).id}.guess"}, only=everybody(422), seen=(422,), done=(422,))
    ],
    "set_locale": lambda p: [Case("", form={"locale": "en"}, only=everybody(302))],
    "switch_institution": lambda p: [Case("", form={"institution": p.institution.id}, only=_home_only(p))],
    # ── users and plugins
    "access_user.grant": lambda p: [
        Case(
            "",
            {"id": p.row(User).id},
            {"role": p.row(Role).id, **unit_of(p)},
            (p.row(User),),
            also=(p.unit,),
        )
    ],
    "access_user.revoke": lambda p: [Case("", {"id": p.row(Grant).id}, rows=(p.row(Grant),), also=(p.unit,))],
    "access_user.link": lambda p: [
        Case("", {"id": p.row(User).id}, rows=(p.row(User),), also=(p.row(User).person,), done=(200,))
    ],
    "access_plugin.cards": lambda p: [Case("")],
    "access_plugin.switch": lambda p: [
        Case("", {"plugin": list(runtime().registry)[-1].name}, {"to": "off"}, whole=True),
        Case("", {"plugin": "no-such"}, whole=True, seen=(404,), done=(404,), act="unknown"),
    ],
    # ── units and people
    "org_institution.index_view": lambda p: [Case("", seen=(302,))],
    "org_person.leave": lambda p: [
        Case("", {"id": p.people[3].id}, {"way": "leave", "last_day": "2026-01-31"}, (p.people[3],))
    ],
    # ── checks
    "checks_findings.page": lambda p: [Case("", {"by": by}, act=by) for by in ("rule", "unit", "person")],
    "checks_findings.assign": lambda p: [
        Case("", {"row": p.row(Finding).id}, {"person": p.people[0].id}, (p.row(Finding), p.people[0]))
    ],
    "checks_findings.waive": lambda p: [
        Case("", {"row": p.row(Finding).id}, _excuse(), (p.row(Finding),), act="finding"),
        Case(
            "",
            {"code": "accounts.too_many_custodians", "subject": p.row(Account).id},
            _excuse(),
            (p.row(Account),),
            act="record",
        ),
    ],
    "checks_policy.page": lambda p: [Case("")],
    "checks_policy.edit": lambda p: [
        Case("", {"of": "accounts_accounts_policy"}, None, whole=True, done=(200, 422)),
        Case("", {"of": "no_such"}, whole=True, seen=(404,), done=(404,), act="unknown"),
    ],
    # ── what is due
    "obligations_work.index": lambda p: [Case("")],
    "obligations_work.done": lambda p: [_due(p, "edit", {"on": "2026-01-05", "note": "done"})],
    "obligations_work.later": lambda p: [_due(p, "edit", {"until": later_text(), "reason": "fire"})],
    "obligations_work.paper": lambda p: [_due(p, "view", {})],
    "obligations_work.give": lambda p: [_due(p, "assign", person_of(p.people[1]), p.people[1])],
    "obligations_work.waive": lambda p: [_due(p, "waive", {"reason": "fire"})],
    "obligations_calendar.index": lambda p: [Case("", {"all": "1"})],
    "obligations_calendar.link": lambda p: [Case("")],
    "obligations_calendar.ics": lambda p: [Case("", {"token": "guess"}, only=everybody(404))],
    "obligations_duty.presets": lambda p: [Case("", form={**unit_of(p), "presets": ["training"]}, also=(p.unit,))],
    "obligations_ladder.index": lambda p: [Case("")],
    "obligations_ladder.edit": lambda p: [Case("", {"kind": "obligations.duty"}, None, whole=True, done=(200,))],
    "obligations_ladder.preset": lambda p: [Case("", {"kind": "obligations.duty"}, whole=True)],
    # who runs the installation enters holidays, for all institutions
    "obligations_holiday.index": lambda p: [Case("", form={"days": ""}, whole=True, done=(302, 422))],
    # ── notifications and background work
    "notify_inbox.index": lambda p: [Case("", form={"newest": "1"})],
    "notify_inbox.preferences": lambda p: [Case("", form=None)],
    "notify_channel.index": lambda p: [Case("", whole=True)],
    "notify_channel.new": lambda p: [Case("", {"kind": "folder"}, {"name": "新渠道"}, whole=True)],
    "notify_channel.edit": lambda p: [_of(p, "notify.channel", None)],
    "notify_channel.test": lambda p: [_of(p, "notify.channel", {})],
    "notify_channel.delete": lambda p: [_of(p, "notify.channel", {})],
    "notify_channel.defaults": lambda p: [Case("", form=None, whole=True)],
    "notify_outbox.index": lambda p: [Case("", whole=True)],
    "notify_outbox.why": lambda p: [Case("", whole=True)],
    "notify_outbox.retry": lambda p: [
        Case("", {}, {"id": p.row("notify.delivery").id}, (p.row("notify.delivery"),), whole=True)
    ],
    "jobs_work.index": lambda p: [Case("", whole=True)],
    "jobs_work.details": lambda p: [_of(p, "jobs.run", {})],
    "jobs_work.now": lambda p: [
        Case("", form={"task": "accounts.lapse_short_terms"}, whole=True),
        Case("", form={"task": "no such"}, whole=True, done=(404,), act="unknown"),
    ],
    "jobs_work.retry": lambda p: [_of(p, "jobs.run", {})],
    "jobs_work.cancel": lambda p: [_of(p, "jobs.run", {})],
    # ── imports
    "admin_import.index_view": lambda p: [Case("")],
    "admin_import.upload_view": _targets(upload=True),
    "admin_import.blank_view": _targets(),
    "admin_import.run_view": _run(form={"do": "plan"}, done=(303,)),
    "admin_import.marked_view": _run(),
    "admin_import.progress_view": _run(),
    # ── accounts
    "accounts_account.qr_code": lambda p: [Case("", {"id": p.row(Account).id}, rows=(p.row(Account),))],
    "accounts_account.qr_edit": lambda p: [
        Case(
            "",
            {"id": p.row(Account).id},
            {"qr_code": lambda: (io.BytesIO(picture()), "code.png")},
            (p.row(Account),),
        )
    ],
    "accounts_account.contacts": lambda p: [Case("", {"id": p.row(Account).id}, rows=(p.row(Account),), notes="GET")],
    "accounts_responsible.page": lambda p: [
        Case("", {"row": p.row(Account).id}, person_of(p.people[0], "responsible"), (p.row(Account), p.people[0]))
    ],
    "accounts_custody.hand_over": _handover,
    "accounts_custody.page": _acts(
        CUSTODY_ACTS,
        {
            "add": lambda p: {"person": p.people[0], "way": "in_person"},
            "end": lambda p: {},
            "password": lambda p: {},
            "seal": lambda p: {"place": "safe", "sealed_by": p.people[0]},
            "open": lambda p: {"person": p.people[0], "why": "fire"},
            "retire": lambda p: {},
        },
    ),
    "accounts_operators.page": _acts(
        OPERATOR_ACTS,
        {
            "assign": lambda p: {"person": p.people[0], "kind": "long"},
            "end": lambda p: {},
            "qualify": lambda p: {"qualifications": "A"},
        },
        default="assign",
    ),
    "accounts_devices.page": _acts(
        DEVICE_ACTS,
        {
            "add": lambda p: {"label": "second", "kind": "desktop"},
            "check": lambda p: {},
            "retire": lambda p: {},
        },
        default="add",
    ),
}


def everywhere() -> tuple[dict[str, Any], dict[str, Any]]:
    """`NEW` and `OTHERS`, with what the modules of `tests/security/areas` say of their own pages."""
    new, others = dict(NEW), dict(OTHERS)
    for area in areas():
        new |= getattr(area, "NEW", {})
        others |= getattr(area, "OTHERS", {})
    return new, others
