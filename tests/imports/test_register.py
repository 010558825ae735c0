"""The office's own register, imported into an institution whose roster is empty."""

from __future__ import annotations

import json

from panel.access.identity import acting_as, system
from panel.admin.imports import services
from panel.admin.imports.resolve import Answers
from panel.org import services as org
from panel.org.models import Person, Unit
from plugins.accounts.models import Account, Custodian, Operator
from tests.admin.imports.registers import DATA
from tests.imports.conftest import TARGET, rows

EXPECTED = json.loads((DATA / "register.expected.json").read_text(encoding="utf-8"))
PROBLEMS = {
    ("responsible", "cell"): "responsible person missing",
    ("opened_on", "cell"): "opening date cannot be read",
}


def _found(run):
    for row in rows(run, "refused"):
        for problem in row.problems:
            if problem["code"] == "repeated":
                number = next(n for n in range(1, row.row_number) if f" {n}." in problem["message"])
                yield {"sheet_row": row.row_number, "problem": f"same platform and ID as row {number}"}
            else:
                text = PROBLEMS[problem["column"], problem["code"]]
                yield {"sheet_row": row.row_number, "problem": text}


def _names(model, account):
    return [row.person.name for row in model.select().where(model.account == account).order_by(model.id)]


def test_rows_people_and_problems_are_exactly_the_expected_ones(app, world):
    with app.app_context():
        uni = org.create_institution(
            app.extensions["zhangyin"].registry, "示范大学", "university", plugins=["accounts"]
        )
        with acting_as(system(uni)):
            run = services.upload(TARGET, "新媒体账号备案表.xlsx", (DATA / "register.xlsx").read_bytes())
            assert list(_found(run)) == EXPECTED["problems"]
            run = services.confirm(services.decide(run, answers=Answers(skip=True)), run.digest)
            assert run.state == "done"

            refused = {p["sheet_row"] for p in EXPECTED["problems"]}
            wanted = [row for row in EXPECTED["rows"] if row["sheet_row"] not in refused]
            subjects = {row.row_number: row.subject_id for row in rows(run)}
            read = []
            for row in wanted:
                account = Account.get_by_id(subjects[row["sheet_row"]])
                read.append(
                    {
                        "sheet_row": row["sheet_row"],
                        "unit": account.unit.name,
                        "platform": account.platform.family,
                        "name": account.name,
                        "identifier": account.identifier,
                        "responsible": account.responsible.name,
                        "phone": account.contact_phone or None,
                        "operators": _names(Operator, account),
                        "custodians": _names(Custodian, account),
                        "opened_on": account.opened_on and account.opened_on.isoformat(),
                        "certified_until": account.certified_until and account.certified_until.isoformat(),
                    }
                )
            assert read == wanted
            named = {row["responsible"] for row in wanted} | {
                name for row in wanted for name in (*row["operators"], *row["custodians"])
            }
            assert sorted(p.name for p in Person.select().where(Person.institution == uni)) == sorted(named)
            units = Unit.select().where(Unit.institution == uni, Unit.parent.is_null(False))
            assert {u.name for u in units} == {row["unit"] for row in wanted}

            again = services.upload(TARGET, "again.xlsx", (DATA / "register.xlsx").read_bytes())
            assert (again.counts["unchanged"], again.counts["refused"]) == (len(wanted), len(EXPECTED["problems"]))
            assert again.counts["created"] == again.counts["changed"] == 0
