"""A plugin in a distribution of its own is installed like any third party's, and exercised in a panel of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = Path(__file__).parent / "distribution"

EXERCISE = """
from datetime import timedelta
from panel import audit, config, create_app, migrate, records
from panel.access.identity import acting_as, identify, system
from panel.access.models import User
from panel.access.sessions import open_session
from panel.audit import history
from panel.database import db
from panel.i18n import today
from panel.org import leaving, services as org
from panel.errors import Refused

app = create_app()
runtime = app.extensions["zhangyin"]
assert "loans" in runtime.registry, list(e.name for e in runtime.registry)
assert "loans.remind" in runtime.tasks
app.config["WTF_CSRF_ENABLED"] = False
with app.app_context():
    db.connect()
    migrate.up(runtime.registry)
    assert not migrate.check(db.obj, runtime.registry.models)
    from loans import services
    from loans.models import Loan
    with audit.acting("cli", user_name="test"):
        uni = org.create_institution(runtime.registry, "大学", "university",
            administrator={"username": "admin", "password": "a-long-password-1"}, plugins=["loans"])
        user = User.get(User.username == "admin")
        with acting_as(system(uni)):
            root = org.root_of(uni)
            holder = org.hire({"name": "张三", "unit": root, "kind": "staff"})
            other = org.hire({"name": "李四", "unit": root, "kind": "staff"})
            loan = records.create(Loan, institution=uni, unit=root, item="相机", person=holder,
                due_on=today() - timedelta(days=3))
            assert services.mark_overdue(uni, today()) == 1
            assert services.mark_overdue(uni, today()) == 0
            try:
                leaving.leave(holder, today(), {})
            except Refused:
                pass
            else:
                raise AssertionError("left with the camera")
            leaving.leave(holder, today(), {f"loans.loan:{loan.id}": other})
            assert Loan.get_by_id(loan.id).person_id == other.id
            assert history(loan).count() == 3
    db.close()
client = app.test_client()
db.connect()
with audit.acting("cli", user_name="test"):
    opened = open_session(User.get_by_id(user.id))
db.close()
with client.session_transaction() as session:
    session.update(_user_id=opened, _fresh=True, locale="zh_Hans_CN")
page = client.get("/loans/loan/").get_data(as_text=True)
assert "借用记录" in page and "相机" in page, page[:2000]
assert "未归还" in client.get("/loans/out/").get_data(as_text=True)
print("exercised")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the distribution was installed into, offline."""
    folder = tmp_path_factory.mktemp("installed")
    source = tmp_path_factory.mktemp("source") / "distribution"
    shutil.copytree(SOURCE, source)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(folder), str(source)], check=True, timeout=120)
    return folder


def _panel(installed: Path, instance: Path, code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)]),
        "PANEL_INSTANCE": str(instance),
        "PANEL_ENVIRONMENT": "development",
        "PANEL_PLUGINS": str(ROOT / "plugins"),
        **environ,
    }
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=300)


def test_an_installed_plugin_does_all_that_a_plugin_can(installed: Path, tmp_path: Path) -> None:
    result = _panel(installed, tmp_path, EXERCISE)
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.strip().endswith("exercised")


def test_a_plugin_for_another_api_stops_development_and_is_left_out_in_production(
    installed: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "site"
    shutil.copytree(installed, broken)
    declared = broken / "loans" / "plugin.py"
    declared.write_text(declared.read_text("utf-8").replace("api=API_VERSION", "api=API_VERSION + 1"), "utf-8")
    start = "from panel import create_app; a = create_app(); print(a.extensions['zhangyin'].registry.refused)"
    refused = _panel(broken, tmp_path / "dev", start)
    assert refused.returncode != 0
    assert "loans" in refused.stderr
    assert "panel.api" in refused.stderr
    secret = {"PANEL_ENVIRONMENT": "production", "PANEL_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz"}
    left_out = _panel(broken, tmp_path / "live", start, **secret)
    assert left_out.returncode == 0, left_out.stderr
    assert "loans" in left_out.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('requires=("nowhere",), version=', "requires nowhere, which is not installed"),
        ('requires=("loans",), version=', "circle"),
    ],
)
def test_what_cannot_be_loaded_is_named(installed: Path, tmp_path: Path, change: str, said: str) -> None:
    broken = tmp_path / "site"
    shutil.copytree(installed, broken)
    declared = broken / "loans" / "plugin.py"
    declared.write_text(declared.read_text("utf-8").replace("version=", change, 1), "utf-8")
    result = _panel(broken, tmp_path / "dev", "from panel import create_app; create_app()")
    assert result.returncode != 0
    assert said in result.stderr
    assert "loans" in result.stderr
