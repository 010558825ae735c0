"""What offices call the columns of their register, and the values in them."""

from __future__ import annotations

from collections.abc import Mapping

from panel.api import ImportColumn, ImportKind, _l
from plugins.accounts.choices import Certification, EntityKind, Level, Status

STATUSES = {
    **dict.fromkeys(["待备案", "未备案", "筹备", "申请中"], Status.PENDING.value),
    **dict.fromkeys(["在用", "正常", "使用中", "运营中", "正常运营", "正常使用", "启用", "活跃"], Status.ACTIVE.value),
    **dict.fromkeys(["停更", "已停更", "暂停更新", "停止更新", "长期未更新", "不再更新"], Status.IDLE.value),
    **dict.fromkeys(["暂停", "停用", "已停用", "封禁", "被封", "冻结"], Status.SUSPENDED.value),
    **dict.fromkeys(["拟注销", "待注销", "注销中", "申请注销", "准备注销"], Status.CLOSING.value),
    **dict.fromkeys(["注销", "已注销", "关闭", "已关闭"], Status.CLOSED.value),
}
LEVELS = {
    **dict.fromkeys(["校级", "院级总账号", "一级", "机构级", "官方", "公司级", "总部"], Level.INSTITUTION.value),
    **dict.fromkeys(["二级", "院级", "部门级", "学院", "处级", "部门", "二级单位"], Level.SECOND.value),
    **dict.fromkeys(["三级", "班级", "社团", "学生组织", "班团", "科室级"], Level.THIRD.value),
}
CERTIFICATIONS = {
    **dict.fromkeys(["未认证", "否", "无认证"], Certification.NONE.value),
    **dict.fromkeys(["政府", "政务", "机关"], Certification.GOVERNMENT.value),
    **dict.fromkeys(["事业单位", "事业"], Certification.PUBLIC.value),
    **dict.fromkeys(["企业", "公司"], Certification.ENTERPRISE.value),
    **dict.fromkeys(["媒体"], Certification.MEDIA.value),
    **dict.fromkeys(["其他组织", "其他", "社会团体", "组织"], Certification.OTHER.value),
    **dict.fromkeys(["个人"], Certification.INDIVIDUAL.value),
}
ENTITY_KINDS = {
    **dict.fromkeys(["机构", "单位", "组织", "企业", "事业单位"], EntityKind.ORGANISATION.value),
    **dict.fromkeys(["个人", "自然人"], EntityKind.INDIVIDUAL.value),
}


def columns(platforms: Mapping[str, int]) -> tuple[ImportColumn, ...]:
    """The columns of a register; `platforms` maps every spelling to the platform's id."""
    kind = ImportKind
    return (
        ImportColumn(
            "unit",
            _l("Unit"),
            synonyms=("主办部门", "所属部门", "部门", "单位", "主办单位", "所属单位", "二级单位", "学院", "申请部门"),
            required=True,
            spans=True,
            infer_from="name",
        ),
        ImportColumn(
            "platform",
            _l("Platform"),
            kind.CHOICE,
            ("平台", "平台类型", "账号类型", "所属平台", "媒体类型", "类型"),
            required=True,
            choices=platforms,
        ),
        ImportColumn(
            "name",
            _l("Account name"),
            synonyms=("账号名称", "名称", "公众号名称", "账号名", "昵称", "平台名称"),
            required=True,
            max_length=120,
        ),
        ImportColumn(
            "identifier",
            _l("Account ID"),
            kind.IDENTIFIER,
            ("账号ID", "ID", "微信号", "账号", "网址", "域名", "原始ID", "链接"),
            max_length=120,
        ),
        ImportColumn(
            "responsible",
            _l("Responsible person"),
            kind.PERSON,
            ("责任人", "负责人", "直接责任人", "分管领导", "第一责任人"),
            required=True,
        ),
        ImportColumn(
            "contact_phone", _l("Contact phone"), kind.PHONE, ("联系电话", "电话", "手机", "手机号", "联系方式")
        ),
        ImportColumn(
            "operators",
            _l("Operators"),
            kind.PEOPLE,
            ("运营人", "运营人员", "管理员", "运维人员", "运营者", "编辑", "信息员"),
        ),
        ImportColumn(
            "custodians", _l("Password custodians"), kind.PEOPLE, ("密码保管人", "密码保管", "保管人", "密码管理人")
        ),
        ImportColumn(
            "opened_on", _l("Opened on"), kind.DATE, ("开通时间", "开通日期", "注册时间", "注册日期", "开设时间")
        ),
        ImportColumn(
            "certified_until",
            _l("Verified until"),
            kind.DATE,
            ("认证到期", "认证到期日", "认证有效期", "年审到期", "认证截止日期"),
        ),
        ImportColumn("certification", _l("Verified as"), kind.CHOICE, ("认证类型", "认证情况"), choices=CERTIFICATIONS),
        ImportColumn("followers", _l("Followers"), kind.INTEGER, ("粉丝数", "粉丝", "关注人数", "用户数", "粉丝量")),
        ImportColumn("followers_on", _l("Followers counted on"), kind.DATE, ("粉丝统计日期", "统计时间")),
        ImportColumn(
            "status", _l("Status"), kind.CHOICE, ("状态", "运营状态", "使用状态", "账号状态"), choices=STATUSES
        ),
        ImportColumn("closed_on", _l("Closed on"), kind.DATE, ("注销时间", "注销日期", "关闭时间")),
        ImportColumn(
            "entity", _l("Legal entity"), synonyms=("账号主体", "主体", "认证主体", "主体名称"), max_length=200
        ),
        ImportColumn("entity_kind", _l("Registered to"), kind.CHOICE, ("主体类型", "主体性质"), choices=ENTITY_KINDS),
        ImportColumn("level", _l("Level"), kind.CHOICE, ("级别", "账号级别", "层级"), choices=LEVELS),
        ImportColumn("purpose", _l("Purpose"), synonyms=("用途", "使用说明", "主要用途", "定位"), max_length=2000),
        ImportColumn("publishing_scope", _l("Publishing scope"), synonyms=("发布范围", "面向对象"), max_length=200),
        ImportColumn(
            "description",
            _l("Introduction on the platform"),
            synonyms=("简介", "功能介绍", "账号简介"),
            max_length=2000,
        ),
        ImportColumn("filing_number", _l("Filing number"), synonyms=("备案号", "备案编号"), max_length=80),
        ImportColumn("filed_on", _l("Filed on"), kind.DATE, ("备案时间", "备案日期")),
        ImportColumn("bound_phone", _l("Bound phone"), kind.PHONE, ("绑定手机", "绑定手机号")),
        ImportColumn("bound_email", _l("Bound e-mail"), synonyms=("绑定邮箱", "注册邮箱", "登录邮箱"), max_length=120),
        ImportColumn("note", _l("Note"), synonyms=("备注", "说明", "其他说明"), max_length=2000),
    )
