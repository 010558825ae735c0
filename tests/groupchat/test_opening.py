"""A group is asked for, sent back, asked for again, and open with the last signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from panel import audit, records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.approvals import services as approvals
from panel.approvals.chains import import_text
from panel.approvals.models import Task, TaskState
from panel.errors import Refused
from panel.i18n import today
from plugins.groupchat import services
from plugins.groupchat.models import Group
from tests.groupchat.conftest import School

CHAIN = """
[[chain]]
subject = "groupchat.opening"
name = "开设工作群审批"
[[chain.steps]]
name = "部门负责人"
who = "role"
role = "lead"
[[chain.steps]]
name = "校长"
who = "role"
role = "校长"
"""
ASKED = {"kind": "project", "app": "wechat", "purpose": "校庆筹备", "overlap": "无", "state": "requested"}


@pytest.fixture
def users(school: School) -> dict[str, User]:
    """A clerk and the head of the office, a principal, and whoever keeps all groups."""
    rights = ["groupchat.group.view", "groupchat.group.edit"]
    made = {}
    for name, role, unit in (
        ("clerk", "clerk", school.unit("校办")),
        ("lead", "lead", school.unit("校办")),
        ("principal", "校长", school.root),
        ("keeper", "keeper", school.root),
    ):
        kind = {"name": role, "code": "" if role == "校长" else role, "permissions": rights}
        row = records.create(Role, institution=school.institution, **kind)
        person = school.person(name, unit.name) if unit is not school.root else school.person(name)
        given = {"institution": school.institution, "username": f"g-{name}", "person": person, "display_name": name}
        made[name] = records.create(User, **given)
        records.create(Grant, institution=school.institution, user=made[name], role=row, unit=unit)
    import_text(school.institution, CHAIN)
    return made


def sign(users: dict[str, User], by: str, group: Group, verdict: str = "approve") -> Group:
    request = approvals.approval_of(group, "groupchat.opening")
    user = User.get_by_id(users[by].id)
    with acting_as(identify(user, user.institution)), audit.acting("web", user=user):
        approvals.decide(Task.get(Task.request == request, Task.state == TaskState.OPEN), verdict, "请写明结束日期")
    return Group.get_by_id(group.id)


@pytest.mark.rule("s1-23-r02")
def test_from_the_request_to_the_open_group(
    school: School, users: dict[str, User], client_of: Callable[..., Any]
) -> None:
    clerk, unit = client_of(users["clerk"]), school.unit("校办")
    form = {**ASKED, "name": "校庆筹备群", "unit": unit.name, "unit-id": str(unit.id)}
    past = clerk.post("/groupchat/group/new/", data={**form, "state": "active"})
    assert past.status_code == 422
    assert "须先申请" in past.get_data(as_text=True)
    assert not Group.select().exists()
    assert clerk.post("/groupchat/group/new/", data=form).status_code == 302
    group = Group.get()
    with pytest.raises(Refused):
        sign(users, "principal", group)  # the head of the office comes first
    assert sign(users, "lead", group, "return").state == "requested"
    address = f"/groupchat/group/details/?id={group.id}"
    shown = clerk.get(address).get_data(as_text=True)
    assert "请写明结束日期" in shown
    assert f"act=ask&amp;id={group.id}" in shown
    services.change_group(Group.get_by_id(group.id), None, {"ends_on": today()})
    again = f"/groupchat/group_acts/?act=ask&id={group.id}"
    assert clerk.post(again, data={"note": "已补"}).status_code == 302
    assert clerk.post(again, data={"note": "已补"}).status_code == 422  # it waits already
    assert sign(users, "lead", group).state == "requested"
    opened = sign(users, "principal", group)
    assert (opened.state, opened.opened_on, opened.ends_on) == ("active", today(), today())
    assert clerk.post(again, data={}).status_code == 422
    assert "重新申请" not in clerk.get(address).get_data(as_text=True)


@pytest.mark.one_database
def test_what_is_turned_down_is_shut_and_what_was_there_is_taken_in(
    school: School, users: dict[str, User], client_of: Callable[..., Any]
) -> None:
    keeper = client_of(users["keeper"])
    form = {**ASKED, "name": "老群", "unit": school.root.name, "unit-id": str(school.root.id), "state": "active"}
    assert keeper.post("/groupchat/group/new/", data=form).status_code == 302
    group = school.open("新群", "project", unit=school.unit("校办"), state="requested", overlap="无")
    closed = sign(users, "lead", group, "reject")
    assert (closed.state, closed.closed_on) == ("closed", today())
    with pytest.raises(Refused):
        services.ask_again(closed)
