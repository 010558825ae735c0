"""Every approval chain of the source policies, played from submission to the end in its order, with each branch.

The orders below are written from the policies, not from the presets: `A > B` A signs before B, `A+B` at the same time,
`A!` carries out and confirms. See conftest.py for who is who.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel.approvals.models import Chain, Request
from panel.errors import Refused
from panel.i18n import today
from panel.obligations.models import Obligation
from panel.policies import applying, presets
from tests.presets.plays.conftest import House, Play

pytestmark = pytest.mark.one_database  # that a step is decided once on both is proved with the mechanism

OPENING, CHANGE, CLOSING, APPOINTMENT = (f"accounts.{name}" for name in ("opening", "change", "closing", "appointment"))
SECRET = Play("密码启封审批", "publicity", "accounts.secret_opening")


def plays(code: str, *chains: Play, marks: pytest.MarkDecorator) -> object:
    return pytest.param(code, chains, marks=marks, id=code)


OPENINGS = [
    plays(
        "peking-university",
        Play(
            "开设官方微信公众号审批",
            "lead > 保密办公室/lead > 党委宣传部/lead > 党委宣传部/publicity!",
            OPENING,
            {"kind": "faculty"},
        ),
        Play(
            "开设官方微信公众号审批",
            "科研主管部门 > lead > 保密办公室/lead > 党委宣传部/lead > 党委宣传部/publicity!",
            OPENING,
            {"kind": "virtual"},
        ),
        Play(
            "开设官方微信公众号审批",
            "科研主管部门 > lead > 保密办公室/lead > 党委宣传部/lead > 党委宣传部/publicity!",
            OPENING,
            {"kind": "base"},
        ),
        # A student club has no account of its own: its host applies, whose heads sign first.
        Play(
            "开设官方微信公众号审批",
            "lead > 保密办公室/lead > 党委宣传部/lead > 党委宣传部/publicity!",
            OPENING,
            {"kind": "student"},
        ),
        Play("公众号信息变更备案", "lead > 保密办公室/lead+党委宣传部/publicity", CHANGE),
        Play("责任人审核内容", "lead"),
        marks=pytest.mark.rule("s0-07-r05", "s0-07-r08", "s0-07-r09", "s0-07-r12", "s0-07-r14"),
    ),
    plays(
        "jinhua-college",
        Play(
            "官方微信、微博、网站开设审批",
            "lead > 党委宣传部/lead > 分管领导 > 主管领导 > 党委书记 > 党委宣传部/publicity+clerk!",
            OPENING,
            {"platform": "weibo"},
        ),
        Play(
            "官方微信、微博、网站开设审批",  # QQ groups, apps and other media of the work go the same way
            "lead > 党委宣传部/lead > 分管领导 > 主管领导 > 党委书记 > 党委宣传部/publicity+clerk!",
            OPENING,
            {"platform": "other"},
        ),
        Play(
            "责任人、管理人变更审批",
            "lead > 党委宣传部/lead > 分管领导 > 主管领导 > 党委书记 > 党委宣传部/publicity+clerk!",
            CHANGE,
            {"changes_responsible": True},
        ),
        Play("单位账号发布", "lead", values={"class": "general"}),
        Play("单位账号发布", "lead > 校园网络舆情管理办公室/lead", values={"class": "sensitive"}),
        Play("单位账号发布", "lead > 校园网络舆情管理办公室/lead", values={"class": "important"}),
        Play(
            "学校官方账号和主站发布",
            "lead > 校园网络舆情管理办公室/lead > 党委宣传部/publicity!",
            values={"class": "general", "column": "学校官方账号和主站"},
        ),
        Play("向校外机构提供校园信息", "lead > 党委宣传部/lead", values={"column": "向校外机构提供信息"}),
        marks=pytest.mark.rule(
            "s3-03-r03",
            "s3-03-r04",
            "s3-03-r07",
            "s3-03-r11",
            "s3-03-r17",
            "s3-03-r18",
            "s3-03-r24",
            "s3-03-r27",
            "s3-03-r28",
        ),
    ),
    plays(
        "listed-company",
        Play(
            "对外网站开设审批",
            "lead > 综合管理部/lead+党群工作部/lead+工程技术分公司/lead > 公司领导 > 党群工作部/publicity!",
            OPENING,
            {"platform": "website"},
        ),
        Play(
            "对外网站变更审批",
            "综合管理部/lead+党群工作部/lead > 公司领导 > 党群工作部/publicity!",
            CHANGE,
            {"platform": "website"},
        ),
        Play(
            "对外网站关停审批",
            "lead > 综合管理部/lead+党群工作部/lead+工程技术分公司/lead > 公司领导 > 党群工作部/publicity!",
            CLOSING,
            {"platform": "website"},
        ),
        Play(
            "公众号开设审批",
            "综合管理部/lead > 公司领导 > 综合管理部/publicity!",
            OPENING,
            {"platform": "wechat_service"},
        ),
        Play("公众号变更审批", "综合管理部/lead > 公司领导", CHANGE, {"platform": "wechat_service"}),
        Play("公众号注销审批", "综合管理部/lead > 公司领导", CLOSING, {"platform": "wechat_service"}),
        Play("对外网站内容审核", "党群工作部/lead", values={"topic": "公司要闻"}),
        Play("信息披露内容审核", "战略发展部/lead > 党群工作部/lead", values={"topic": "信息披露"}),
        marks=pytest.mark.rule(
            "s0-09-r04",
            "s0-09-r07",
            "s0-09-r09",
            "s0-09-r10",
            "s0-09-r11",
            "s0-09-r12",
            "s0-09-r13",
            "s0-09-r15",
            "s0-09-r17",
            "s0-09-r18",
        ),
    ),
    plays(
        "nationalities-university",
        Play("校内单位开设账号备案", "lead > 党委宣传部/publicity!", OPENING),
        Play("校内单位投稿", "lead > 党委宣传部/lead"),
        Play("党委宣传部采编发布", "党委宣传部/lead", unit="党委宣传部", by="党委宣传部/clerk"),
        marks=pytest.mark.rule("s0-03-r03", "s0-03-r05", "s0-03-r08", "s0-06-r03", "s0-06-r05"),
    ),
    plays(
        "youth-league-school",
        Play("开设账号报校团委批准", "校团委/lead", OPENING),
        Play("变更账号报校团委批准", "校团委/lead", CHANGE),
        Play("注销账号报校团委批准", "校团委/lead", CLOSING),
        Play("校团委审核", "校团委/lead"),
        marks=pytest.mark.rule("s2-01-r04", "s2-01-r06"),
    ),
    plays(
        "railway-procuratorate",
        Play("开设微博、微信审批", "院领导", OPENING, {"platform": "weibo"}),
        Play("一般内容由管理员发布", "clerk!", values={"class": "general"}, by="clerk"),
        Play("重要案件和敏感话题审批", "检察长或主管副检察长", values={"class": "important"}, by="clerk"),
        Play("重要案件和敏感话题审批", "检察长或主管副检察长", values={"class": "sensitive"}, by="clerk"),
        marks=pytest.mark.rule("s3-01-r03", "s3-01-r09", "s3-01-r10"),
    ),
    plays(
        "group-company",
        Play("开设账号事先审批", "归口管理部门/lead", OPENING),
        Play("重要资料变更事先审批", "归口管理部门/lead", CHANGE, {"changes_name": True}),
        Play("三审三校", "clerk > 运营团队 > 审核员", values={"class": "general"}, by="clerk"),
        Play("三审三校", "归口管理部门/lead > clerk > 运营团队 > 审核员", values={"class": "important"}, by="clerk"),
        Play(
            "对外合作推广审批",
            "归口管理部门/lead > clerk > 运营团队 > 审核员",
            values={"topic": "对外合作"},
            by="clerk",
        ),
        marks=pytest.mark.rule("s4-01-r08", "s4-01-r10", "s4-01-r14", "s4-01-r21", "s4-01-r30"),
    ),
    plays(
        "school-appointed-operator",
        Play("运营人员任命", "宣传部/lead > 校领导", APPOINTMENT),
        marks=pytest.mark.rule("s2-04-r01"),
    ),
    plays(
        "company-work-accounts",
        Play("工作账号申请", "人力资源部/lead", APPOINTMENT),
        marks=pytest.mark.rule("s1-02-r01", "s1-02-r02"),
    ),
]

PUBLISHING = [
    plays("anbian-school", Play("信息发布审批", "领导小组办公室/lead"), marks=pytest.mark.rule("s0-05-r09")),
    plays(
        "hospital",
        Play("科室信息审核发布", "lead > 宣传科/publicity!", values={"class": "general"}),
        Play("科室信息审核发布", "lead > 分管领导 > 宣传科/publicity!", values={"class": "important"}),
        Play("医院文件上网审核", "院办公室/lead > 宣传科/publicity!", values={"class": "documents", "topic": "院字文"}),
        Play("党字文上网审核", "党委办公室/lead > 宣传科/publicity!", values={"class": "documents", "topic": "党字文"}),
        marks=pytest.mark.rule("s0-08-r02", "s0-08-r05", "s0-08-r09"),
    ),
    plays(
        "chongqing-company",
        Play("新闻和观点类审批", "lead > 宣传部/lead > 宣传部/publicity!", values={"class": "general"}),
        Play("新闻和观点类审批", "lead > above > 宣传部/lead > 宣传部/publicity!", values={"class": "sensitive"}),
        Play("重要信息审批", "lead > above > 分管领导 > 宣传部/publicity!", values={"class": "important"}),
        marks=pytest.mark.rule("s0-11-r06", "s0-11-r07", "s0-11-r08", "s0-11-r10"),
    ),
    plays(
        "school-website-platform",
        Play("信息发布申请审批", "lead > 宣传部/lead > 信息技术中心/publicity!"),
        marks=pytest.mark.rule("s1-03-r06"),
    ),
    plays(
        "school-publicity-layout",
        Play("信息审核与编排发布", "宣传部/lead > 宣传部/clerk! > 宣传部/publicity!"),
        marks=pytest.mark.rule("s1-04-r05", "s1-04-r07", "s2-08-r05", "s2-08-r07"),
    ),
    plays("company-editing", Play("编辑、审核、发布", "审核 > publicity!"), marks=pytest.mark.rule("s1-10-r04")),
    plays(
        "company-promotion",
        Play("推广内容审核与发布", "lead > 市场部/publicity! > 市场部/clerk!"),
        marks=pytest.mark.rule("s1-13-r07"),
    ),
    plays(
        "hospital-medical",
        Play("医疗信息与健康知识审核", "医学审核专家", values={"class": "medical"}),
        Play("其他信息审核", "lead", values={"class": "general"}),
        marks=pytest.mark.rule("s1-16-r03"),
    ),
    plays(
        "school-platform-admin",
        Play("平台管理员审核发布", "publicity > publicity!"),
        marks=pytest.mark.rule("s1-17-r06"),
    ),
    plays("company-new-media", Play("员工内容审批", "新媒体管理部门/lead"), marks=pytest.mark.rule("s1-22-r04")),
    plays(
        "haizhinan-school",
        Play("教师报道审批", "lead > clerk!", values={"topic": ""}),
        Play("教学类学校报道审批", "分管教学的副校长 > 校长 > 校办/clerk! > 校办/publicity!", values={"topic": "教学"}),
        Play("德育和校办类学校报道审批", "德育主任 > 校长 > 校办/clerk! > 校办/publicity!", values={"topic": "德育"}),
        Play("德育和校办类学校报道审批", "德育主任 > 校长 > 校办/clerk! > 校办/publicity!", values={"topic": "校办"}),
        Play("开设工作群审批", "校长", "groupchat.opening"),
        marks=pytest.mark.rule("s1-23-r02", "s1-23-r27", "s1-23-r31", "s1-23-r33", "s1-23-r34"),
    ),
    plays("school-platform-security", Play("平台负责人审核", "lead"), marks=pytest.mark.rule("s2-02-r06")),
    plays("school-operating-team", Play("审核团队审核", "审核团队"), marks=pytest.mark.rule("s2-05-r06")),
    plays(
        "university-management-group",
        Play("制作、审核、发布", "管理小组 > publicity!"),
        marks=pytest.mark.rule("s2-03-r05", "s2-03-r12"),
    ),
    plays(
        "information-centre-school",
        Play("信息中心编审与校领导审核", "信息中心/lead > 信息中心/clerk! > 校领导 > 信息中心/publicity!"),
        marks=pytest.mark.rule("s2-06-r07"),
    ),
    plays(
        "editorial-board-school",
        Play("编委会审核", "校长或书记", values={"kind": "article", "has_media": False}),
        Play("编委会审核", "校长或书记+图片视频编辑", values={"kind": "article", "has_media": True}),
        Play("图集和视频", "媒体编辑 > 媒体编辑!", values={"kind": "photos"}),
        Play("图集和视频", "媒体编辑 > 媒体编辑!", values={"kind": "video"}),
        Play("中队相册（初期）", "媒体编辑 > 媒体编辑!", values={"kind": "article", "column": "中队相册"}),
        marks=pytest.mark.rule("s2-07-r04", "s2-07-r05", "s2-07-r08", "s2-07-r13"),
    ),
    plays(
        "huaicheng-school",
        Play("信息发布审批", "lead > 主管校长 > 学校办公室/publicity > 学校办公室/lead!"),
        Play("账号资料修改须经专管员同意", "学校办公室/publicity", CHANGE),
        marks=pytest.mark.rule("s2-09-r05", "s2-09-r08", "s2-09-r10", "s2-09-r18", "s2-09-r20"),
    ),
    plays(
        "company-staff-rules",
        Play("部门实施细则审批", "公司管理部门/lead", values={"class": "documents"}),
        Play("部门信息审核", "lead", values={"class": "general"}),
        marks=pytest.mark.rule("s1-11-r17"),
    ),
    plays("community", Play("社区信息发布", "lead"), marks=pytest.mark.rule("s1-18-r05")),
    plays(
        "plain-school",
        Play("开设账号审批", "lead > publicity", OPENING),
        Play("变更账号审批", "lead > publicity", CHANGE),
        Play("注销账号审批", "lead > publicity", CLOSING),
        Play("投稿审核", "lead > publicity"),
        SECRET,
        marks=pytest.mark.rule("s0-10-r06"),
    ),
    plays(
        "plain-company",
        Play("开设账号审批", "lead > publicity", OPENING),
        Play("变更账号审批", "lead > publicity", CHANGE),
        Play("注销账号审批", "lead > publicity", CLOSING),
        Play("投稿审核", "lead > publicity"),
        SECRET,
        marks=pytest.mark.rule("s1-08-r06", "s1-20-r07"),
    ),
    plays(
        "plain-public-body",
        Play("开设账号审批", "lead > publicity", OPENING),
        Play("变更账号审批", "lead > publicity", CHANGE),
        Play("注销账号审批", "lead > publicity", CLOSING),
        Play("投稿审核", "lead > publicity"),
        SECRET,
        marks=(),
    ),
]


@pytest.mark.parametrize(("code", "chains"), [*OPENINGS, *PUBLISHING])
def test_the_chain_is_signed_in_its_order(house: House, code: str, chains: tuple[Play, ...]) -> None:
    taken = house.take(code)
    assert {f"chain {play.subject}/{play.chain}" for play in chains} == taken, "a chain of the preset is never played"
    for play in chains:
        house.play(play)


def test_no_preset_has_a_chain_that_is_not_played(app: object) -> None:
    with app.app_context():  # type: ignore[attr-defined]
        with_chains = {preset.code for preset in presets.shipped() if preset.count("chain")}
    assert with_chains == {param.id for param in [*OPENINGS, *PUBLISHING]}


def test_every_step_cites_the_article_it_comes_from(app: object) -> None:
    with app.app_context():  # type: ignore[attr-defined]
        chains = [(p.code, part) for p in presets.shipped() for part in p.parts if part.table == "chain"]
    assert not [(code, part.name) for code, part in chains if not part.rules]
    assert not [(code, step.name) for code, part in chains for step in part.steps if not step.rules]


@pytest.mark.rule("s0-07-r08")
def test_all_heads_of_the_unit_sign_where_the_policy_wants_both(house: House) -> None:
    house.move_in("党总支书记", house.units["unit"], heads=True)
    house.take("peking-university")
    _paper, request = house.submit(OPENING, "unit", "applicant", {"kind": "faculty"})
    house.sign(request, "lead")
    assert house.signers(house.open(request)[0], request) == {"lead", "党总支书记"}
    house.sign(request, "党总支书记")
    assert house.signers(house.open(request)[0], request) == {"保密办公室/lead"}


@pytest.mark.rule("s1-03-r07")
def test_what_does_not_conform_goes_back_with_the_reason_and_comes_again(house: House) -> None:
    house.take("school-website-platform")
    paper, request = house.submit("content.submission", "unit", "applicant", {})
    house.sign(request, "lead")
    house.sign(request, "宣传部/lead", "return", "图片不清")
    assert Request.get_by_id(request.id).ended_note == "图片不清"
    assert type(paper).get_by_id(paper.id).state == "returned"
    house.play(Play("信息发布申请审批", "lead > 宣传部/lead > 信息技术中心/publicity!"))


@pytest.mark.rule("s0-09-r17")
def test_what_the_company_rejects_is_not_opened(house: House) -> None:
    house.take("listed-company")
    paper, request = house.submit(OPENING, "unit", "applicant", {"platform": "wechat_service"})
    house.sign(request, "综合管理部/lead")
    house.sign(request, "公司领导", "reject", "不需要")
    assert type(paper).get_by_id(paper.id).state == "rejected"
    with pytest.raises(Refused):
        house.sign(request, "综合管理部/publicity", "done")


def test_another_preset_takes_the_place_of_the_rest_and_a_second_time_changes_nothing(house: House) -> None:
    house.take("plain-company")
    before = Chain.get(Chain.subject == "content.submission")
    house.take("chongqing-company")
    assert not Chain.get_by_id(before.id).active  # one chain is for what no condition catches
    house.play(Play("重要信息审批", "lead > above > 分管领导 > 宣传部/publicity!", values={"class": "important"}))
    house.play(Play("新闻和观点类审批", "lead > 宣传部/lead > 宣传部/publicity!", values={"class": "general"}))
    versions = {chain.id: (chain.revision, chain.version) for chain in Chain.select()}
    preset = next(p for p in presets.shipped() if p.code == "chongqing-company")
    chains = [c for c in applying.plan(preset, house.institution).changes if c.part.table == "chain"]
    assert all(change.same for change in chains)
    assert applying.apply(preset, house.institution, {c.part.key for c in chains}) == []
    assert versions == {chain.id: (chain.revision, chain.version) for chain in Chain.select()}


LIMITED = """
name = "限时审批"
[[chain]]
subject = "content.submission"
name = "限时审批"
rules = ["s1-21-r05"]
steps = [{name = "单位负责人审核", role = "lead", days = 2, rules = ["s1-21-r05"]}]
"""


@pytest.mark.rule("s1-21-r05")
def test_a_step_that_waits_is_owed_by_its_signer_within_its_limit(house: House) -> None:
    preset = presets.read(LIMITED, "a.toml")
    applying.apply(preset, house.institution, {part.key for part in preset.parts})
    _paper, request = house.submit("content.submission", "unit", "applicant", {})
    waiting = Obligation.get(Obligation.kind == "approvals.step", Obligation.institution == house.institution)
    assert (waiting.person.name, waiting.due_on, waiting.state) == ("lead", today() + timedelta(days=2), "open")
    house.sign(request, "lead")
    assert not Obligation.get_by_id(waiting.id).open
