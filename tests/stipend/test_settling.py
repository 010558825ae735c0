"""A month from its pieces to the payment list: what is paid, what is listed, what is refused."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from panel.database import db
from panel.errors import Refused
from plugins.stipend import services
from plugins.stipend.models import Entry, Payee, PayeeLine, RateCard, Settlement
from plugins.stipend.views import told
from tests.stipend.conftest import House, month_ago

COMPANY = (
    {"amount": 2000, "sources": ["original"]},
    {"amount": 1000, "sources": ["reprint"], "factor": False},
)
RANGE = {"least_factor": 100, "most_factor": 300}


def company(house: House, **values: Any) -> RateCard:
    return house.card(*COMPANY, **{**RANGE, **values})


@pytest.mark.rule("s0-11-r13", "s0-11-r14", "s0-11-r15", "s0-02-r01")
def test_a_month_of_the_company(house: House) -> None:
    company(house)
    for _count in range(3):
        house.piece("李强")
    for state, frozen in (("draft", ""), ("approved", "p")):
        house.piece("李强", state=state, frozen=frozen, released_on=None)
    rows = [house.piece("李娜") for _count in range(4)]
    for row, value in zip(rows, (100, 100, 200, 300), strict=True):
        house.factor(row, value)
    for _count in range(6):
        house.piece("王芳", source="reprint")
    unknown = house.piece("赵六", source=None)
    with house.as_("carol"):
        for wrong in (350, 50):
            with pytest.raises(Refused, match=r"1\.00 to 3\.00"):
                services.propose(unknown, wrong, "好")
    settled = house.settle()
    assert house.paid(settled) == {"李强": 6000, "李娜": 14000, "王芳": 6000}
    assert house.problems(settled) == {str(unknown): "no_rate"}
    assert (settled.pieces, settled.gross, settled.tax, settled.state) == (13, 26000, 0, "open")
    one = next(e for e in house.entries(settled) if e.amount == 6000)
    assert one.frozen["paid"][0]["steps"] == [["稿件", "piece", "1", 2000, 6000]]
    assert (one.frozen["factor"], one.frozen["why"]) == (300, "质量高")


def test_shares_parts_exclusions_and_caps(house: House) -> None:
    house.card({"amount": 1001}, {"amount": 500, "per": "photo"}, split="shares", month_cap=2500)
    house.piece(("甲", 6667), ("乙", 3333))
    house.piece("甲", ("丙", None, "photo"), photos=2)
    house.piece("甲")
    house.piece("丁", kind="brief")
    house.piece("戊")
    wrong = house.piece(("甲", 5000), ("乙", 4000))
    nobody = house.piece()
    services.exclude(
        {"institution": house.world.uni, "person": house.person("戊"), "reason": "专职", "since": date(2020, 1, 1)}
    )
    services.exclude({"institution": house.world.uni, "kind": "brief", "reason": "简讯不计", "since": date(2020, 1, 1)})
    settled = house.settle()
    assert house.paid(settled) == {"甲": 2500, "乙": 333, "丙": 1000, "丁": 0, "戊": 0}
    assert house.problems(settled) == {str(wrong): "shares", str(nobody): "nobody"}
    notes = {e.payee.name: e.note for e in house.entries(settled) if e.note}
    assert notes == {"戊": "专职", "丁": "简讯不计"}
    assert [e.frozen["before_cap"] for e in house.entries(settled) if "before_cap" in e.frozen] == [1001]
    assert {line.payee.name for line in services.without_bank(settled)} == {"甲", "乙", "丙"}


def test_taken_down_later_is_made_good_once_and_carried(house: House) -> None:
    company(house)
    gone, stays = house.piece("李强"), house.piece("李强")
    first = house.approve(house.settle())
    assert house.paid(first) == {"李强": 4000}
    with pytest.raises(Refused, match="is decided"):
        services.reckon_again(first)
    house.month = month_ago(1)
    house.take_down(gone, house.month + timedelta(days=1))
    house.take_down(stays, house.month + timedelta(days=1))
    house.piece("李强")
    second = house.settle()
    assert [e.amount for e in house.entries(second)] == [2000, -2000, -2000]
    assert [told(e) for e in services.entries_of(second)] == [["稿件：20.00"], [], []]
    line = PayeeLine.get(PayeeLine.settlement == second)
    assert (line.gross, line.tax, line.carried, second.carried) == (0, 0, -2000, -2000)
    assert [e.amount for e in house.entries(house.reckon(second))] == [2000, -2000, -2000]
    house.approve(Settlement.get_by_id(second.id))
    house.month = month_ago(0)
    for _count in range(2):
        house.piece("李强", on=house.month)
    third = house.settle()
    assert sorted((e.kind, e.amount) for e in house.entries(third)) == [
        ("carried", -2000),
        ("piece", 2000),
        ("piece", 2000),
    ]
    assert house.paid(third) == {"李强": 2000}


def test_what_is_entered_late_comes_into_the_next_month(house: House) -> None:
    company(house)
    house.piece("李强")
    nobody = house.piece()
    house.approve(house.settle())
    late = house.piece("王芳")
    house.month, early = month_ago(1), house.month
    second = house.settle()
    assert {e.name for e in house.entries(second)} == {str(late)}
    assert house.problems(second) == {str(nobody): "nobody"}
    with pytest.raises(Refused, match="already"):
        services.begin(house.world.uni, early)


def test_the_best_channel_and_the_reads_of_the_day(house: House) -> None:
    house.card(
        {"amount": 100_000, "levels": ["national"]},
        {"amount": 50_000, "levels": ["provincial"]},
        {"amount": 2000, "levels": ["institution"]},
        {"amount": 5000, "levels": ["institution"], "reads_from": 1001, "reads_to": 2000, "bonus": True},
    )
    house.piece("甲", media=("national", "provincial"))
    read, unread = house.piece("乙"), house.piece("丙")
    house.reads(read, 1001)
    settled = house.settle()
    assert house.paid(settled) == {"甲": 100_000, "乙": 7000}
    assert house.problems(settled) == {str(unread): "no_reads"}
    house.reads(unread, 0)
    assert house.paid(house.reckon(settled)) == {"甲": 100_000, "乙": 7000, "丙": 2000}
    left = house.entries(settled)[0].frozen["left"]
    assert [one["amount"] for one in left] == [50_000]


@pytest.mark.parametrize(("basis", "tax"), [("merged", 33_600), ("piece", 0)])
def test_tax_by_the_basis_the_finance_office_states(house: House, basis: str, tax: int) -> None:
    house.card({"amount": 80_000}, basis=basis)
    for _count in range(4):
        house.piece("李强")
    settled = house.settle()
    assert (settled.gross, settled.tax, settled.basis) == (320_000, tax, basis)


def test_cards_follow_one_another(house: House) -> None:
    uni, first = house.world.uni, company(house)
    with pytest.raises(Refused, match="begins after it"):
        services.add_card({"institution": uni, "name": "早", "since": date(2019, 1, 1)})
    second = services.add_card({"institution": uni, "name": "新", "since": date(2021, 1, 1)})
    assert RateCard.get_by_id(first.id).until == date(2020, 12, 31)
    with pytest.raises(Refused, match="no gap and no overlap"):
        services.change_card(RateCard.get_by_id(first.id), None, {"until": date(2021, 6, 1)})
    services.change_card(second, None, {"until": date(2021, 12, 31)})
    with pytest.raises(Refused, match="no day is without a card"):
        services.add_card({"institution": uni, "name": "缺", "since": date(2022, 2, 1)})
    with pytest.raises(Refused, match="No rate card holds"):
        services.begin(uni, house.month)
    with pytest.raises(Refused, match="still to come"):
        services.begin(uni, month_ago(0) + timedelta(days=40))
    for name in ("company", "reads", "college", "school", "media"):
        last = RateCard.select().order_by(RateCard.since.desc()).first()
        services.take_example(uni, name, (last.until or last.since) + timedelta(days=1))


def test_a_card_in_use_and_a_decided_month_do_not_change(house: House) -> None:
    card = company(house)
    row = house.piece("李强")
    with house.as_("carol"):
        made = services.propose(row, 250, "好")
    settled = house.settle()
    assert (house.paid(settled), house.problems(settled)) == ({"李强": 2000}, {str(row): "proposed"})
    with house.as_("carol"), pytest.raises(Refused, match="proposed and not decided"):
        services.submit(settled)
    with house.as_("carol"), pytest.raises(Refused, match="Somebody else"):
        services.decide(made, True)
    services.decide(made, True)
    with house.as_("carol"), pytest.raises(Refused, match="reckoned again"):
        services.submit(settled)
    settled = house.approve(house.reckon(settled))
    assert (settled.state, settled.gross) == ("locked", 5000)
    refusals = (
        lambda: services.change_card(RateCard.get_by_id(card.id), None, {"month_cap": 100}),
        lambda: services.add_rate({"institution": house.world.uni, "card": card, "name": "新", "amount": 1}),
        lambda: services.change_rate(card.rates[0], None, {"amount": 1}),
        lambda: services.drop_card(card),
        lambda: services.exclude(
            {"institution": house.world.uni, "kind": "brief", "reason": "x", "since": house.month}
        ),
        lambda: services.adjust(settled, Payee.get(), 100, "x"),
        lambda: services.propose(row, 100, "x"),
        lambda: services.submit(settled),
    )
    for verb in refusals:
        with pytest.raises(Refused, match="decided"):
            verb()
    services.add_card({"institution": house.world.uni, "name": "新", "since": month_ago(0)})


def test_the_payment_list_and_what_is_paid(house: House) -> None:
    company(house)
    house.piece("=cmd()")
    house.piece("李强")
    settled = house.settle()
    payee = Payee.get(Payee.name == "李强")
    with pytest.raises(Refused, match="figures"):
        services.set_account(payee, "中国银行", "12ab")
    services.set_account(payee, "中国银行", "6216 6100 1234 5678")
    assert "6216" not in Payee.get_by_id(payee.id).account_sealed
    assert services.reveal(Payee.get_by_id(payee.id)) == "6216610012345678"
    with house.as_("alice"):
        services.adjust(settled, payee, -500, "上月多计")
    settled = house.reckon(settled)
    with pytest.raises(Refused, match="Only an approved"):
        services.payment_list(settled)
    settled = house.approve(settled)
    rows = list(load_workbook(services.payment_list(settled)).active.iter_rows(min_row=4, values_only=True))
    by_name = {row[1]: row for row in rows}
    assert by_name["李强"][6:11] == (15, 0, 15, "中国银行", "6216610012345678")
    assert by_name["'=cmd()"][11]
    assert rows[-1][6:9] == (35, 0, 35)
    services.mark_paid(settled, settled.locked_at.date())
    with pytest.raises(Refused, match="paid already"):
        services.mark_paid(settled, settled.locked_at.date())
    (one,) = services.mine(house.person("李强").id, settled.month.year)
    assert (one.line.gross, [e.amount for e in one.entries]) == (1500, [2000, -500])
    assert {r["name"]: r["gross"] for r in services.year_totals(house.world.uni.id, settled.month.year)} == {
        "李强": 1500,
        "=cmd()": 2000,
    }


def test_of_two_who_begin_the_same_month_one_is_refused(app: Flask, house: House) -> None:
    company(house)
    house.piece("李强")
    ready = threading.Barrier(2)
    done: list[str] = []

    def begin(name: str) -> None:
        with app.test_request_context(), house.as_(name):
            ready.wait()
            try:
                services.begin(house.world.uni, house.month)
                done.append("begun")
            except Refused as refusal:
                done.append(str(refusal))
            finally:
                db.close()

    threads = [threading.Thread(target=begin, args=(name,)) for name in ("alice", "carol")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(done), done.count("begun")) == (2, 1)
    settled = Settlement.get(Settlement.month == house.month)
    services.reckon_now(settled)
    assert Entry.select().count() == 1
