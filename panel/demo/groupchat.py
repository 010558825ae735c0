"""Work groups of the sample university: a department's group with a list and a record read, a notice, a problem."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel import records
from panel.database import utcnow
from panel.i18n import today
from panel.org.models import Institution, Person, Unit

RECORD = """—————  {day}  —————

{first}  06:12

早上好

{second}  09:03

【通知】周五下午召开部门例会。收到请回复：收到

{first}  09:10

收到

{third}  12:55

兼职刷单日赚500，加微信 abc12345

{third}  15:20

[文件] 值班表.xlsx
"""


def groups(university: Institution, person: Person) -> None:
    """Groups in the register, with something to do in them."""
    import io

    from plugins.groupchat import evidence, services
    from plugins.groupchat.models import Source
    from plugins.groupchat.policy import QuietHours

    office: Unit = person.unit
    for starts, ends in (("22:30", "06:30"), ("12:40", "14:20")):
        records.create(QuietHours, institution=university, starts=starts, ends=ends, days="workdays")
    base: dict[str, Any] = {"institution": university, "unit": office, "owner": person}
    group = services.open_group(
        {
            **base,
            "name": "宣传部工作群",
            "kind": "department",
            "purpose": "部门通知、值班与材料报送",
            "ends_on": _later(300),
        }
    )
    services.open_group(
        {
            **base,
            "name": "校庆宣传专班群",
            "kind": "project",
            "purpose": "校庆期间宣传协调",
            "opened_on": _later(-200),
            "ends_on": _later(-5),
        }
    )
    people = [p for p in Person.select().where(Person.unit == office).order_by(Person.id).limit(6) if p.in_service()]
    if len(people) < 3:
        return
    lines = [
        "群昵称,微信昵称",
        *(f"{p.name},微信{n}" for n, p in enumerate(people[:-1])),
        "小鱼,海阔天空",
        "外联王先生,王",
    ]
    services.import_members(group, "\n".join(lines).encode(), "宣传部工作群成员.csv")
    names = {name: people[n].name for n, name in enumerate(("first", "second", "third"))}
    text = RECORD.format(day=_later(-1), **names)
    source = services.take_in(group, io.BytesIO(text.encode()), "宣传部工作群聊天记录.txt")
    evidence.read(Source.get_by_id(source.id))
    notice = services.prepare(
        {
            "group": group,
            "kind": "assignment",
            "subject": "报送本周推文选题",
            "text": "请各位于周三前将本周推文选题报送至宣传部邮箱。",
            "needs_receipt": True,
            "complete_by": utcnow() - timedelta(hours=2),
            "author": person,
        }
    )
    records.update(notice, state="sent", sent_at=utcnow() - timedelta(hours=20))
    from plugins.groupchat.notices import open_receipts

    open_receipts(notice)
    services.name_problem(
        {
            "group": group,
            "person": people[-1],
            "fact": "公众号封面图未按规范署名",
            "due_at": utcnow() + timedelta(days=2),
            "inspector": person,
        }
    )


def _later(days: int) -> Any:
    return today() + timedelta(days=days)
