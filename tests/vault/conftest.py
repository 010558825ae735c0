"""Two institutions with a channel each, whose secrets are sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from panel.access.identity import acting_as
from panel.notify import services
from panel.notify.models import Channel
from tests.cast import World

ADDRESS = "https://oapi.dingtalk.com/robot/send?access_token="


@pytest.fixture
def channels(app: Flask, world: World) -> Iterator[dict[str, Channel]]:
    with app.app_context():
        made: dict[str, Any] = {}
        for name, who in (("uni", "alice"), ("other", "oscar")):
            with acting_as(world.identity(who)):
                made[name] = services.add_channel(
                    {"kind": "dingtalk", "name": name, "secrets": {"url": f"{ADDRESS}{name}", "sign": f"SEC-{name}"}}
                )
        yield made
