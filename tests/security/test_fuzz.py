"""Every form and look-up is sent the corpus: nothing breaks, nothing comes out as more than text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.admin.view import RecordView
from panel.database import key_of
from tests.security.cases import Case
from tests.security.conftest import Stage, undone
from tests.security.corpus import EVERYTHING, MARKUP, PRODUCT
from tests.security.pages import active_content, main_form
from tests.security.test_hostile import own

SPOKEN = st.one_of(st.sampled_from(EVERYTHING), st.text(max_size=60), st.sampled_from(MARKUP))


@pytest.mark.one_database
def test_every_form_and_look_up_takes_the_corpus_for_text(stage: Stage) -> None:
    """Each form once with a part of the corpus in every box; then hypothesis, at random."""
    forms = [(case, boxes(stage, case)) for case in own(stage, "POST")]
    forms = [(case, names) for case, names in forms if names]
    assert len(forms) > 40
    at = 0
    for case, names in forms:
        send(stage, case, {name: EVERYTHING[(at + n) % len(EVERYTHING)] for n, name in enumerate(names)})
        at += len(names)
    assert at > 3 * len(EVERYTHING), "each of the corpus went into several boxes"

    @given(data=st.data())
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def at_random(data: Any) -> None:
        case, names = data.draw(st.sampled_from(forms))
        send(stage, case, {name: data.draw(SPOKEN) for name in names if data.draw(st.booleans())})

    at_random()


@pytest.mark.one_database
def test_every_look_up_and_list_takes_the_corpus_for_text(stage: Stage) -> None:
    pages = [page for page in stage.runtime.pages if isinstance(page, RecordView)]
    client = stage.client("alice")
    with undone():
        for turn, page in enumerate(pages):
            for n in range(3):
                text = EVERYTHING[(3 * turn + n) % len(EVERYTHING)]
                answer = client.get(f"/lookup/{key_of(page.model)}", query_string={"q": text})
                assert answer.status_code == 200, f"{page.endpoint} {text!r}"
                assert answer.content_type == "application/json"
                keys = {key for one in page.filter_objects for key in one.keys} | {"sort", "cols", "page"}
                asked = {key: EVERYTHING[(turn + n + at) % len(EVERYTHING)] for at, key in enumerate(sorted(keys))}
                harmless(client.get(f"{page.url}/", query_string={**asked, "q": text}), page.endpoint)
        for text in EVERYTHING:
            harmless(client.get("/search", query_string={"q": text}), f"search {text!r}")


def boxes(stage: Stage, case: Case) -> list[str]:
    """The names of the boxes of a case's form, those the page has and those the case fills in."""
    sent: dict[str, Any] = {}
    if "GET" in stage.methods(case) and 200 in case.seen and "action" not in case.endpoint:
        page = stage.client("alice").get(stage.address(case))
        if "html" in page.content_type and 'method="post"' in page.text[page.text.find("<main") :]:
            sent = dict(main_form(page.text).values)
    names = [name for name, value in {**sent, **(case.form or {})}.items() if not callable(value)]
    return [name for name in names if name not in ("version", "csrf_token")]


def send(stage: Stage, case: Case, values: dict[str, str]) -> None:
    with undone():
        answer = stage.client("alice").post(stage.address(case), data={**case.data(), **values})
        harmless(answer, f"{case} {values}")


def harmless(answer: Any, what: str) -> None:
    """Nothing broke, nothing would run or lead away, nothing was calculated, no header was slipped in."""
    assert answer.status_code < 500, f"{answer.status_code}: {what}"
    assert "X-Injected" not in answer.headers, what
    assert "injected=yes" not in str(answer.headers.getlist("Set-Cookie")), what
    told = answer.headers.get("Location", "/").partition("?")[0]
    assert told.startswith("/"), what
    assert "evil.example" not in told, what
    if "html" in answer.content_type:
        page = answer.text
        assert active_content(page) == [], what
        assert not [one for one in MARKUP if one in page], what
        assert PRODUCT not in page, what
        assert "root:x:0" not in page, what
