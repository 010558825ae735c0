"""The pages: what they show, what they take, and what hostile files and users get."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from openpyxl import load_workbook

from panel import records
from panel.access.models import Grant, PluginSwitch, Role
from panel.access.services import touch
from panel.admin.imports import blank
from panel.admin.imports.targets import door
from panel.admin.models import ImportMapping, ImportRun
from panel.database import db
from panel.org import services as org
from plugins.accounts.models import Account
from plugins.accounts.permissions import AccountsPermission
from tests.admin.imports.registers import as_csv, as_xlsx
from tests.imports.conftest import HEADINGS, TARGET, at_work, line, planned, sheet

NEW = f"/admin/import/new/?target={TARGET}"


def _send(client, data, name="台账.xlsx"):
    return client.post(NEW, data={"file": (io.BytesIO(data), name)})


def _form(page, **values):
    """The form of the page as a browser sends it, with some values set."""
    digest = re.search(r'name="digest" value="(\w*)"', page)[1]
    form = {"digest": digest, **dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)" form="import"', page))}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option(?: value="([^"]*)")?[^>]* selected[^>]*>([^<]*)', options)
        form[name] = (chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""
    ticked = re.findall(r'type="checkbox" name="([\w-]+)" value="([^"]*)"[^>]* checked', page)
    return {**form, **dict(ticked), **values}


@pytest.fixture
def alice(world, client_of):
    return client_of(world.user("alice"))


def _planned(app, world, *lines):
    with at_work(app, world):
        return planned(*lines)


def test_from_upload_to_import(alice):
    assert "空白模板" in alice.get(NEW).text
    sent = _send(alice, sheet(line(1), line(2, 责任人=None), line(3, 部门="碳中和研究院")))
    assert sent.status_code == 303
    page = alice.get(sent.location).text
    assert all(text in page for text in ("新增", "拒绝", "碳中和研究院", "缺“责任人”"))
    refused = alice.post(sent.location, data=_form(page, do="apply"))
    assert (refused.status_code, "有 1 行被拒绝" in refused.text) == (422, True)
    done = alice.post(sent.location, data=_form(page, do="apply", skip="1"))
    assert done.status_code == 303
    shown = alice.get(done.location).text
    assert "导入完成" in shown
    assert f"/accounts/account/details/?id={Account.select().first().id}" in shown
    assert sent.location in alice.get("/admin/import/").text


def test_what_was_changed_on_the_page_is_checked_before_it_is_confirmed(alice):
    sent = _send(alice, sheet(line(1), line(2, 部门="碳中和研究院")))
    form = _form(alice.get(sent.location).text, do="apply")
    form.pop("unit")  # the tick at the new unit
    answer = alice.post(sent.location, data=form, follow_redirects=True)
    assert "已重新预检" in answer.text
    assert not Account.select().exists()
    assert ImportRun.get().counts["refused"] == 1


def test_columns_are_mapped_on_the_page_and_kept(alice, world, app):
    data = as_xlsx([["部门", "平台", "名头", "ID", "老总"], ["理学院", "微博", "甲", "a1", "陈静"]])
    sent = _send(alice, data)
    page = alice.get(sent.location).text
    assert "表中缺少必填的列" in page
    form = _form(page, **{"col-C": "name", "col-E": "responsible"})
    again = alice.post(sent.location, data={**form, "do": "plan"}, follow_redirects=True).text
    assert "确认导入 1 行" in again
    kept = alice.post(sent.location, data=_form(again, do="keep", mapping_name="老总表"), follow_redirects=True).text
    assert "列对应已存为“老总表”" in kept
    other = _send(alice, data)
    page = alice.get(other.location).text
    assert "套用“老总表”" in page
    used = alice.post(other.location, data=_form(page, do=f"use:{ImportMapping.get().id}"), follow_redirects=True).text
    assert "确认导入 1 行" in used


def test_a_wrong_mapping_is_told_and_what_was_chosen_stays(alice):
    sent = _send(alice, sheet(line(1)))
    form = _form(alice.get(sent.location).text, do="plan", **{"col-A": "name"})
    answer = alice.post(sent.location, data=form)
    assert answer.status_code == 422
    assert re.search(r'name="col-A".*?value="name" selected', answer.text, re.S)


def test_one_of_several_is_chosen_on_the_page(alice, world, app):
    with at_work(app, world):
        for unit, post in ((world.faculty, "教授"), (world.office, "")):
            org.hire({"name": "陈静", "unit": unit, "post": post})
    sent = _send(alice, sheet(line(1), line(2)))
    page = alice.get(sent.location).text
    assert "陈静，理学院，教授" in page
    with at_work(app, world):
        mine = org.hire({"name": "陈静", "unit": world.lab})
    for value, outcome in (("999", 2), (str(mine.id), 2)):  # neither was offered
        alice.post(sent.location, data=_form(page, do="plan", **{"person:*:陈静": value}))
        assert ImportRun.get().counts["refused"] == outcome
    page = alice.get(sent.location).text
    first, second = [i for i, _text in ImportRun.get().offers["asks"][0]["options"]][:2]
    alice.post(sent.location, data=_form(page, do="plan", **{"person:*:陈静": str(first)}))
    page = alice.get(sent.location).text
    alice.post(sent.location, data=_form(page, do="plan", **{"person:3:陈静": str(second)}))
    assert ImportRun.get().answers["chosen"] == {"person:*:陈静": first, "person:3:陈静": second}
    page = alice.get(sent.location).text
    alice.post(sent.location, data=_form(page, do="apply"))
    assert [a.responsible_id for a in Account.select().order_by(Account.identifier)] == [first, second]


# ── hostile files ──────────────────────────────────────────────────────────────────────────────


def _bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", b" " * 50_000_000)
    return out.getvalue()


def _macros():
    out = io.BytesIO(sheet(line(1)))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7",
        b"PK\x03\x04broken",
        bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
        _bomb(),
        _macros(),
        b"<html><table><tr><td>x</td></tr></table></html>",
        "没有表头\n第二行".encode(),
        b"\x00\x01\x02\x03" * 100,
    ],
    ids=["empty", "pdf", "damaged", "encrypted", "bomb", "macros", "html", "no-headings", "binary"],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_page(alice, data):
    answer = _send(alice, data)
    assert answer.status_code == 422
    assert 'id="file-e"' in answer.text
    assert not ImportRun.select().exists()


def test_a_file_too_large_is_refused(alice, app):
    answer = _send(alice, b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1))
    assert answer.status_code in (413, 422)
    assert not ImportRun.select().exists()


def test_no_file_at_all(alice):
    assert "请先选择文件" in alice.post(NEW, data={}).text


EVIL = '<img src=x onerror="alert(1)">'


def test_names_and_cells_are_shown_as_text(alice):
    data = as_xlsx(
        [[*HEADINGS[:9], EVIL], [*line(1, 账号名称=EVIL, 部门=EVIL, 责任人=EVIL, 开通时间=EVIL)[:9], EVIL]],
        name="x<i>y",
    )
    sent = _send(alice, data, f"{EVIL}.xlsx")
    for page in (alice.get(sent.location).text, alice.get("/admin/import/").text):
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
        assert "x<i>y" not in page


def test_a_formula_is_handed_back_as_text(alice):
    sent = _send(alice, as_csv([HEADINGS, line(1, 账号名称="=1+1", 责任人="无"), line(2)]), "t.csv")
    marked = alice.get(f"{sent.location}marked/")
    page = load_workbook(io.BytesIO(marked.data)).worksheets[0]
    cell = page.cell(2, 3)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert "责任人" in page.cell(2, page.max_column).value


# ── template ───────────────────────────────────────────────────────────────────────────────────


def test_the_template_has_every_column_and_can_be_filled_in_and_imported(alice, world, app):
    book = load_workbook(io.BytesIO(alice.get(f"/admin/import/blank/?target={TARGET}").data))
    page = book.worksheets[0]
    with at_work(app, world):
        target = door(TARGET, world.identity("alice")).target(world.uni)
    headings = [cell.value for cell in page[1]]
    assert len(headings) == len(target.columns)
    assert page.data_validations.dataValidation
    assert book.worksheets[1].max_row == len(target.columns) + 1
    out = io.BytesIO()
    book.save(out)
    empty = _send(alice, out.getvalue())
    assert (empty.status_code, "没有" in empty.text) == (422, True)
    filled = dict(zip(HEADINGS, line(1), strict=True))
    for heading, value in (("部门", filled["部门"]), ("平台", "微博"), ("账号名称", "甲"), ("责任人", "陈静")):
        page.cell(2, headings.index(heading) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    sent = _send(alice, out.getvalue())
    assert "确认导入 1 行" in alice.get(sent.location).text


def test_every_column_says_how_to_write_it(world, app):
    with at_work(app, world):
        target = door(TARGET, world.identity("alice")).target(world.uni)
        assert all(blank.how(column, target) for column in target.columns)


# ── who may ────────────────────────────────────────────────────────────────────────────────────


def _statuses(client, run):
    address = f"/admin/import/{run.id}/"
    return [
        client.get(NEW).status_code,
        client.get(f"/admin/import/blank/?target={TARGET}").status_code,
        client.get(address).status_code,
        client.post(address, data={"do": "plan"}).status_code,
        client.get(f"{address}progress/").status_code,
        client.get(f"{address}marked/").status_code,
    ]


def test_pages_are_for_holders_of_the_targets_permission(world, client_of, app):
    run = _planned(app, world, line(1))
    assert _statuses(client_of(world.user("alice")), run) == [200, 200, 200, 303, 200, 200]
    assert _statuses(client_of(world.user("carol")), run) == [403, 403, 403, 403, 403, 403]
    assert _statuses(client_of(world.user("oscar")), run) == [200, 200, 404, 404, 404, 404]
    assert set(_statuses(client_of(None), run)) == {302}


def test_imports_of_others_are_seen_by_who_may_import_everywhere(world, client_of, app):
    run = _planned(app, world, line(1))
    records.update(run, user=world.user("root"))
    assert _statuses(client_of(world.user("alice")), run)[2] == 200
    assert _statuses(client_of(world.user("bob")), run)[2] == 404  # bob's unit is one of many in it
    records.update(run, user=world.user("bob"))
    assert _statuses(client_of(world.user("bob")), run)[2] == 200
    assert run.filename not in client_of(world.user("carol")).get("/admin/import/").text


def test_a_plugin_that_is_off_takes_nothing(world, client_of, app):
    run = _planned(app, world, line(1))
    switch = PluginSwitch.get(PluginSwitch.institution == world.uni, PluginSwitch.plugin == "accounts")
    records.update(switch, enabled=False)
    touch(world.uni)
    assert _statuses(client_of(world.user("alice")), run) == [404] * 6


def test_without_a_token_nothing_is_taken(world, client_of, app):
    run = _planned(app, world, line(1))
    client = client_of(world.user("alice"))
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post(f"/admin/import/{run.id}/", data={"do": "apply", "digest": run.digest}).status_code == 400
        assert _send(client, sheet(line(1))).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert not Account.select().exists()


def test_the_menu_shows_imports_to_those_who_may(world, client_of, app):
    assert "/admin/import/" in client_of(world.user("alice")).get("/").text
    assert "/admin/import/" not in client_of(world.user("carol")).get("/").text


def test_unknown_targets_and_numbers(alice):
    for address in ("/admin/import/new/?target=x", "/admin/import/new/", "/admin/import/99999/", "/admin/import/1e9/"):
        assert alice.get(address).status_code == 404


# ── cost ───────────────────────────────────────────────────────────────────────────────────────


def test_a_page_of_a_long_plan_costs_no_more_than_of_a_short_one(world, client_of, app, monkeypatch):
    def queries(run, show=""):
        seen = []
        original = db.obj.execute_sql
        with monkeypatch.context() as patch:
            patch.setattr(db.obj, "execute_sql", lambda sql, *a, **k: seen.append(sql) or original(sql, *a, **k))
            page = client.get(f"/admin/import/{run.id}/?show={show}&page=2")
        assert page.status_code == 200
        db.connect(reuse_if_open=True)
        return len(seen)

    client = client_of(world.user("alice"))
    short, long = _planned(app, world, line(1)), _planned(app, world, *(line(n) for n in range(300)))
    queries(short)
    assert queries(long) == queries(short) == queries(long, "created")


def test_paging_shows_each_row_once(world, client_of, app):
    run = _planned(app, world, *(line(n, 开通时间="?" if n % 7 == 0 else None) for n in range(130)))
    client = client_of(world.user("alice"))
    seen = []
    for number in (1, 2, 3, 99):
        page = client.get(f"/admin/import/{run.id}/?page={number}").text
        seen.append(re.findall(r'<td data-label="行">(\d+)</td>', page))
    assert sorted(int(n) for part in seen[:3] for n in part) == list(range(2, 132))
    assert seen[3] == seen[2]
    refused = client.get(f"/admin/import/{run.id}/?show=refused").text
    assert len(re.findall(r'<td data-label="行">', refused)) == run.counts["refused"] == 19


def test_a_clerks_rights_end_with_their_role(world, client_of, app):
    role = records.create(
        Role, institution=world.uni, name="信息员", permissions=[str(AccountsPermission.ACCOUNT_IMPORT)]
    )
    grant = records.create(Grant, institution=world.uni, user=world.user("dave"), role=role, unit=world.office)
    touch(world.uni)
    client = client_of(world.user("dave"))
    assert client.get(NEW).status_code == 200
    records.delete(grant)
    touch(world.uni)
    assert client.get(NEW).status_code == 403
