"""Every route × method × role × own, other and foreign row: who gets in, and that nobody else changes a thing."""

from __future__ import annotations

from typing import Any

import pytest

from panel import records
from panel.access.models import PluginSwitch, User
from panel.admin.models import ImportRun
from panel.org.models import Institution, Unit
from tests.cast import World
from tests.security.cases import EXEMPT, Case, stale
from tests.security.conftest import Stage, State, stored, undone
from tests.security.pages import main_form

OUT = (403, 404, 422)  # refused, in whatever words


@pytest.fixture(autouse=True)
def _errors_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most answers here are refusals; what their page looks like is asked elsewhere, and drawing it takes longest."""
    monkeypatch.setattr("panel.web._page", lambda status, title, message: (f"{title}: {message}", status))


# ── what should be: from the cast and the models' declarations alone ───────────────────────────


def home(world: World, role: str) -> Institution:
    return world.other if role == "oscar" else world.uni


def holds(role: str, permission: Any) -> bool:
    """Whether somebody of the cast (tests/cast.py) holds a permission anywhere."""
    if role == "carol":
        return str(permission).endswith((".view", ".export"))
    return role != "dave"


def in_reach(world: World, role: str, row: Any) -> bool:
    """Whether a row lies where somebody's rights reach: in their institution, and below the faculty for bob."""
    if isinstance(row, Institution):
        return row.id == home(world, role).id
    model = type(row)
    if model.scope_institution:
        return getattr(row, model.scope_institution) == home(world, role).id and role != "bob"
    if row.institution_id != home(world, role).id:
        return False
    if role != "bob":
        return True
    if model is ImportRun:  # one's own, for whoever may not import everywhere
        return row.user_id == world.users["bob"].id
    if model.scope_parent:
        return in_reach(world, role, getattr(row, model.scope_parent))
    if not model.scope_unit:
        return True
    unit = row if isinstance(row, Unit) else getattr(row, model.scope_unit)
    return Unit.get_by_id(unit.id).path.startswith(world.faculty.path)


def expected(stage: Stage, case: Case, method: str, role: str) -> tuple[tuple[int, ...], bool]:
    """The statuses that are right, and whether anything may be written."""
    guard, open_to = stage.guard(case), case.seen if method == "GET" else case.done
    writes = method != "GET"
    if case.only is not None:
        status = case.only[role]
        return (case.done if writes and status == 200 else (status,)), writes and (status < 400 or case.notes == method)
    if guard.api and role not in stage.secrets:
        return (401,), False
    if role == "anonymous" and not guard.public:
        return (302,), False
    if guard.permission and not holds(role, guard.permission):
        return (403,), False
    if case.whole and role == "bob":
        return (403,), False
    if case.row_first and not all(row.institution_id == home(stage.world, role).id for row in case.rows):
        return (404,), False
    if case.permission and not holds(role, case.permission):
        return (case.lacking,), False
    if not all(in_reach(stage.world, role, row) for row in case.rows):
        return (404,), False
    if writes and not all(in_reach(stage.world, role, row) for row in case.also):
        return OUT, False
    return open_to, case.notes == method or (writes and min(open_to) < 400)


def difference(before: State, after: State) -> str:
    changed = [table for table in after if after[table] != before.get(table)]
    return f" and wrote to {', '.join(sorted(changed))}" if changed else ""


def wrong(stage: Stage, role: str, chosen: list[Case]) -> list[str]:
    """What is not as it should be, one line each."""
    found = []
    for case in chosen:
        for method in stage.methods(case):
            answer, before, after = stage.ask(case, method, role)
            right, may_write = expected(stage, case, method, role)
            told = answer.headers.get("Location", "")
            if answer.status_code not in right:
                found.append(f"{method} {case} as {role}: {answer.status_code} {told}, expected {right}")
            elif (
                role == "anonymous"
                and case.only is None
                and answer.status_code != 401
                and not told.startswith("/login")
            ):
                found.append(f"{method} {case} as nobody: led to {told}, not to the log-in")
            if before != after and not may_write:
                found.append(f"{method} {case} as {role}: {answer.status_code}{difference(before, after)}")
    return found


def chosen(stage: Stage, role: str) -> list[Case]:
    """The cases worth asking of a role. Who is turned away at the door gets the same answer whatever the row is; only
    to bob are the rows of two units different; root may all that alice may; oscar is to alice as alice is to him."""
    found, turned = [], set()
    for case in stage.cases:
        if turned_away(stage, case, role):
            if case.endpoint in turned:
                continue
            turned.add(case.endpoint)
        elif (
            (case.place == "far" and role != "bob")
            or (role == "root" and case.place and case.only is None)
            or (role == "oscar" and not (case.place or case.only))
        ):
            continue
        found.append(case)
    return found


def turned_away(stage: Stage, case: Case, role: str) -> bool:
    """Whether the guard refuses somebody before it comes to any row."""
    guard = stage.guard(case)
    if case.only is not None:
        return False
    if guard.api:
        return role not in stage.secrets
    if role == "anonymous":
        return not guard.public
    return bool(guard.permission) and not holds(role, guard.permission)


