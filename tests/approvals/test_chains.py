"""Chains as data: read, written, exchanged, played; and every wrong one refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from panel import records
from panel.approvals import chains, conditions
from panel.approvals.declare import subject_of
from panel.approvals.models import Chain, ChainStep
from panel.approvals.people import People
from panel.approvals.showing import preview
from panel.approvals.submitting import play
from panel.errors import InUse, Refused
from panel.i18n import today
from tests.approvals.conftest import Hall

pytestmark = pytest.mark.one_database

TEXT = """
[[chain]]
subject = "papers.opening"
name = "开设公众账号审批"
rules = ["s0-07-r08"]
when = [{field = "kind", is = ["virtual"]}, {field = "amount", least = 100}]
[[chain.steps]]
name = "单位党委负责人签字"
role = "lead"
who = "role"
days = 3
opinion = true
rules = ["s0-07-r09"]
[[chain.steps]]
name = "保密审查"
who = "office"
role = "lead"
office = "党委宣传部"
of = "all"
with_previous = true
proof = true
when = [{field = "secret", is = [true]}]
[[chain.steps]]
name = "宣传部备案"
role = "publicity"
act = "carry_out"
"""


def test_toml_goes_in_and_comes_out_the_same(hall: Hall) -> None:
    (chain,) = chains.import_text(hall.world.uni, TEXT)
    first = chains.chain_as_dict(chain)
    assert first["steps"][1] == {
        "name": "保密审查",
        "who": "office",
        "role": "lead",
        "office": "党委宣传部",
        "of": "all",
        "with_previous": True,
        "proof": True,
        "when": [{"field": "secret", "is": ["true"]}],
    }
    (again,) = chains.import_text(hall.world.uni, chains.chains_as_toml([chain]))
    assert (again.id, Chain.get().revision) == (chain.id, 1)  # the same file twice changes nothing
    assert chains.chain_as_dict(again) == first
    changed = TEXT.replace("days = 3", "days = 5")
    chains.import_text(hall.world.uni, changed)
    assert (Chain.get().revision, ChainStep.select().count()) == (2, 3)


WRONG: tuple[tuple[tuple[str, str], str], ...] = (
    (("[[chain]]", "[[chain"), "not TOML"),
    (("[[chain]]", "[[chains]]"), r"no \[\[chain\]\]|not TOML"),
    (('subject = "papers.opening"', 'subject = "papers.nothing"'), "papers.nothing"),
    (('field = "kind"', 'field = "colour"'), "no field “colour”"),
    (('is = ["virtual"]', 'is = ["purple"]'), "cannot be “purple”"),
    (('is = ["virtual"]', "is = []"), "cannot be “–”"),
    (("least = 100", 'least = "viel"'), "not a number"),
    (("least = 100", "above = 100"), "says one of"),
    (('who = "office"', 'who = "nobody"'), "Step 2 “保密审查”: “nobody” is none of"),
    (('role = "publicity"', 'role = "pope"'), "role “pope”"),
    (('office = "党委宣传部"', 'office = "不存在"'), "unit “不存在”"),
    (("days = 3", "days = 0.5"), "1 to 365"),
    (("days = 3", "day = 3"), "not known: day"),
    (('act = "carry_out"', 'act = "burn"'), "“burn” is none of"),
    (('name = "宣传部备案"', 'name = " "'), "Give the step a name"),
    (('name = "开设公众账号审批"', 'name = ""'), "Give the chain a name"),
)


def test_what_cannot_be_is_refused_whole(hall: Hall) -> None:
    for change, wrong in WRONG:
        with pytest.raises(Refused, match=wrong):
            chains.import_text(hall.world.uni, TEXT.replace(*change))
    assert not Chain.select().exists()


def test_offices_may_be_chosen_where_they_are_called_otherwise(hall: Hall) -> None:
    (data,) = chains.chains_from_toml(TEXT.replace("党委宣传部", "保密办公室"))
    assert chains.Places(hall.world.uni).missing(data) == [("office", "保密办公室")]
    chain = chains.import_chain(hall.world.uni, data, {"保密办公室": hall.world.office})
    assert chain.steps.order_by(ChainStep.position)[1].office == hall.world.office


def test_a_used_chain_stays(hall: Hall) -> None:
    chain = hall.chain({"role": "lead"})
    hall.submit()
    with pytest.raises(InUse):
        chains.delete_chain(chain)
    records.update(chain, active=False)
    unused = hall.chain({"role": "lead"})
    chains.delete_chain(unused)
    assert [c.id for c in Chain.select()] == [chain.id]


def test_a_preview_names_people_and_says_what_is_odd(hall: Hall) -> None:
    chain = hall.chain(
        {"role": "lead"}, {"role": "lead", "who": "parent"}, {"role": "finance"}, {"role": "lead", "who": "parent"}
    )
    people = People(hall.world.uni, today())
    values: dict[str, Any] = conditions.values_of(subject_of("papers.opening"), hall.paper())
    shown = preview(play(chain, values, hall.world.faculty, people, hall.person("bob").id))
    assert [p.names for p in shown] == [["Alice"], ["Alice"], [], ["Alice"]]
    assert "Bob would sign their own" in shown[0].warnings[0]
    assert "Alice would sign more than once." in shown[1].warnings
    assert "nobody is “finance”" in shown[2].warnings[0]
    with_office = hall.chain({"role": "publicity", "who": "office", "office": hall.world.office})
    assert preview(play(with_office, values, hall.world.lab, people, None))[0].names == []
    records.update(hall.person("carol"), unit=hall.world.office)  # a member who holds the role for the whole
    people = People(hall.world.uni, today())
    assert preview(play(with_office, values, hall.world.lab, people, None))[0].names == ["Carol"]
