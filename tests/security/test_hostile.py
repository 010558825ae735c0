"""What somebody hostile would try: other institutions' ids, markup, formulas, redirects, absurd values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from openpyxl import load_workbook

from panel import records
from panel.admin.models import ImportMapping
from panel.admin.view import RecordView
from panel.checks.saving import CONFIRM
from panel.database import is_postgres, key_of
from panel.org.models import Unit
from tests.security.cases import Case
from tests.security.conftest import Stage, undone
from tests.security.pages import active_content, main_form
from tests.security.places import sheet

MARKUP = "\"'><img src=x onerror=a()>{{7*7}}"
FORMULA = "=1+1+"
REFUSED = (403, 404, 409, 422)
NO_IDS = ("", "x", "-1", "0", "1.5", "1e3", "²", "9" * 19, "9" * 400, "0x1", "1 OR 1=1", "[]", "\0", "true")
LONG = "长" * 3000
NUL = "a\0b"  # what PostgreSQL takes in no text
VALUES = (LONG, NUL, "\ud800".encode("utf-8", "surrogatepass"), "\u202e\u2066", "🈵" * 200, "-" * 3000, "1e999")
UPLOAD = "/admin/import/new/?target=accounts.account"


def own(stage: Stage, method: str) -> list[Case]:
    """The cases of alice's own rows, on pages; the API is asked by schemathesis (tests/tokens)."""
    mine = [c for c in stage.cases if c.place in ("", "near") and not c.only and not stage.guard(c).api]
    return [c for c in mine if method in stage.methods(c)]


def views(stage: Stage) -> list[Any]:
    return [page for page in stage.runtime.pages if isinstance(page, RecordView)]


# ── another institution's rows ─────────────────────────────────────────────────────────────────


@pytest.mark.one_database
def test_no_page_names_anything_of_another_institution(stage: Stage) -> None:
    """Lists, details, forms, exports, look-ups and search of everybody at home, who has rights over all of it."""
    leaks = []
    for case in own(stage, "GET"):
        case.values = {k: "foreign" if k == "q" else v for k, v in case.values.items()}
        answer, _before, _after = stage.ask(case, "GET", "alice")
        text = _text(answer)
        leaks += [f"{case}: {mark}" for mark in ("foreign-", "别处学院", "foreign_1") if mark in text]
    assert leaks == []


def _text(answer: Any) -> str:
    if "spreadsheet" not in answer.content_type:
        return answer.get_data().decode("utf-8", "replace")
    book = load_workbook(io.BytesIO(answer.get_data()))
    return "\n".join(str(cell.value) for tab in book for row in tab.iter_rows() for cell in row)


@pytest.mark.one_database
def test_a_foreign_id_in_a_condition_of_a_list_tells_nothing(stage: Stage) -> None:
    foreign, client = stage.place("foreign"), stage.client("alice")
    with undone():
        for view in views(stage):
            index = Case(f"{view.endpoint}.index_view")
            for one in view.filter_objects:
                for row in (foreign.unit, foreign.people[0], *map(foreign.row, ("accounts.platform", "access.user"))):
                    answer = client.get(stage.address(index), query_string=dict.fromkeys(one.keys, row.id))
                    assert answer.status_code in (200, 302), f"{view.endpoint}?{one.keys}"
                    assert "foreign-" not in answer.text, f"{view.endpoint}?{one.keys}={row.id}"


@pytest.mark.one_database
def test_a_foreign_id_does_not_fill_in_a_form(stage: Stage) -> None:
    foreign, client = stage.place("foreign"), stage.client("alice")
    with undone():
        for view in views(stage):
            if view.may.create is None:
                continue
            keys = [f for f in view.model._meta.refs if key_of(f.rel_model) in foreign.rows]
            given = {f.name: foreign.row(f.rel_model).id for f in keys}
            answer = client.get(stage.address(Case(f"{view.endpoint}.create_view")), query_string=given)
            assert answer.status_code == 200
            assert "foreign-" not in answer.text, view.endpoint