# ── the tests ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.one_database
def test_every_door_is_asked_or_has_a_reason(stage: Stage) -> None:
    assert stale(stage.runtime) == []
    assert {c.endpoint for c in stage.cases} | set(EXEMPT) == set(stage.runtime.guards)
    assert all(reason.strip() for reason in EXEMPT.values())
    assert all(g.permission or g.why for g in stage.runtime.guards.values())


def test_every_door_opens_for_who_may_and_for_nobody_else(stage: Stage, role: str) -> None:
    found = wrong(stage, role, chosen(stage, role))
    assert not found, "\n".join(found)


@pytest.mark.one_database
def test_a_plugin_that_is_off_is_not_there(stage: Stage) -> None:
    """Off means 404 on each of its pages, even for whoever runs the installation; on again, all is back."""
    pages = [c for c in stage.cases if stage.guard(c).plugin and c.place in ("", "near")]
    assert {stage.guard(c).plugin for c in pages} == {entry.name for entry in stage.runtime.registry}
    with undone():
        for switch in PluginSwitch.select().where(PluginSwitch.institution == stage.world.uni):
            records.update(switch, enabled=False)
        records.derive(Institution, Institution.id == stage.world.uni.id, access_stamp=Institution.access_stamp + 1)
        stage.before = stored()
        for role, those in (("alice", [c for c in pages if c.endpoint.endswith("index_view")]), ("root", pages)):
            asked = [(c, m, *stage.ask(c, m, role)) for c in those for m in stage.methods(c)]
            assert [f"{m} {c}: {a.status_code}" for c, m, a, _b, _a in asked if a.status_code != 404] == []
            assert [f"{m} {c}" for c, m, _a, before, after in asked if before != after] == []
    stage.before = stored()
    assert wrong(stage, "alice", [c for c in pages if c.endpoint.endswith("index_view")]) == []
    no_route_takes_another_method(stage)


def no_route_takes_another_method(stage: Stage) -> None:
    with undone():
        client = stage.client("root")
        for case in {c.endpoint: c for c in stage.cases}.values():
            sharing = [r for r in stage.app.url_map.iter_rules() if r.endpoint != case.endpoint]
            for method in {"POST", "PUT", "PATCH", "DELETE"} - set(stage.methods(case)):
                if stage.guard(case).api and any(method in (r.methods or ()) for r in sharing):
                    continue  # the same address takes it, by another route, which is asked by itself
                answer = client.open(stage.address(case), method=method)
                assert answer.status_code in (404, 405), f"{method} {case}"


@pytest.mark.one_database
def test_every_change_needs_a_token(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a CSRF token every POST is refused and changes nothing; with one, the same POST gets through."""
    monkeypatch.setitem(stage.app.config, "WTF_CSRF_ENABLED", True)
    guards = stage.runtime.guards
    changing = [
        c for c in stage.cases if "POST" in stage.methods(c) and c.place in ("", "near") and not stage.guard(c).api
    ]
    assert {c.endpoint for c in changing} == {
        rule.endpoint
        for rule in stage.app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"} and not guards[rule.endpoint].api
    }
    tokens = {role: token_of(stage, role) for role in ("anonymous", "alice")}
    done: set[tuple[str, str]] = set()
    for case in changing:
        role = "anonymous" if case.endpoint == "login" else "alice"
        if case.act and (case.endpoint, "honest") in done:
            continue  # the token is judged before the act
        done.add((case.endpoint, "honest"))
        forged, before, after = stage.ask(case, "POST", role)
        assert (forged.status_code, before) == (400, after), f"{case} without a token"
        assert "表单已失效" in forged.text, case
        honest, _before, _after = stage.ask(case, "POST", role, csrf_token=tokens[role])
        right, _may_write = expected(stage, case, "POST", role)
        assert honest.status_code in right, f"{case} with a token: {honest.status_code}, expected {right}"
    a_token_is_good_in_its_own_session_only(stage)


def token_of(stage: Stage, role: str) -> str:
    """The token of a form, and the session it belongs to as the role's own from now on."""
    with undone():
        client = stage.client(role)
        page = client.get("/login" if role == "anonymous" else "/account")
        session = client.get_cookie("zhangyin")
        assert session is not None
        stage.cookies[role] = session.value
        return main_form(page.text).values["csrf_token"][0]


def a_token_is_good_in_its_own_session_only(stage: Stage) -> None:
    with undone():
        token = main_form(stage.client("bob").get("/account").text).values["csrf_token"]
        client = stage.client("alice")
        client.get("/account")
        for stolen in (token, [""], ["x"], ["null"], token * 2):
            answer = client.post("/locale", data={"locale": "en", "csrf_token": stolen})
            assert answer.status_code == 400
        assert User.get_by_id(stage.world.users["alice"].id).locale == ""
