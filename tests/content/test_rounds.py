"""From the first draft to the archive: rounds of review, what bars them, what is frozen, what goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel import records
from panel.access.identity import acting_as
from panel.checks.saving import Unconfirmed
from panel.errors import NotAllowed, Refused
from panel.obligations.models import Obligation
from plugins.accounts.models import Account
from plugins.content import reviewing, services
from plugins.content.choices import HitState, Part
from plugins.content.models import Band, Contribution, Hit, Release, Round, Submission, Target
from plugins.content.policy import ContentWord, Medium, ReviewItem, SendBudget
from plugins.content.submissions import Contributor
from tests.content.conftest import TEXT, TODAY, Desk, days_ago


def test_returned_revised_resubmitted_approved_released(desk: Desk) -> None:
    row = desk.write(class_="important")
    row = desk.hand_in(row, "请审")
    assert (row.state, row.round) == ("review", 1)
    with desk.as_("erin"), pytest.raises(Refused, match="its text is fixed"):
        services.change(row, None, {"headline": "偷改"})
    with desk.as_("bob"):
        services.comment(row, "数字要核实", "近三百名")
        with pytest.raises(Refused, match="does not stand in the text"):
            services.comment(row, "?", "没有这句")
    row = desk.sign(row, "bob", "return", "请核实人数")
    assert (row.state, Round.get(Round.submission == row).note) == ("returned", "请核实人数")
    with desk.as_("erin"):
        services.change(row, None, {"body": TEXT.replace("近三百名", "二百八十六名")})
    row = desk.hand_in(row)
    lines = reviewing.compared(reviewing.round_before(row), row)
    (changed,) = [line for line in lines if line.changed]
    assert ("近三", True) in changed.before
    assert any(only for _text, only in changed.after)
    assert "".join(text for text, _only in changed.after) == row.body
    row = desk.sign(row, "bob")
    assert row.state == "review"
    row = desk.sign(row, "carol")
    assert (row.state, row.frozen) == ("approved", row.print)
    assert [r.state for r in Round.select().order_by(Round.number)] == ["returned", "approved"]
    due = Obligation.get(Obligation.kind == "content.upload", Obligation.state == "open")
    made = desk.release(row, link="https://mp.weixin.qq.com/s/x")
    row = Submission.get_by_id(row.id)
    assert (row.state, row.released_on, made.by.name) == ("released", TODAY, "Alice")
    assert Obligation.get_by_id(due.id).state == "done"
    assert Account.get_by_id(desk.account.id).published_on == TODAY
    assert [r.id for r in services.released_pieces(desk.world.uni, TODAY, TODAY)] == [made.id]


def test_withdrawn_after_release_is_no_longer_collected(desk: Desk) -> None:
    made = desk.release(desk.approved())
    with desk.as_("alice"):
        services.count_reads(made, TODAY, 800)
        with pytest.raises(Refused, match="entered already"):
            services.count_reads(made, TODAY, 900)
        assert services.reads_by([made.id], TODAY) == {made.id: 800}
        assert services.reads_by([made.id], days_ago(1)) == {}
        services.correct(made, "错别字：开放曰 改为 开放日")
        services.withdraw(made, "照片未获授权")
        with pytest.raises(Refused, match="withdrawn already"):
            services.withdraw(made, "再次")
    assert not list(services.released_pieces(desk.world.uni, TODAY, TODAY))
    (correction,) = services.withdrawn_between(desk.world.uni, TODAY, TODAY)
    assert correction.release.id == made.id
    assert Submission.get_by_id(made.submission.id).state == "withdrawn"


def test_only_what_was_approved_goes_out_once_per_account(desk: Desk) -> None:
    row = desk.write()
    with pytest.raises(Refused, match="Only an approved piece"):
        desk.release(row)
    row = desk.sign(desk.hand_in(row))
    with pytest.raises(Refused, match="still to come"):
        desk.release(row, released_on=TODAY + timedelta(1))
    with pytest.raises(Refused, match="not approved yet"):
        desk.release(row, released_on=days_ago(3))
    desk.release(row)
    with pytest.raises(Refused, match="out on this account already"):
        desk.release(row)
    assert Release.select().count() == 1
    records.update(Submission.get_by_id(row.id), print="0" * 64)  # as whoever writes past the verbs would
    with desk.as_("alice"), pytest.raises(Refused, match="no longer the one that was approved"):
        services.release(row, medium=desk.add(Medium, name="省报"))


def test_taken_back_and_void(desk: Desk) -> None:
    row = desk.hand_in(desk.write())
    with desk.as_("erin"):
        services.take_back(row)
    row = Submission.get_by_id(row.id)
    assert row.state == "draft"
    row = desk.hand_in(row)
    with desk.as_("alice"):  # what signers read changed under their hands
        records.update(Target.get(Target.submission == row), dropped="x")
        records.update(row, headline="换了标题")
    row = Submission.get_by_id(row.id)
    assert (row.state, row.round) == ("returned", 2)
    assert Round.get(Round.number == 2).state == "void"


def test_the_checklist_and_hits_bar_the_last_signature(desk: Desk) -> None:
    lawful = desk.add(ReviewItem, name="内容合法", kind="confirm")
    secret = desk.add(ReviewItem, name="涉密", kind="bar")
    desk.add(ContentWord, word="赌球", category="赌博")
    row = desk.hand_in(desk.write(body=TEXT + "严禁赌 球！联系电话13800000000。"))
    assert {(h.kind, h.text, h.category) for h in Hit.select()} == {
        ("word", "赌球", "赌博"),
        ("phone", "13800000000", ""),
    }
    assert "held" in desk.found(row)
    with pytest.raises(Refused, match="Not confirmed: 内容合法"):
        desk.sign(row)
    with desk.as_("carol"):
        services.answer(row, {lawful.id, secret.id})
        for hit in Hit.select():
            services.decide_hit(hit, HitState.CLEARED, "禁赌宣传")
    assert "held" not in desk.found(row)
    with pytest.raises(Refused, match="Barred: 涉密"):
        desk.sign(row)
    assert Submission.get_by_id(row.id).state == "review"
    with desk.as_("carol"):
        services.answer(row, {lawful.id})
        services.decide_hit(Hit.get(Hit.kind == "word"), HitState.BARRED, "改写")
    with pytest.raises(Refused, match="Must go: 赌球"):
        desk.sign(row)
    with desk.as_("carol"):
        with pytest.raises(Refused, match="Say why"):
            services.decide_hit(Hit.get(Hit.kind == "word"), HitState.CLEARED, " ")
        services.decide_hit(Hit.get(Hit.kind == "word"), HitState.CLEARED, "禁赌宣传")
    assert desk.sign(row).state == "approved"


def test_refused_words_and_later_lists(desk: Desk) -> None:
    row = desk.write()
    desk.add(ContentWord, word="开放日", effect="forbid")
    with desk.as_("erin"), pytest.raises(Refused, match="开放日"):
        services.hand_in(row)
    records.delete(Hit.get()) if Hit.select().exists() else None
    row = desk.hand_in(desk.write(headline="讲座", body="讲座昨天举行，大家都来听了，内容丰富。"))
    desk.add(ContentWord, word="讲座", category="试")
    with acting_as(desk.world.identity("alice")):
        assert services.scan_again(desk.world.uni) >= 1
        assert services.scan_again(desk.world.uni) == 0
    assert Hit.get(Hit.submission == row, Hit.state == "open").text == "讲座"


def test_nearly_the_same_text_is_asked_about(desk: Desk) -> None:
    desk.lay_down(likeness=85)
    long = "\n\n".join(
        f"第{n}段，我校第{n}届学术月活动在图书馆举行，来自{n}个学院的师生参加了交流。" for n in range(1, 15)
    )
    first = desk.write(body=long)
    again = desk.write(body=long.replace("图书馆", "体育馆", 1))
    other = desk.write(body="食堂新窗口开业，供应各地小吃，欢迎同学们前来品尝，营业时间为早七点到晚九点。" * 3)
    assert (again.alike.id, again.likeness >= 95, other.alike) == (first.id, True, None)
    with desk.as_("erin"), pytest.raises(Unconfirmed, match="the same as"):
        services.hand_in(again)
    with desk.as_("erin"):
        services.discard(other)
    assert not Band.select().where(Band.submission == other.id).exists()


def test_shares_sum_and_contributors_are_who_they_are(desk: Desk) -> None:
    people = [desk.person("erin"), desk.person("bob")]
    for shares, wrong in (((6000, 3000), "sum to 90 %"), ((6000, None), "everybody or to nobody")):
        authors = [Contributor(p, share=s) for p, s in zip(people, shares, strict=True)]
        with pytest.raises(Refused, match=wrong):
            desk.write(parts={Part.AUTHOR: authors})
    authors = [*[Contributor(p, share=3333) for p in people], Contributor(None, "王校友", "校友会", 3334)]
    row = desk.write(parts={Part.AUTHOR: authors, Part.PHOTO: [Contributor(people[1])]})
    found = list(services.contributions_of([row.id]))
    assert [(str(c), c.share) for c in found if c.part == "author"] == [("何苗", 3333), ("Bob", 3333), ("王校友", 3334)]
    with pytest.raises(Refused, match="named for this part already"):
        desk.write(parts={Part.AUTHOR: [Contributor(people[0]), Contributor(people[0])]})
    assert Contribution.select().count() == 4


def test_mass_sends_stay_in_budget_and_are_tested(desk: Desk) -> None:
    desk.lay_down(test_required=True, mass_day_most=1)
    desk.add(SendBudget, account=desk.account, period="month", most=4)
    one, two = desk.approved(), desk.approved(headline="第二篇", body="另一件完全不同的事情发生在昨天的操场上。")
    with pytest.raises(Refused, match="Send a test first"):
        desk.release(one, mass=True)
    desk.release(one, mass=True, tested=True)
    with pytest.raises(Refused, match="used up"):
        desk.release(two, mass=True, tested=True)
    plan = {"institution": desk.world.uni, "unit": desk.world.lab, "account": desk.account, "mass": True}
    with desk.as_("alice"):
        with pytest.raises(Refused, match="used up"):
            services.propose({**plan, "name": "今天", "planned_on": TODAY})
        services.propose({**plan, "name": "明天", "planned_on": TODAY + timedelta(1)})
        with pytest.raises(Refused, match="used up"):
            services.propose({**plan, "name": "明天再来", "planned_on": TODAY + timedelta(1)})


def test_others_follow_and_repost(desk: Desk) -> None:
    media = [desk.add(Medium, name=name, joint=True) for name in ("官网", "校园电视台")]
    row = desk.approved(joint=True)
    desk.release(row)
    assert {t.medium.name for t in Target.select().where(Target.task == "link")} == {m.name for m in media}
    with desk.as_("alice"):
        assert services.ask_repost(row, [desk.account], TODAY) == 0
        target = Target.get(Target.medium == media[0])
        services.release(row, medium=media[0])
        assert Target.get_by_id(target.id).release_id is not None
        services.drop_target(Target.get(Target.medium == media[1]), "停播")
    open_ones = Obligation.select().where(Obligation.kind == "content.upload", Obligation.state == "open")
    assert open_ones.count() == 0


def test_units_may_be_kept_from_releasing(desk: Desk) -> None:
    desk.lay_down(editor_may_release=False)
    row = desk.approved()
    with desk.as_("bob"), pytest.raises(NotAllowed, match="the office releases"):
        services.release(row, desk.account)
    desk.release(row, by="carol")


def test_findings_of_a_piece_close_when_it_is_mended(desk: Desk) -> None:
    desk.lay_down(proofreading_required=True)
    row = desk.write()
    with desk.as_("erin"), pytest.raises(Refused, match="ticked that the text is proofread"):
        services.hand_in(row)
    assert Submission.get_by_id(row.id).round == 0
    assert not desk.found(row)
