"""On the sample register the findings are exactly those a careful reader of the sheet finds."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from panel.access.identity import acting_as
from panel.admin.imports import services as imports
from panel.admin.imports.resolve import Answers
from panel.checks.models import Finding
from panel.checks.sweep import sweep
from plugins.accounts.models import Account
from tests.cast import World

DATA = Path(__file__).parent.parent / "data"


def read_by_hand() -> dict[str, set[str]]:
    """Check → names of the accounts, from the rows as they stand and the policy an institution starts with.

    The sheet has no column for filing, level or sealed copies, so all of these are missing.
    """
    told = json.loads((DATA / "register.expected.json").read_text("utf-8"))
    refused = {problem["sheet_row"] for problem in told["problems"]}
    found: dict[str, set[str]] = defaultdict(set)
    operated: Counter[tuple[str, str]] = Counter()
    for row in told["rows"]:
        if row["sheet_row"] in refused:
            continue
        name = f"{row['name']} {row['identifier']}"
        found["sealed_copy_missing"].add(name)
        found["incomplete"].add(name)
        found["site_without_icp" if row["platform"] == "site" else "not_filed"].add(name)
        if row["sheet_row"] in told["over_two_custodians"]:
            found["too_many_custodians"].add(name)
        if not row["custodians"]:
            found["no_custodian"].add(name)
        if not row["operators"]:
            found["no_operator"].add(name)
        operated.update((row["unit"], operator) for operator in set(row["operators"]))
    assert max(operated.values()) <= 5  # nobody operates too many
    return dict(found)


def stored() -> dict[str, set[str]]:
    names = {a.id: f"{a.name} {a.identifier}" for a in Account.select()}
    found: dict[str, set[str]] = defaultdict(set)
    for finding in Finding.select().where(Finding.closed_at.is_null()):
        assert finding.subject_type == "accounts.account"
        found[finding.code.removeprefix("accounts.")].add(names[finding.subject_id])
    return dict(found)


def test_the_findings_are_those_of_a_careful_reader(world: World, app: Any) -> None:
    with acting_as(world.identity("alice")), app.app_context():
        register = (DATA / "register.xlsx").read_bytes()
        upload = imports.upload("accounts.account", "register.xlsx", register, answers=Answers(skip=True))
        imports.confirm(upload, upload.digest)
        assert stored() == read_by_hand()
        report = sweep(world.uni)
        assert (report.opened, report.closed, report.broken) == (0, 0, [])
        over = Finding.select().where(Finding.code == "accounts.too_many_custodians")
        assert {finding.values["limit"] for finding in over} == {2}
