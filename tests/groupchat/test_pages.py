"""The pages of groups: who sees what, and what acts say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import World
from tests.groupchat.conftest import School

PAGES = (
    *("group", "member", "case", "notice", "problem", "bulletin", "duty_day", "quiet_hours", "word_list", "word"),
    *("sanction_rule", "term", "required_group", "alias", "source", "receipt", "result", "reach", "log_entry"),
    "wecom_link",
)


@pytest.fixture
def oscar(world: World, client_of: Callable[..., Any]) -> Any:
    return client_of(world.user("oscar"))


@pytest.mark.one_database
def test_every_list_opens(sample: School, oscar: Any) -> None:
    for page in PAGES:
        answer = oscar.get(f"/groupchat/{page}/")
        assert answer.status_code == 200, (page, answer.get_data(as_text=True)[:2000])
    answer = oscar.get(f"/groupchat/group/details/?id={sample.group.id}")
    assert answer.status_code == 200
    assert "罗洋" in answer.get_data(as_text=True)
