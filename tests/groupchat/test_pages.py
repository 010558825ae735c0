"""The pages of groups: who sees what, and what acts say."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from panel import records
from panel.i18n import today
from plugins.groupchat import services
from plugins.groupchat.models import Case, Group, LogEntry, Member, Notice, Receipt, Source
from plugins.groupchat.policy import QuietHours
from tests.cast import World
from tests.groupchat.conftest import SAMPLES, School

PAGES = (
    *("group", "member", "case", "notice", "problem", "bulletin", "duty_day", "quiet_hours", "word_list", "word"),
    *("sanction_rule", "term", "required_group", "alias", "source", "receipt", "result", "reach", "log_entry"),
    "wecom_link",
)


@pytest.fixture
def oscar(world: World, client_of: Callable[..., Any]) -> Any:
    return client_of(world.user("oscar"))


@pytest.mark.one_database
def test_every_list_opens(sample: School, oscar: Any) -> None:
    for page in PAGES:
        answer = oscar.get(f"/groupchat/{page}/")
        assert answer.status_code == 200, (page, answer.get_data(as_text=True)[:2000])
    answer = oscar.get(f"/groupchat/group/details/?id={sample.group.id}")
    assert answer.status_code == 200
    assert "罗洋" in answer.get_data(as_text=True)


@pytest.mark.one_database
def test_acts_and_what_others_see(school: School, world: World, client_of: Callable[..., Any]) -> None:
    """Lists and records are taken in on pages; names stay masked for who need not know; a link answers once."""
    oscar = client_of(world.user("oscar"))
    for name in ("罗洋", "高芳", "马磊"):
        school.person(name)
    group = school.open()
    school.quiet(("00:00", "06:30"), days="all")
    at = f"?act=members&id={group.id}"
    refused = oscar.post(f"/groupchat/group_acts/{at}", data={})
    assert refused.status_code == 422
    assert "请选择文件" in refused.get_data(as_text=True)
    said = oscar.post(f"/groupchat/group_acts/{at}", data={"pasted": "罗洋\n高芳\n外人"}, follow_redirects=True)
    assert "不在名册" in said.get_data(as_text=True)
    assert Member.select().where(Member.state == "present").count() == 3
    record = {"file": (io.BytesIO((SAMPLES / "chat.txt").read_bytes()), "chat.txt")}
    oscar.post(f"/groupchat/case_acts/?act=record&id={group.id}", data=record)
    source = Source.get(Source.kind == "chat")
    assert source.run_id
    services.read(source)
    page = oscar.get(f"/groupchat/source/details/?id={source.id}").get_data(as_text=True)
    assert "2026-09-14 10:00" in page
    assert Case.select().count() == 6
    case = Case.get(Case.kind == "advertisement")
    assert "马磊" in oscar.get(f"/groupchat/case/details/?id={case.id}").get_data(as_text=True)

    _reader(world)
    auditor = client_of(world.user("oscar"))
    whole = auditor.get(f"/groupchat/group/details/?id={case.group_id}").get_data(as_text=True)
    history = whole[whole.index('id="log"') :]
    assert "违规事项" in history, "that there are cases is told"
    assert "马磊" not in history, "and not whose"
    for address in (f"/groupchat/case/details/?id={case.id}", "/groupchat/case/"):
        page = auditor.get(address).get_data(as_text=True)
        assert "马磊" not in page, address
        assert "abc12345" not in page, address
    assert auditor.get(f"/groupchat/case_acts/?act=confirm&id={case.id}").status_code == 403

    for window in QuietHours.select():
        records.delete(window)
    notice = services.prepare(
        {"group": group, "kind": "release", "subject": "会", "text": "开会", "needs_receipt": True, "wording": "收到"}
    )
    keys = services.send(notice)
    assert {person.name for person, _key in keys} == {"罗洋", "高芳"}
    nobody = client_of(None)
    link = f"/groupchat/answer/?key={keys[0][1]}"
    assert "开会" in nobody.get(link).get_data(as_text=True)
    for _twice in range(2):
        assert "已于" in nobody.post(link).get_data(as_text=True)
    assert Receipt.select().where(Receipt.fits).count() == 1
    assert nobody.get("/groupchat/answer/?key=xxxxxxxxxxxxxxxxxxxxxxxx").status_code == 404
    assert Notice.get().state == "sent"
    assert Group.get().name in nobody.get(link).get_data(as_text=True)


@pytest.mark.rule("s1-23-r07")
@pytest.mark.one_database
def test_what_is_worth_keeping_is_filed_with_its_day_and_whether_it_was_printed(school: School, oscar: Any) -> None:
    group = school.open("教务群")
    act = f"/groupchat/group_acts/?act=log&id={group.id}"
    for number in range(4):
        sent = {"kind": "archived", "text": f"月考成绩表{number}", **({"printed": "y"} if number % 2 else {})}
        answer = oscar.post(
            act, data={**sent, "file": (io.BytesIO(b"%PDF-1.7 " + bytes([number])), f"成绩{number}.pdf")}
        )
        assert answer.status_code == 302, answer.text
    kept = oscar.get("/groupchat/log_entry/?kind=archived").text
    assert kept.count("教务群") >= 4
    assert kept.count(f"{today():%m-%d}") >= 4
    for number in range(4):
        assert f"成绩{number}.pdf" in kept
    printed = oscar.get("/groupchat/log_entry/?kind=archived&printed=1").text
    assert [n for n in range(4) if f"月考成绩表{n}" in printed] == [1, 3]
    entry = LogEntry.get(LogEntry.file_name == "成绩3.pdf")
    assert oscar.get(f"/groupchat/log_entry/paper/?id={entry.id}").data.startswith(b"%PDF-1.7 ")
    refused = oscar.post(act, data={"kind": "archived", "text": "表", "file": (io.BytesIO(b"MZ"), "x.exe")})
    assert refused.status_code == 422
    assert LogEntry.select().count() == 4


def _reader(world: World) -> None:
    """Oscar may look at everything of the groups but the names and words of cases."""
    from panel.access import identity

    role = world.roles["other"]
    looks = [p for p in role.permissions if p.endswith(".view")]
    records.update(role, permissions=looks)
    from panel.access.services import touch

    touch(world.other.id)
    identity._remembered.clear()


@pytest.mark.one_database
def test_command(app: Any, sample: School, set_policy: Callable[..., None], monkeypatch: Any) -> None:
    """`panel groups check` prints the lists of the sample."""
    import contextlib
    import json

    from click.testing import CliRunner

    from plugins.groupchat import commands
    from tests.groupchat.test_sample import follow_preset

    follow_preset(sample, set_policy)

    @contextlib.contextmanager
    def here(_name: str | None) -> Any:
        yield sample.institution

    monkeypatch.setattr(commands, "at_work", here)
    words = ["check", "全体教职工工作群", "--members", str(SAMPLES / "members.csv"), "--log", str(SAMPLES / "chat.txt")]
    words += ["--alias", "静待花开17=孙伟", "--alias", "小太阳92=T0042", "--json"]
    answer = CliRunner().invoke(commands.groups, words)
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output)
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    expected.pop("quiet_hours_rule")
    assert {name: found[name] for name in expected} == expected
    assert Case.select().count() == 0
