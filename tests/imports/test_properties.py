"""What holds for every register: no row is lost, and importing twice is importing once."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.admin.imports import services
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow, ImportRun
from tests.admin.imports.registers import as_csv
from tests.imports.conftest import HEADINGS, TARGET, line

NAMES = st.sampled_from(["陈静", "王强", "李娜", "陈 静", "", "无"])
MANY = st.lists(NAMES, max_size=3).map("、".join)
LINES = st.builds(
    lambda number, unit, name, people, keepers, day: line(
        number, 部门=unit, 账号名称=name, 责任人=people, 密码保管人=keepers, 开通时间=day
    ),
    st.integers(1, 6),
    st.sampled_from(["理学院", "党委宣传部", "碳中和研究院", "新学院", ""]),
    st.sampled_from(["甲", "乙", "丙丁", ""]),
    NAMES,
    MANY,
    st.sampled_from(["2019.3.12", "2019年13月", "", "20210101"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(LINES, min_size=1, max_size=8))
def test_every_row_has_one_outcome_and_a_second_import_changes_nothing(uni, lines):
    data = as_csv([HEADINGS, *([value or "" for value in row] for row in lines), line(99)])
    run = services.upload(TARGET, "t.csv", data, answers=Answers(skip=True))
    shown = [row.row_number for row in ImportRow.select().where(ImportRow.run == run.id)]
    assert len(shown) == len(set(shown)) == run.reading["rows"]
    run = services.confirm(run, run.digest)
    assert run.state == "done", run.error
    again = services.upload(TARGET, "t.csv", data, answers=Answers(skip=True))
    outcomes = {row.row_number: row.outcome for row in ImportRow.select().where(ImportRow.run == run.id)}
    for row in ImportRow.select().where(ImportRow.run == again.id):
        assert row.outcome == ("refused" if outcomes[row.row_number] == "refused" else "unchanged")
    assert ImportRun.get_by_id(again.id).counts["cells"] == 0
