"""The chains of every shipped preset, played on what they are about: accounts, operators, pieces and groups.

plays/ proves on stand-ins who signs in what order; here the same plays run on rows of the plugins, whose own facts
choose the branch, and end with what the last signature brings about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as, system
from panel.approvals.models import Chain, Request
from panel.approvals.services import approval_of
from panel.checks.saving import recording
from panel.i18n import today
from panel.obligations import settle
from panel.org.models import Unit
from panel.org.services import create_institution
from panel.policies import presets
from plugins.accounts import services as accounts
from plugins.accounts.life.models import Application
from plugins.accounts.models import Account, Operator, Platform
from plugins.accounts.register import enter_account
from plugins.accounts.secrets import services as secrets
from plugins.accounts.secrets.models import SecretOpening
from plugins.accounts.secrets.policy import SecretsPolicy
from plugins.content import services as content
from plugins.content.models import Submission
from plugins.content.policy import Column, Topic
from plugins.content.submissions import Contributor
from plugins.groupchat import services as groupchat
from plugins.groupchat.models import Group
from tests.content.conftest import jpeg
from tests.presets.plays.conftest import House, Play, _house
from tests.presets.plays.test_plays import OPENINGS, PUBLISHING

pytestmark = pytest.mark.one_database
PLUGINS = ["accounts", "certification", "content", "groupchat", "stipend"]


class RealHouse(House):
    """The same house, with the plugins at work in it."""

    count = 0
    outlet: Account | None = None  # where the next piece that is approved goes out

    def submit(self, subject: str, unit: str, by: str, values: dict[str, Any]) -> tuple[Any, Request]:
        self.count += 1
        makers: dict[str, Any] = {"content.submission": self.write, "groupchat.opening": self.ask}
        makers["accounts.secret_opening"] = self.unseal
        with self.as_(by):
            row = makers.get(subject, self.apply)(self.units[unit], subject.partition(".")[2], values)
        request = approval_of(row, subject)
        assert request is not None
        return row, request

    # ── accounts ──────────────────────────────────────────────────────────────────────────────

    def apply(self, unit: Unit, kind: str, values: dict[str, Any]) -> Application:
        code = values.get("platform", "wechat_subscription")
        platform = Platform.get(Platform.institution == self.institution, Platform.code == code)
        person = self.users["lead"].person
        wanted: dict[str, Any] = {"reason": "工作需要"}
        if kind == "opening":
            wanted |= {"unit": unit, "name": f"示例号{self.count}", "platform": platform, "responsible": person}
            wanted |= {"publishing_scope": "全体", "purpose": "工作", "entity": "示例单位", "operators": [person]}
            if body := values.get("kind"):
                given = {"institution": self.institution, "parent": unit, "name": f"机构{self.count}", "kind": body}
                wanted["body"] = records.create(Unit, **given)
                path = f"{unit.path}{wanted['body'].id}/"
                records.derive(Unit, Unit.id == wanted["body"].id, path=path)
            return accounts.submit(accounts.draft(kind, wanted), True)
        account = self.account(unit, platform)
        if kind == "appointment":
            wanted["operators"] = [self.users["applicant"].person]
        elif kind == "change":
            wanted["name"] = f"新号{self.count}"
            if values.get("changes_responsible"):
                wanted["responsible"] = self.users["applicant"].person
        return accounts.submit(accounts.draft(kind, wanted, account), True)

    def account(self, unit: Unit, platform: Platform) -> Account:
        """An account that has long been there."""
        with acting_as(system(self.institution)):
            account = enter_account(
                {
                    "institution": self.institution,
                    "name": f"旧号{self.count}",
                    "platform": platform,
                    "identifier": f"old-{self.count}",
                    "unit": unit,
                    "responsible": self.users["lead"].person,
                    "status": "active",
                }
            )
            accounts.confirm_filing(account)
        return account

    def unseal(self, unit: Unit, _kind: str, _values: dict[str, Any]) -> SecretOpening:
        """The policy wants two people; the applicant asks for the password."""
        policy = SecretsPolicy.get(SecretsPolicy.institution == self.institution)
        records.update(policy, two_people=True)
        platform = Platform.get(Platform.institution == self.institution, Platform.code == "wechat_subscription")
        secret = secrets.seal_secret(self.account(unit, platform), "password", "Merlin-8-in-the-loft")
        return secrets.ask_opening(secret, "值班人员失联")

    # ── pieces and groups ─────────────────────────────────────────────────────────────────────

    def write(self, unit: Unit, _kind: str, values: dict[str, Any]) -> Submission:
        given: dict[str, Any] = {
            "institution": self.institution,
            "unit": unit,
            "headline": f"开放日侧记之{self.count}",
            "body": f"第{self.count}次开放日昨日举行，近三百名家长走进课堂和社团。",
            "source": "original",
            "class_": values.get("class", "general"),
            "kind": values.get("kind", "article"),
            "proofread": True,
            "vouched": True,
            "parts": {"author": [Contributor(self.users["applicant"].person)]},
        }
        for name, model in (("column", Column), ("topic", Topic)):
            if values.get(name):
                given[name] = self.called(model, values[name])
        row = content.begin(given)
        if values.get("has_media") or given["kind"] == "photos":
            content.attach(row, "现场.jpg", jpeg())
        content.hand_in(row)
        return row

    def called(self, model: Any, name: str) -> Any:
        found = model.get_or_none(model.institution == self.institution, model.name == name)
        return found or records.create(model, institution=self.institution, name=name)

    def ask(self, unit: Unit, _kind: str, _values: dict[str, Any]) -> Group:
        return groupchat.open_group(
            {
                "institution": self.institution,
                "unit": unit,
                "name": f"第{self.count}群",
                "kind": "staff",
                "owner": self.users["lead"].person,
                "purpose": "布置工作",
                "overlap": "无",
                "state": "requested",
            }
        )

    def _nobody_else(self, task: Any, play: Play, place: int) -> None:
        """That nobody signs out of turn is proved on stand-ins."""

    # ── what it comes to ──────────────────────────────────────────────────────────────────────

    def has_not_happened(self, paper: Any) -> None:
        row = type(paper).get_by_id(paper.id)
        assert row.state in ("waiting", "review", "requested")
        if isinstance(row, Application):
            assert not Account.select().where(Account.name == row.name).exists()
            assert row.account is None or row.account.status == "active"

    def has_happened(self, paper: Any) -> None:
        row = type(paper).get_by_id(paper.id)
        if isinstance(row, SecretOpening):
            assert row.state == "released"
        elif isinstance(row, Group):
            assert (row.state, row.opened_on) == ("active", today())
        elif isinstance(row, Submission):
            assert (row.state, row.frozen) == ("approved", row.print)
            if self.outlet is not None:
                with acting_as(system(self.institution)):
                    content.release(row, self.outlet)
                assert Submission.get_by_id(row.id).state == "released"
                self.outlet = None
        else:
            self.is_done(row)

    def is_done(self, row: Application) -> None:
        account = row.account
        if row.kind == "closing":
            assert account.status == "closing"
            return
        assert row.state == "done"
        assert account.filing == "filed"
        if row.kind == "appointment":
            who = self.users["applicant"].person
            assert Operator.select().where(Operator.account == account, Operator.person == who).exists()
            return
        assert (account.name, account.status) == (row.name, "active")
        assert account.responsible == row.responsible or row.responsible is None


@pytest.fixture
def house(app: Flask, acting: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealHouse]:
    monkeypatch.setattr(settle, "_settle", lambda *_: None)  # half of the time; what falls due is proved elsewhere
    registry = app.extensions["zhangyin"].registry
    with app.test_request_context(), recording():
        made = create_institution(registry, "示例单位", "other", "Asia/Shanghai", None, PLUGINS)
        with acting_as(system(made)):
            yield _house(app, made, RealHouse)


def test_each_chain_ends_in_what_was_applied_for(house: RealHouse) -> None:
    """One institution takes one preset after the other; the chains of the one before are put out of force."""
    wrong, played = {}, set()
    platform = Platform.get(Platform.institution == house.institution, Platform.code == "wechat_subscription")
    outlet = house.account(house.units["unit"], platform)
    for code, chains in (param.values for param in (*OPENINGS, *PUBLISHING)):
        for chain in Chain.select().where(Chain.institution == house.institution, Chain.active):
            records.update(chain, active=False)
        house.take(code)
        house.outlet = Account.get_by_id(outlet.id)
        for play in {play.chain: play for play in chains}.values():  # each branch is played on stand-ins
            try:
                house.play(play)
            except Exception as error:  # all that is wrong at once
                wrong[f"{code}: {play}"] = repr(error)
            played.add((code, play.subject))
    assert not wrong, "\n".join(f"{play}: {error}" for play, error in wrong.items())
    shipped = {(p.code, part.subject) for p in presets.shipped() for part in p.parts if part.table == "chain"}
    assert played == shipped
