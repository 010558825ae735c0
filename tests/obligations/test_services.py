"""Ticking off, waiving, assigning, putting off; following the subject; who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from panel import audit, records
from panel.access.identity import acting_as
from panel.errors import NotFound, Refused
from panel.obligations import services
from panel.obligations.kinds import Evidence
from panel.obligations.models import Duty, Obligation, State
from panel.obligations.permissions import ObligationPermission as P
from panel.obligations.settle import Settling
from panel.org import leaving
from tests.cast import World
from tests.obligations.conftest import TODAY, open_of

Make = Callable[..., Obligation]


def subject(obligation: Obligation) -> Duty:
    return Duty.get_by_id(obligation.subject_id)


def test_done_with_evidence_opens_the_next(duty: Make) -> None:
    first = duty(-3, every_days=180)
    following = services.complete(first, Evidence(TODAY, note="全员到场"))
    assert following is not None
    assert following.due_on == TODAY + timedelta(180)
    stored = Obligation.get_by_id(first.id)
    assert (stored.state, stored.done_on, stored.note) == (State.DONE, TODAY, "全员到场")
    entry = audit.history(stored).first()
    assert entry.after["state"] == "done"
    assert entry.user_name == "test"


def test_what_does_not_recur_is_done_for_good(duty: Make) -> None:
    assert services.complete(duty(5), Evidence(TODAY)) is None
    assert Obligation.select().where(Obligation.state == State.OPEN).count() == 0


def test_a_second_click_is_refused_and_changes_nothing(duty: Make) -> None:
    first = duty(5, every_days=30)
    services.complete(first, Evidence(TODAY))
    with pytest.raises(Refused, match="closed already"):
        services.complete(first, Evidence(TODAY, note="又一次"))
    assert Obligation.select().count() == 2


@pytest.mark.parametrize(
    ("evidence", "field"),
    [
        (Evidence(TODAY + timedelta(1)), "on"),
        (Evidence(TODAY), "file"),
        (Evidence(TODAY, file="x", note="字" * 2001), "note"),
        (Evidence(TODAY, file="x", until=TODAY), "until"),
    ],
)
def test_missing_or_impossible_evidence_names_its_field(duty: Make, evidence: Evidence, field: str) -> None:
    first = duty(5, asks_file=True)
    with pytest.raises(Refused) as refusal:
        services.complete(first, evidence)
    assert refusal.value.field == field
    assert Obligation.get_by_id(first.id).open


def test_many_at_once_or_none(duty: Make) -> None:
    rows = [duty(5), duty(6), duty(7, asks_file=True)]
    with pytest.raises(Refused, match="培训 2"):
        services.complete_many(rows, Evidence(TODAY))
    assert Obligation.select().where(Obligation.state == State.OPEN).count() == 3
    assert services.complete_many(rows[:2], Evidence(TODAY)) == 2


def test_waived_the_next_round_counts_from_its_due_date(duty: Make) -> None:
    first = duty(-10, every_months=1)
    with pytest.raises(Refused) as refusal:
        services.waive(first, " ")
    assert refusal.value.field == "reason"
    following = services.waive(first, "本月停课")
    assert following is not None
    assert TODAY < following.due_on < TODAY + timedelta(31)
    assert Obligation.get_by_id(first.id).state == State.WAIVED
    assert subject(first).last_done_on is None


def test_put_off_with_a_reason_within_the_limit(duty: Make) -> None:
    row = duty(3)
    for reason, until, field in [("", TODAY + timedelta(2), "reason"), ("出差", TODAY + timedelta(15), "until")]:
        with pytest.raises(Refused) as refusal:
            services.snooze(row, until, reason)
        assert refusal.value.field == field
    services.snooze(row, TODAY + timedelta(5), "出差")
    services.snooze(row, TODAY + timedelta(6), "仍在出差")
    with pytest.raises(Refused, match="put off"):
        services.snooze(row, TODAY + timedelta(7), "还在出差")


def test_it_follows_the_date_owner_and_end_of_its_subject(duty: Make, uni: World) -> None:
    row = duty(20, every_days=30)
    services.change_duty(subject(row), None, {"first_due_on": TODAY + timedelta(40), "person": uni.people["dave"]})
    moved = Obligation.get_by_id(row.id)
    assert (moved.due_on, moved.person_id) == (TODAY + timedelta(40), uni.people["dave"].id)
    services.change_duty(subject(row), None, {"ended_on": TODAY})
    assert Obligation.get_by_id(row.id).state == State.CANCELLED
    services.change_duty(subject(row), None, {"ended_on": None})
    assert open_of(subject(row)).id != row.id


def test_a_person_chosen_by_hand_stays_when_the_subject_changes(duty: Make, uni: World) -> None:
    row = duty(20)
    services.reassign(row, uni.people["dave"], "bob 休假")
    services.change_duty(subject(row), None, {"first_due_on": TODAY + timedelta(30)})
    assert Obligation.get_by_id(row.id).person_id == uni.people["dave"].id
    with pytest.raises(NotFound):
        services.reassign(row, uni.people["oscar"])


def test_settling_again_changes_nothing(duty: Make, uni: World) -> None:
    duty(5), duty(-5, every_days=30)
    before = list(Obligation.select().dicts())
    assert Settling(uni.uni).all() == {"opened": 0}
    assert list(Obligation.select().dicts()) == before


def test_whoever_leaves_hands_over_what_they_owe(duty: Make, uni: World) -> None:
    row = duty(20)
    services.reassign(row, uni.people["dave"])
    held = leaving.held_by(uni.people["dave"])
    assert [h.key for h in held] == [f"obligations.obligation:{row.id}"]
    leaving.leave(uni.people["dave"], TODAY, {held[0].key: uni.people["bob"]})
    assert Obligation.get_by_id(row.id).person_id == uni.people["bob"].id


def test_my_work_is_what_i_owe_by_name_or_role(duty: Make, uni: World) -> None:
    of_lead = duty(5)
    of_dave = duty(6, person=uni.people["dave"], unit=uni.office)
    of_office = duty(7, role="publicity")

    def mine(name: str) -> list[int]:
        return [o.id for o in services.mine(uni.identity(name))]

    assert mine("bob") == [of_lead.id]
    assert mine("dave") == [of_dave.id]
    assert mine("carol") == [of_office.id]
    assert mine("root") == []


def test_who_owes_it_may_tick_it_off_others_need_the_permission_in_that_unit(duty: Make, uni: World) -> None:
    row = duty(5, person=uni.people["dave"], unit=uni.office)

    def finds(name: str, permission: P = P.OBLIGATION_EDIT) -> bool:
        with acting_as(uni.identity(name)):
            try:
                return services.find_mine(row.id, permission) == row
            except NotFound:
                return False

    assert finds("dave")
    assert finds("alice")
    assert not finds("bob")  # of another unit
    assert not finds("oscar")  # of another institution
    assert not finds("carol")  # reads only
    assert not finds("dave", P.OBLIGATION_WAIVE)


def test_the_database_holds_one_open_obligation_a_subject(duty: Make, uni: World) -> None:
    row = duty(5)
    values: dict[str, Any] = {name: row.__data__[name] for name in row.__data__ if name != "id"}
    Obligation.insert(**values).on_conflict_ignore().execute()
    assert Obligation.select().where(Obligation.subject_id == row.subject_id).count() == 1


def test_a_duty_cannot_recur_by_days_and_months(uni: World) -> None:
    with pytest.raises(Refused) as refusal:
        services.add_duty(
            {"name": "备份", "unit": uni.office, "first_due_on": TODAY, "every_days": 7, "every_months": 1}
        )
    assert refusal.value.field == "every_months"
    records.update(uni.people["dave"], in_service_until=TODAY - timedelta(1))
    with pytest.raises(Refused) as refusal:
        services.add_duty({"name": "备份", "unit": uni.office, "first_due_on": TODAY, "person": uni.people["dave"]})
    assert refusal.value.field == "person"
