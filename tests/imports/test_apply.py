"""Confirming writes all or nothing, once, and only what was shown."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest
from flask import current_app

from panel import audit, records
from panel.access.identity import acting_as
from panel.admin.imports import background, files, services, write
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow, ImportRun
from panel.audit.models import Entry
from panel.database import db, utcnow
from panel.errors import Refused, Stale
from panel.org.models import Person, Unit
from plugins.accounts.models import Account, Custodian
from tests.imports.conftest import line, planned, rows


def test_everything_is_written_and_linked(imported):
    run = imported(line(1, 密码保管人="李娜"), line(2, 部门="碳中和研究院"))
    assert run.state == "done"
    accounts = {a.name: a for a in Account.select()}
    assert {row.label: row.subject_id for row in rows(run)} == {name: a.id for name, a in accounts.items()}
    assert [name for _id, name in run.result["units"]] == ["碳中和研究院"]
    assert accounts["理学院之声2"].unit.name == "碳中和研究院"
    (custodian,) = Custodian.select().where(Custodian.account == accounts["理学院之声1"])
    assert custodian.person.name == "李娜"


def test_repeating_the_same_file_changes_nothing(imported):
    imported(line(1, 密码保管人="李娜", 运营人="王强"), line(2))
    before = Entry.select().count()
    again = imported(line(1, 密码保管人="李娜", 运营人="王强"), line(2))
    assert again.counts["unchanged"] == 2
    written = Entry.select(Entry.subject_type).where(Entry.id > before).distinct().tuples()
    assert {kind for (kind,) in written} == {"admin.import_run"}


def test_all_entries_of_an_import_share_one_correlation(uni):
    run = planned(line(1), line(2, 部门="碳中和研究院"))
    before = Entry.select().count()
    with audit.acting("web", user=uni.user("alice")):
        services.confirm(run, run.digest)
    entries = list(Entry.select().where(Entry.id > before))
    assert len({e.correlation for e in entries}) == 1
    assert {"org.unit.create", "org.person.create", "accounts.account.create", "admin.import_run.apply"} <= {
        e.action for e in entries
    }


def test_confirming_twice_writes_once(uni):
    run = planned(line(1))
    assert services.confirm(run, run.digest).state == "done"
    assert services.confirm(run, run.digest).state == "done"
    assert Account.select().count() == 1


def test_refused_rows_must_be_left_out_knowingly(uni):
    run = planned(line(1), line(2, 责任人=None))
    with pytest.raises(Refused, match="1 row is refused"):
        services.confirm(run, run.digest)
    run = services.decide(run, answers=Answers(skip=True))
    assert services.confirm(run, run.digest).state == "done"
    assert Account.select().count() == 1


def test_a_plan_the_user_did_not_see_is_not_confirmed(uni):
    run = planned(line(1, 部门="碳中和研究院"), line(2))
    seen = run.digest
    run = services.decide(run, answers=Answers(not_units={"碳中和研究院"}, skip=True))
    with pytest.raises(Stale):
        services.confirm(run, seen)
    assert not Account.select().exists()


@pytest.mark.parametrize("meanwhile", ["changed", "created", "left", "renamed"])
def test_data_that_moved_on_is_shown_again_and_nothing_written(imported, person, meanwhile):
    someone = person("陈静")
    imported(line(1))
    run = planned(line(1, 账号名称="新名"), line(2))
    account = Account.get()
    if meanwhile == "changed":
        records.update(account, note="别人改过")
    elif meanwhile == "created":
        records.create(
            Account,
            institution=account.institution,
            name="别人登记的",
            platform=account.platform,
            identifier="lxy_2",
            register_key="weibo:lxy_2",
            unit=account.unit,
            responsible=someone,
        )
    elif meanwhile == "left":
        person("陈静")  # a second of the name
    else:
        records.update(Unit.get_by_id(account.unit_id), name="数理学院")
    before = Account.select().count()
    done = services.confirm(run, run.digest)
    assert (done.state, done.digest != run.digest) == ("stale", True)
    assert (Account.select().count(), Account.get_by_id(account.id).name) == (before, account.name)
    if meanwhile == "changed":
        done = services.confirm(done, done.digest)
        assert (done.state, Account.get_by_id(account.id).name) == ("done", "新名")


def test_what_fails_half_way_leaves_nothing(uni, monkeypatch):
    run = planned(line(1), line(2, 部门="碳中和研究院"))
    before = (Person.select().count(), Unit.select().count(), Entry.select().count())
    original = write._people

    def break_off(made, ids):
        original(made, ids)
        raise Refused("no more")

    monkeypatch.setattr(write, "_people", break_off)
    run = services.confirm(run, run.digest)
    assert (run.state, run.error) == ("failed", "no more")
    assert (Person.select().count(), Unit.select().count(), Entry.select().count()) == before
    monkeypatch.undo()
    assert services.confirm(run, run.digest).state == "done"


def test_two_tabs_at_once_write_once(uni):
    run = planned(*(line(n) for n in range(20)))
    start = threading.Barrier(2)
    outcomes = []

    def confirm():
        with app.app_context(), db.connection_context(), acting_as(identity), audit.acting("web", user_name="tab"):
            start.wait()
            outcomes.append(services.confirm(ImportRun.get_by_id(run.id), run.digest).state)

    app, identity = current_app._get_current_object(), uni.identity("alice")
    tabs = [threading.Thread(target=confirm) for _tab in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert outcomes == ["done", "done"]
    assert Account.select().count() == 20


def test_old_files_and_plans_are_forgotten_but_what_was_imported_stays(imported, uni):
    old, new = imported(line(1)), planned(line(2))
    orphan = files.folder() / ("0" * 64)
    orphan.write_bytes(b"x")
    long_ago = utcnow() - timedelta(days=31)
    with db.atomic():
        db.execute_sql(f"UPDATE admin_import_run SET created_at = '{long_ago:%Y-%m-%d %H:%M:%S}' WHERE id = {old.id}")
    for path in (files.path_of(old.content), orphan):
        os.utime(path, (long_ago.timestamp(),) * 2)
    assert background.forget_old() == {"rows": 1, "files": 2}
    assert ImportRow.select().where(ImportRow.run == new.id).count() == 1
    assert files.path_of(new.content).is_file()
    with pytest.raises(Refused):
        files.path_of(old.content)
    assert (Account.select().count(), ImportRun.get_by_id(old.id).counts["created"]) == (1, 1)


def test_a_finished_import_is_not_planned_again(imported):
    run = imported(line(1))
    with pytest.raises(Refused):
        services.decide(run, answers=Answers())


def test_a_register_is_taken_in_with_what_breaks_the_policy(imported):
    """More custodians than the policy allows become a finding, not a refusal."""
    assert imported(line(1, 密码保管人="李娜、王强、赵敏")).state == "done"


def test_the_file_name_is_the_files_own(uni):
    assert services.plain_name("C:\\用户\\台账<b>.xlsx") == "台账<b>.xlsx"
    assert services.plain_name("../../etc/passwd\x00") == "passwd"
    assert len(services.plain_name("长" * 500 + ".xlsx")) <= 120
    assert services.plain_name("/") == services.plain_name("")
