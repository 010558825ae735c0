"""Content in the sample university: pieces at every stage, a plan, and the lists that go with them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from panel import records
from panel.access import services as access
from panel.access.identity import acting_as, identify
from panel.access.models import Role, User
from panel.approvals import services as approvals
from panel.approvals.chains import import_text
from panel.approvals.models import Chain, Task, TaskState
from panel.i18n import today
from panel.org.models import Institution, Person, Unit
from panel.org.services import root_of

CHAINS = """
[[chain]]
subject = "content.submission"
name = "三审三校（重要、敏感稿件）"
when = [{field = "class", is = ["important", "sensitive"]}]
[[chain.steps]]
name = "一审一校：宣传部编辑"
who = "role"
role = "publicity"
[[chain.steps]]
name = "二审二校：宣传部科室负责人"
who = "role"
role = "publicity"
[[chain.steps]]
name = "三审三校：宣传部负责人"
who = "role"
role = "publicity"
days = 2

[[chain]]
subject = "content.submission"
name = "一般稿件审核"
[[chain.steps]]
name = "宣传部审核"
who = "role"
role = "publicity"
days = 3
"""
NEWS = (
    ("教务处召开本科教学工作例会", "news"),
    ("学校启动新学期教学检查", "general"),
    ("“名师讲堂”第三十二期开讲", "important"),
    ("智慧教室建设工作稳步推进", "general"),
    ("本科生创新训练项目结题答辩举行", "general"),
    ("关于做好选课工作的提示", "general"),
)
BODY = """{title}。本次活动由教务处主办，各学院分管教学负责人、教研室主任及学生代表共 {count} 人参加。

会议指出，要坚持以本为本，推进四个回归，把教学质量作为学校发展的生命线。各单位要结合实际，明确任务、压实责任，确保各项工作落到实处。

## 下一步安排

- 各学院于两周内完成自查，形成第 {count} 号清单；
- 教务处组织专家抽查，结果向全校通报；
- 对存在的问题逐项整改，学期末前销号。

与会人员围绕课程建设、实践教学和考试管理等议题进行了交流。
"""


def fill(university: Institution, chief: User) -> None:
    """Pieces of the clerk's, signed by the chief. Nothing where the plugin is not there."""
    from plugins.accounts.models import Account
    from plugins.content import services as content
    from plugins.content.choices import Part
    from plugins.content.policy import Column, ContentWord, Hours, Medium, ReviewItem, SendBudget, Topic
    from plugins.content.submissions import Contributor

    def add(model: Any, **values: Any) -> Any:
        return records.create(model, institution=university, **values)

    if not Chain.select().where(Chain.institution == university, Chain.subject == "content.submission").exists():
        import_text(university, CHAINS)
    publicity = Role.get(Role.institution == university, Role.code == "publicity")
    access.grant(chief, publicity, root_of(university))
    clerk = User.get(User.username == "clerk")
    unit = Unit.get(Unit.institution == university, Unit.name == "教务处")
    account = Account.select().where(Account.institution == university, Account.status == "active").first()
    editor = Person.get_by_id(chief.person_id)
    columns = [
        add(Column, name=name, owner=editor, unit=None, account=account, fresh_days=days, position=n)
        for n, (name, days) in enumerate((("学校新闻", 7), ("校园动态", 14), ("教师风采", 30)))
    ]
    topics = [add(Topic, name=n, position=p) for p, n in enumerate(("学校新闻", "校园动态", "通知公告", "学术交流"))]
    for place, (name, kind) in enumerate(
        (
            ("内容真实、准确", "confirm"),
            ("符合保密要求，不涉密", "confirm"),
            ("图片、字体均有授权", "confirm"),
            ("含不宜公开的信息", "bar"),
        )
    ):
        add(ReviewItem, name=name, kind=kind, position=place)
    add(ContentWord, word="赌球", category="赌博")
    add(ContentWord, word="震惊", category="标题党", place="title")
    add(Medium, name="学校官网", level="institution", joint=True)
    add(Medium, name="省教育报", level="provincial")
    add(Hours, name="上课时间", weekdays="12345", begins="08:00", ends="11:40")
    if account is not None:
        add(SendBudget, account=account, period="month", most=4)
        add(SendBudget, account=account, period="day", most=1)

    made = []
    with acting_as(identify(clerk, university)):
        for number, (title, class_) in enumerate(NEWS):
            row = content.begin(
                {
                    "institution": university,
                    "unit": unit,
                    "headline": title,
                    "body": BODY.format(title=title, count=36 + 17 * number),
                    "class_": class_,
                    "source": "original",
                    "column": columns[number % 3],
                    "topic": topics[number % 3],
                    "planned_at": _at(number, 17),
                    "parts": {Part.AUTHOR: [Contributor(clerk.person), Contributor(None, "李文博", "校学生会")]},
                    "accounts": [account] if account else [],
                }
            )
            content.attach(row, f"现场{number + 1}.jpg", _picture(number), caption=f"{title}现场")
            made.append(row)
        for row in made[:5]:
            content.hand_in(row, "请审阅。")
    with acting_as(identify(chief, university)):
        for row in made[:2]:
            content.answer(row, {i.id for i, _given in content.checklist(row) if i.kind == "confirm"})
            _sign(row)
        made[0] = type(row).get_by_id(made[0].id)
        if account is not None:
            out = content.release(made[0], account, link="https://mp.weixin.qq.com/s/demo", mass=True, tested=True)
            content.count_reads(out, today(), 1286, 57)
        content.comment(made[3], "请补充建设进度数据", "结合实际，明确任务")
        _sign(made[3], "return", "请补充数据后重新提交")
        for days, (name, mass) in enumerate(
            (("新年献词", True), ("期末考试温馨提示", False), ("寒假安全教育专题", True)), 3
        ):
            content.accept(
                [
                    content.propose(
                        {
                            "institution": university,
                            "name": name,
                            "unit": unit,
                            "owner": clerk.person,
                            "planned_on": today() + timedelta(days=days * 2),
                            "due_on": today() + timedelta(days=days),
                            "account": account,
                            "mass": mass and account is not None,
                            "column": columns[0],
                        }
                    )
                ]
            )
    row = type(row).get_by_id(made[3].id)
    with acting_as(identify(clerk, university)):
        content.change(row, None, {"body": row.body.replace("各项工作", "智慧教室一期 42 间、二期 58 间建设")})
        content.hand_in(row, "已补充进度数据。")


def _at(days: int, hour: int) -> datetime:
    day = today() + timedelta(days=1 + days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


def _sign(row: Any, verdict: str = "approve", opinion: str = "") -> None:
    request = approvals.approval_of(row, "content.submission")
    if request is not None:
        task = Task.get(Task.request == request, Task.state == TaskState.OPEN)
        approvals.decide(task, verdict, opinion)


def _picture(number: int) -> bytes:
    """A picture that is nobody's."""
    shades = ((134, 36, 32), (44, 74, 92), (96, 84, 52), (52, 92, 68), (92, 60, 92), (70, 70, 78))
    made = Image.new("RGB", (900, 500), shades[number % len(shades)])
    draw = ImageDraw.Draw(made)
    for step in range(0, 900, 60):
        draw.line((step, 500, step + 200, 180), fill=tuple(c + 24 for c in shades[number % len(shades)]), width=6)
    out = io.BytesIO()
    made.save(out, "JPEG", quality=88)
    return out.getvalue()