@pytest.mark.one_database
def test_a_foreign_id_in_a_form_is_refused(stage: Stage) -> None:
    """Every control of every form that refers to a row, given the id, and then the name, of a foreign one."""
    foreign, tried = stage.place("foreign"), set()
    for case in own(stage, "POST"):
        for control, key, sent in _references(stage, case):
            row = foreign.row(key)
            for data in (
                {control: str(row), f"{control}-id": str(row.id)},
                {f"{control}-id": str(row.id), control: None},
                {f"{control}-pick": str(row.id), control: ""},
                {control: str(row), f"{control}-id": ""},
            ):
                with undone() as begun:
                    answer = stage.client("alice").post(stage.address(case), data=_without_none({**sent, **data}))
                    assert answer.status_code in REFUSED, f"{case}: {data} gives {answer.status_code}"
                    assert stage.now(begun) == stage.before, f"{case}: {data}"
            tried.add(key)
    assert {"org.unit", "org.person", "accounts.platform"} <= tried


def _without_none(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _references(stage: Stage, case: Case) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(control, key of the model, what the form sends) for each control of a case's page that refers to a row."""
    if "GET" not in stage.methods(case) or 200 not in case.seen:
        return
    page = stage.client("alice").get(stage.address(case))
    if "html" not in page.content_type or 'method="post"' not in page.text[page.text.find("<main") :]:
        return
    form = main_form(page.text)
    for control, key in form.lookups.items():
        yield control, key, {**form.values, **case.data()}


@pytest.mark.one_database
def test_a_foreign_role_unit_or_user_cannot_be_mixed_with_ones_own(stage: Stage) -> None:
    near, foreign = stage.place("near"), stage.place("foreign")
    grant = Case("access_user.grant", {"id": near.row("access.user").id})
    good = {"role": near.row("access.role").id, "unit-id": near.unit.id, "unit": near.unit.name}
    for bad in ({"role": foreign.row("access.role").id}, {"unit-id": foreign.unit.id, "unit": foreign.unit.name}):
        _refused(stage, grant, {**good, **bad})
    term, theirs = near.row("accounts.custodian"), foreign.row("accounts.custodian")
    people = {"taking-id": near.people[0].id, "witness-id": near.people[1].id, "way": "in_person"}
    for address in ({"row": [term.id, theirs.id]}, {"row": theirs.id}, {"id": theirs.account_id}):
        _refused(stage, Case("accounts_custody.hand_over", address), {**people, "term": [term.id, theirs.id]})
    account, other = near.row("accounts.account"), foreign.row("accounts.account")
    _refused(
        stage,
        Case("accounts_responsible.page", {"row": [account.id, other.id]}),
        {"responsible-id": near.people[0].id},
    )
    for view in views(stage):
        ids = [near.row(view.model).id, foreign.row(view.model).id]
        for action in view.bulk_actions:
            _refused(stage, Case(f"{view.endpoint}.action_view"), {"action": action.name, "id": ids, "expected": "2"})
        if view.may.export is not None:
            _refused(stage, Case(f"{view.endpoint}.export"), {"id": ids})
    saved = {"delete": foreign.row("admin.saved_filter").id}
    _refused(stage, Case("accounts_account.saved_view"), saved)


@pytest.mark.one_database
def test_another_institutions_term_is_not_handed_over_with_ones_own(stage: Stage) -> None:
    """Terms the address does not name are left alone, whoever's they are."""
    near, theirs = stage.place("near"), stage.place("foreign").row("accounts.custodian")
    term = near.row("accounts.custodian")
    data = {
        "taking-id": near.people[0].id,
        "witness-id": near.people[1].id,
        "way": "in_person",
        "term": [term.id, theirs.id],
    }
    with undone():
        address = stage.address(Case("accounts_custody.hand_over", {"id": term.account_id}))
        assert stage.client("alice").post(address, data=data).status_code == 302
        assert type(theirs).get_by_id(theirs.id).until is None
        assert type(term).get_by_id(term.id).until is not None


@pytest.mark.one_database
def test_an_import_knows_no_foreign_mapping_unit_or_person(stage: Stage) -> None:
    foreign = stage.place("foreign")
    with undone(), stage.app.app_context():
        theirs = records.create(
            ImportMapping, institution=foreign.institution, target="accounts.account", name="theirs", mapping={}
        )
        data = sheet("新号", "没有的部门") + f"再来,微博,w2,{foreign.unit.name}\n".encode()
        made = stage.client("alice").post(UPLOAD, data={"file": (io.BytesIO(data), "a.csv")})
        address = made.headers["Location"]
        assert stage.client("alice").post(address, data={"do": f"use:{theirs.id}"}).status_code in REFUSED
        page = stage.client("alice").get(address).text
        assert "没有的部门" in page
        sent = main_form(page).values
        for name in [n for n in sent if n.startswith("parent-")] or ["parent-没有的部门"]:
            sent[name] = [str(foreign.unit.id)]
        sent |= {"do": ["plan"], "person:*:foreign-0": [str(foreign.people[0].id)]}
        assert stage.client("alice").post(address, data=sent).status_code in (303, *REFUSED)
        assert not Unit.select().where(Unit.parent == foreign.unit, Unit.institution == stage.world.uni).exists()
        assert "foreign-" not in stage.client("alice").get(address).text


def _refused(stage: Stage, case: Case, data: dict[str, Any]) -> None:
    with undone() as begun:
        answer = stage.client("alice").post(stage.address(case), data=data)
        assert answer.status_code in REFUSED, f"{case} {case.values} {data}: {answer.status_code}"
        assert stage.now(begun) == stage.before, f"{case} {case.values} {data}"


# ── markup ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.one_database
class TestMarkup:
    """Every name of every row holds markup; every text box of every form is sent some."""

    @pytest.fixture
    def word(self) -> str:
        return MARKUP

    def test_it_stays_text_on_every_page(self, stage: Stage) -> None:
        shown = set()
        with undone():
            records.update(stage.world.uni, name=f"{MARKUP}大学")
            records.update(stage.world.faculty, name=f"{MARKUP}理学院")
            records.update(stage.world.users["alice"], display_name=f"{MARKUP}Alice")
            for case in own(stage, "GET"):
                answer = stage.client("alice").get(stage.address(case))
                if "html" in answer.content_type:
                    assert active_content(answer.text) == [], case
                    assert MARKUP not in answer.text, case
                    if "onerror=a()" in answer.text[answer.text.find("<main") :]:
                        shown.add(case.endpoint.rpartition(".")[2] or case.endpoint)
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        doors = {"index_view", "details_view", "edit_view", "delete_view", "run_view", "hand_over", "leave", "search"}
        assert doors <= shown, "the names were on the pages at all"

    def test_it_stays_text_in_a_form_that_comes_back(self, stage: Stage) -> None:
        for case in own(stage, "POST"):
            data = {k: v if callable(v) else MARKUP for k, v in (case.form or {}).items()}
            data = {k: v() if callable(v) else v for k, v in data.items()}
            with undone():
                answer = stage.client("alice").post(stage.address(case), data=data)
                if "html" in answer.content_type:
                    assert active_content(answer.text) == [], case
                    assert MARKUP not in answer.text, case
                assert answer.status_code < 500, case

    def test_it_stays_text_in_what_an_import_shows(self, stage: Stage) -> None:
        data = sheet(MARKUP, MARKUP).replace("账号ID".encode(), f'"{MARKUP.replace(chr(34), chr(34) * 2)}"'.encode())
        with undone():
            client = stage.client("alice")
            made = client.post(
                UPLOAD, data={"file": (io.BytesIO(data), f"{MARKUP[1:]}.csv")}
            )  # a browser sends no quote
            page = client.get(made.headers["Location"])
            assert page.status_code == 200
            assert active_content(page.text) == []
            assert MARKUP not in page.text
            assert page.text.count("onerror=a()") >= 2, "the name of the file and the heading are shown"

    def test_a_look_up_answers_json_that_no_browser_takes_for_a_page(self, stage: Stage) -> None:
        answer = stage.client("alice").get("/lookup/org.person", query_string={"q": MARKUP})
        assert answer.content_type == "application/json"
        assert any(MARKUP in row["text"] for row in answer.json)


# ── formulas ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.one_database
class TestFormulas:
    """Names that a spreadsheet would calculate."""

    @pytest.fixture
    def word(self) -> str:
        return FORMULA

    def test_no_export_holds_one(self, stage: Stage) -> None:
        lists = {view.endpoint for view in views(stage)}
        files = [c for c in own(stage, "GET") if c.endpoint.endswith(".export") and c.endpoint[:-7] in lists]
        assert len(files) >= 4
        seen = 0
        for case in files:
            for kind in ("csv", "xlsx"):
                case.values = {"format": kind, "columns": "all"}
                answer, _before, _after = stage.ask(case, "GET", "alice")
                cells = _csv(answer.data) if kind == "csv" else _xlsx(answer.data)
                assert [c for c in cells if kind == "csv" and c.lstrip().startswith(("=", "+", "-", "@"))] == []
                seen += sum(FORMULA in c for c in cells)
        assert seen > 10, "the names were in the files at all"

    def test_the_marked_sheet_and_the_empty_one_hold_none(self, stage: Stage) -> None:
        with undone():
            client = stage.client("alice")
            data = {"file": (io.BytesIO(sheet(FORMULA, "=HYPERLINK(1)")), "=1+1.csv")}
            made = client.post(UPLOAD, data=data).headers["Location"]
            marked = client.get(f"{made}marked/")
            assert any("=HYPERLINK" in c for c in _xlsx(marked.data))
            _xlsx(client.get("/admin/import/blank/?target=accounts.account").data)


def _csv(data: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]


def _xlsx(data: bytes) -> list[str]:
    """The texts of all cells; fails on one that is a formula."""
    book = load_workbook(io.BytesIO(data))
    cells = [cell for tab in book for row in tab.iter_rows() for cell in row if cell.value is not None]
    assert [c.coordinate for c in cells if c.data_type == "f"] == []
    return [str(c.value) for c in cells]


# ── redirects, headers, absurd values ──────────────────────────────────────────────────────────


@pytest.mark.one_database
def test_no_form_sends_anybody_elsewhere(stage: Stage) -> None:
    evils, names = (
        ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"),
        ("next", "list", "back", "url", "return"),
    )
    for turn, case in enumerate(own(stage, "POST")):
        for half in (0, 2):  # each name carries two of the four, other ones than its neighbours
            extra = {name: evils[(turn + at + half) % 4] for at, name in enumerate(names)}
            evil = extra["next"]
            with undone():
                address = stage.address(case)
                answer = stage.client("alice").post(
                    f"{address}{'&' if '?' in address else '?'}{urlencode(extra)}",
                    data={**extra, **case.data()},
                    headers={"Referer": evil},
                )
                assert _stays(answer.headers.get("Location", "/")), f"{case}: {answer.headers['Location']}"
                if "html" in answer.content_type:
                    assert active_content(answer.text) == [], case


def _stays(location: str) -> bool:
    path = location.partition("?")[0]
    return path.startswith("/") and not path.startswith(("//", "/\\")) and "evil" not in path


@pytest.mark.one_database
def test_no_file_name_breaks_a_header(stage: Stage) -> None:
    """Names of downloads: a picture's from the account, a marked sheet's from the upload."""
    account = stage.place("near").row("accounts.account")
    for name in ("a\r\nSet-Cookie: x=1", 'a"; filename="b.exe', "../../etc/passwd", "名" * 120, "\u202egnp.exe"):
        with undone():
            records.update(account, name=name)
            client = stage.client("alice")
            answers = [client.get("/accounts/account/qr.png", query_string={"id": account.id, "download": 1})]
            made = client.post(UPLOAD, data={"file": (io.BytesIO(sheet("甲", "理学院")), f"{name}.csv")})
            if "Location" in made.headers:
                answers.append(client.get(f"{made.headers['Location']}marked/"))
            else:
                assert made.status_code == 422
            for answer in answers:
                assert answer.status_code == 200
                assert "x=1" not in answer.headers.get("Set-Cookie", "")
                disposition = answer.headers["Content-Disposition"]
                assert disposition.startswith("attachment; filename")
                assert disposition.isprintable()
                assert not {"\r", "\n", "/", "\\"} & set(disposition.replace('\\"', ""))


def test_what_is_no_id_is_not_found(stage: Stage) -> None:
    with undone():
        client = stage.client("alice")
        hard = ("9" * 19, "9" * 400, "\0")
        for at, wrong in enumerate(hard if is_postgres() else NO_IDS):
            for turn, case in enumerate(own(stage, "GET")):
                if not is_postgres() and wrong not in hard and (at + turn) % 4:
                    continue  # each page is asked a quarter of the harmless ones, other ones than its neighbours
                path = {name for rule in stage.app.url_map.iter_rules(case.endpoint) for name in rule.arguments}
                bare = Case(case.endpoint, {k: v for k, v in case.values.items() if k in path})
                for name in {"id", "row", "person", "plugin", "target", "field"} & set(case.values):
                    asked = {k: v for k, v in case.values.items() if k not in path}
                    answer = client.get(stage.address(bare), query_string={**asked, name: wrong})
                    assert answer.status_code in (404, 403), f"{case} {name}={wrong!r}: {answer.status_code}"
            for view in views(stage):
                address = stage.address(Case(f"{view.endpoint}.action_view"))
                for action in view.bulk_actions[:1]:
                    answer = client.post(address, data={"action": action.name, "id": wrong})
                    assert answer.status_code in (404, 302), f"{view.endpoint} {action.name} {wrong!r}"
            for path in ("/lookup/{}", "/admin/import/{}/", "/accounts/custody/{}/", "/reset/{}"):
                answer = client.get(path.format(quote(wrong)))
                assert answer.status_code in (404, 422) or not wrong, f"{path} {wrong!r}: {answer.status_code}"


def test_no_value_of_a_form_breaks_a_page(stage: Stage) -> None:
    """Saved, or refused in words; never a page that went wrong."""
    for turn, case in enumerate(own(stage, "POST")):
        sent, offered = _sent(stage, case)
        boxes = [n for n, v in sent.items() if not isinstance(v, tuple) and n not in ("version", CONFIRM)]
        if not boxes or case.endpoint.endswith("action_view"):
            continue
        # references first hold what they should: else nothing but them is looked at
        plain = [b for b in boxes if not b.endswith("-id") and f"{b}-id" not in boxes]
        tries = [
            {box: VALUES[(at + n) % len(VALUES)] for n, box in enumerate(plain)} for at in range(0, len(VALUES), 2)
        ]
        tries += [dict.fromkeys(boxes, value) for value in VALUES[:3]]
        tries = [one for n, one in enumerate(tries) if (n + turn) % 2 == 0]  # its neighbours are sent the others
        if is_postgres():  # which alone minds how long a text is: one at a time, for whatever else is wrong comes first
            tries = [{box: LONG} for box in boxes if box not in offered]
        for some in tries:
            with undone():
                answer = stage.client("alice").post(stage.address(case), data={**sent, **case.data(), **some})
                assert answer.status_code < 500, f"{case} {some}: {answer.status_code}"


def _sent(stage: Stage, case: Case) -> tuple[dict[str, Any], set[str]]:
    """What the form of a case's page would send, filled in; and which controls are not typed in."""
    if "GET" in stage.methods(case) and 200 in case.seen:
        page = stage.client("alice").get(stage.address(case))
        if 'method="post"' in page.text[page.text.find("<main") :]:
            form = main_form(page.text)
            return {**form.values, **case.data()}, form.offered
    return case.data(), set()


def test_no_address_breaks_a_page(stage: Stage) -> None:
    with undone():
        client = stage.client("alice")
        for turn, view in enumerate(views(stage)):
            keys = {k for one in view.filter_objects for k in one.keys} | {"q", "sort", "page", "size", "cols", "list"}
            hard, more = ("\0", "9" * 50), (LONG, "' OR 1=1 --", "%", "-1", "²", "2026-99-99", "{{7*7}}", "🈵")
            some = [more[(turn + n) % len(more)] for n in range(3)]
            for value in hard if is_postgres() else (*hard, *some):
                given = dict.fromkeys(keys, value)
                for page in ("index_view", "saved_view", "create_view") if value in ("\0", LONG) else ("index_view",):
                    if f"{view.endpoint}.{page}" in stage.runtime.guards:
                        answer = client.get(stage.address(Case(f"{view.endpoint}.{page}")), query_string=given)
                        assert answer.status_code in (200, 302), f"{view.endpoint}.{page} {value[:20]!r}"
        for path in ("/search?q=%00", "/search?q=" + LONG, "/lookup/org.person?q=%00%25_", "/login?next=%00"):
            assert client.get(path).status_code in (200, 302), path
