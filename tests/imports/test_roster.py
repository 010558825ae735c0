"""Units and people come in through the same importer, and accounts then find them."""

from __future__ import annotations

from panel.admin.imports import services
from panel.org.models import Person, Unit
from plugins.accounts.models import Account
from tests.admin.imports.registers import as_csv
from tests.imports.conftest import line, planned


def _import(target, *lines):
    run = services.upload(target, "名册.csv", as_csv(lines))
    return services.confirm(run, run.digest)


def test_a_tree_of_units_then_its_people_then_their_accounts(uni):
    units = [["部门名称", "上级部门"], ["工学院", ""], ["机械系", "工学院"], ["电气系", "工学院"]]
    assert _import("org.unit", *units).counts["created"] == 3
    assert Unit.get(Unit.name == "机械系").parent.name == "工学院"
    people = [["姓名", "部门", "工号"], ["陈静", "机械系", "1001"], ["陈静", "电气系", "1002"]]
    assert _import("org.person", *people).counts["created"] == 2
    run = services.confirm(*_digest(planned(line(1, 部门="电气系", 责任人="陈静（1002）"))))
    assert run.state == "done"
    assert Account.get().responsible_id == Person.get(Person.number == "1002").id
    for target, lines in (("org.unit", units), ("org.person", people)):
        assert _import(target, *lines).counts["unchanged"] == len(lines) - 1


def _digest(run):
    return run, run.digest


def test_people_of_an_unknown_unit_bring_it_along(uni):
    run = _import("org.person", ["姓名", "部门"], ["陈静", "新学院"], ["王强", "新学院"])
    assert (run.state, len(run.result["units"])) == ("done", 1)
    assert Person.select().join(Unit).where(Unit.name == "新学院").count() == 2
