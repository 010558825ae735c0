"""Ten thousand reminders through everything that can die: none lost, none doubled but what was in flight."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from peewee import fn

from panel.database import db
from panel.jobs.queue import enqueue
from panel.notify.models import Channel, Delivery, DeliveryState, Message
from tests.cast import World
from tests.faults.conftest import House, eventually

Crowd = Callable[[int], Channel]


def unsent() -> int:
    return Delivery.select().where(Delivery.state.in_([DeliveryState.WAITING, DeliveryState.CLAIMED])).count()


def in_doubt() -> int:
    return Delivery.select(fn.SUM(Delivery.doubtful)).scalar() or 0


def test_after_three_days_away_each_is_told_once_by_four_workers_and_two_schedulers(
    house: House, crowd: Crowd, world: World, app: object
) -> None:
    count = 1000
    channel = crowd(count)
    for kind in ("scheduler", "scheduler", *["worker"] * 4):
        house.start(kind)
    eventually(lambda: len(house.sink.posts) > 50, 40)
    with app.app_context():  # type: ignore[attr-defined]
        for number in range(3):
            enqueue("notify.deliver", institution=world.uni, args={"channel": channel.id}, key=f"also {number}")
    eventually(lambda: len(house.arrived) >= count and not unsent(), 60)
    assert set(house.arrived.values()) == {1}
    assert len(house.arrived) == count
    assert in_doubt() == 0


def test_ten_thousand_through_everything_that_can_die(house: House, crowd: Crowd, database: str) -> None:
    count = 10_000 if "sqlite" in database else 2_000
    crowd(count)

    def arrived(share: float) -> None:
        eventually(lambda: len(house.arrived) >= share * count, 60)
        print(f"{share:.0%} after {time.monotonic() - began:.0f} s, {in_doubt()} of them perhaps twice")

    began = time.monotonic()

    for kind in ("scheduler", "worker", "worker"):
        house.start(kind)
    arrived(0.05)
    house.kill("worker")  # with luck between claim and send, at any rate with a batch in its hands
    house.kill("worker")
    for _n in range(3):
        house.start("worker")
    arrived(0.2)
    house.kill("scheduler")
    house.start("scheduler")
    house.start("scheduler")
    arrived(0.35)
    house.redis.stop(signal.SIGKILL)
    time.sleep(1)
    house.redis.start()
    arrived(0.5)
    hold_the_database(database, 3)
    arrived(0.65)
    house.redis.lose_data()
    house.kill("worker")
    house.start("worker")
    arrived(1)
    eventually(lambda: not unsent(), 30)
    doubled = sum(times - 1 for times in house.arrived.values())
    doubtful = in_doubt()
    assert len(house.arrived) == count == Message.select().count()
    assert doubled <= doubtful <= 3  # one for each worker that was killed, and each is counted
    assert Delivery.select().where(Delivery.state == DeliveryState.SENT).count() == count


def hold_the_database(url: str, seconds: float) -> None:
    """Lock out every writer for a while."""
    with db.atomic():
        if "sqlite" not in url:
            db.execute_sql("LOCK TABLE notify_delivery IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
