"""run.py on a bare machine: a small project, a folder with one wheel instead of a package index, no network."""

from __future__ import annotations

import ast
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)


def make_wheel(folder: Path, version: str = "1.0") -> str:
    """A wheel of one module, `greeting`; gives its hash."""
    info = f"greeting-{version}.dist-info"
    files = {
        "greeting.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},\n"
        for name, text in files.items()
    )
    path = folder / f"greeting-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Project:
    """A copy of run.py beside a panel that only says how it was called."""

    def __init__(self, folder: Path) -> None:
        self.root, self.wheels = folder / "project", folder / "wheels"
        (self.root / "panel").mkdir(parents=True)
        self.wheels.mkdir()
        shutil.copy(ROOT / "run.py", self.root)
        (self.root / "panel/__init__.py").touch()
        (self.root / "panel/__main__.py").write_text(
            "import os, sys, greeting, panel\nprint('panel', greeting.VERSION, *sys.argv[1:])\n"
            "print(os.environ['PANEL_INSTANCE'], sys.prefix)\n"
        )
        self.lock(make_wheel(self.wheels))

    def lock(self, digest: str, version: str = "1.0") -> None:
        (self.root / "requirements.lock").write_text(f"greeting=={version} \\\n    --hash=sha256:{digest}\n")

    def run(self, *words: str, python: str = BASE_PYTHON, cwd: Path | None = None, **env: str) -> Any:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PANEL_", "PYTHON", "ZHANGYIN"))}
        index = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            [python, str(self.root / "run.py"), *words],
            env={**clean, **index, **env},
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


HAS_PIP = subprocess.call([BASE_PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0


def block(folder: Path, *modules: str) -> str:
    """A PYTHONPATH under which these modules cannot be imported."""
    folder.mkdir()
    for name in modules:
        (folder / f"{name}.py").write_text("raise ImportError('not on this machine')\n")
    return str(folder)


def test_from_nothing_to_a_second_start_and_a_changed_lock(project: Project, tmp_path: Path) -> None:
    first = project.run("doctor", "--json")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == "panel 1.0 doctor --json"
    assert first.stdout.splitlines()[1] == f"{project.root / 'instance'} {project.root / '.venv'}"
    assert "Installing 1 packages" in first.stderr

    began = time.monotonic()
    second = project.run("doctor", cwd=tmp_path)  # from another folder, too
    assert (second.stdout.splitlines()[0], second.stderr) == ("panel 1.0 doctor", "")
    assert time.monotonic() - began < 1

    by_name = subprocess.run(
        [project.root / ".venv/bin/panel", "x"],
        capture_output=True,
        text=True,
        env={**os.environ, "PANEL_INSTANCE": "here"},
    )
    assert by_name.stdout.startswith("panel 1.0 x\nhere ")

    project.lock(make_wheel(project.wheels, "2.0"), "2.0")
    assert project.run("doctor").stdout.startswith("panel 2.0 doctor")

    moved = project.root.rename(tmp_path / "moved here")
    project.root = moved
    assert project.run("doctor").stdout.splitlines()[1].endswith(str(moved / ".venv"))


@pytest.fixture
def quick(tmp_path: Path) -> dict[str, str]:
    """Spares the seconds that ensurepip takes, where there is another pip."""
    return {"PYTHONPATH": block(tmp_path / "quick", "ensurepip")} if HAS_PIP else {}


def test_a_file_that_is_not_the_locked_one_is_refused(project: Project, quick: dict[str, str]) -> None:
    project.lock("0" * 64)
    got = project.run("doctor", **quick)
    assert (got.returncode, got.stdout) == (1, "")
    assert "other files than the lock file names" in got.stderr
    assert "Traceback" not in got.stderr


def test_no_network(project: Project, quick: dict[str, str]) -> None:
    env = {
        **quick,
        "PIP_NO_INDEX": "0",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
    }
    got = project.run("doctor", LANG="zh_CN.UTF-8", **env)
    assert got.returncode == 1
    assert "pip 无法访问软件源" in got.stderr
    assert "Traceback" not in got.stderr
    assert project.run("doctor", **quick).returncode == 0  # what was begun is simply continued


@pytest.mark.skipif(not HAS_PIP, reason="this Python has no pip")
def test_without_ensurepip(project: Project, tmp_path: Path) -> None:
    got = project.run("doctor", PYTHONPATH=block(tmp_path / "block", "ensurepip"))
    assert got.stdout.startswith("panel 1.0 doctor"), got.stderr


def test_without_pip_and_ensurepip(project: Project, tmp_path: Path) -> None:
    got = project.run("doctor", PYTHONPATH=block(tmp_path / "block", "ensurepip", "pip"))
    assert got.returncode == 1
    assert "neither ensurepip nor pip" in got.stderr
    assert "apt install python3-venv" in got.stderr
    assert not (project.root / ".venv").exists()


def test_a_folder_that_cannot_be_written(project: Project) -> None:
    got = project.run("doctor", ZHANGYIN_VENV="/proc/nowhere/.venv")
    assert got.returncode == 1
    assert "Cannot write to /proc/nowhere/.venv" in got.stderr
    assert "ZHANGYIN_VENV" in got.stderr


def test_too_old_a_python(project: Project) -> None:
    run = str(project.root / "run.py")
    pretend = "import sys, runpy; sys.version_info = (3, 8, 1); sys.argv = ['run.py', 'demo']; "
    pretend += f"runpy.run_path({run!r}, run_name='__main__')"
    env = {"PATH": "", "LANG": "C.UTF-8"}
    got = subprocess.run([BASE_PYTHON, "-c", pretend], env=env, capture_output=True, text=True)
    assert got.returncode == 1
    assert "Zhangyin needs Python 3.11 or newer; this is 3.8" in got.stderr


def test_help_installs_nothing(project: Project) -> None:
    for words in ((), ("-h",), ("help",)):
        got = project.run(*words)
        assert "python3 run.py demo" in got.stdout
    assert not (project.root / ".venv").exists()


# ── the lock files ─────────────────────────────────────────────────────────────────────────────


OURS = {"panel", "plugins", "tests"}
BASES = {"werkzeug", "jinja2", "markupsafe", "babel", "wtforms", "itsdangerous"}  # Flask's and its extensions' own


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[><=;~! ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:|/|#", text.replace("--hash=sha256:", ""))
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    brought_by = packages_distributions()
    undeclared = {}
    for path in [*ROOT.glob("panel/**/*.py"), *ROOT.glob("plugins/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [str(node.module)]
            for module in {m.partition(".")[0] for m in modules} - OURS - sys.stdlib_module_names:
                if not names(brought_by.get(module, [module])) & (names(project["dependencies"]) | BASES):
                    undeclared[module] = str(path.relative_to(ROOT))
    assert not undeclared


def test_locks_cover_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime, development = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.M))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert names(project["dependencies"]) <= runtime.keys()
    extras = [line for extra in project["optional-dependencies"].values() for line in extra]
    assert names(extras) <= development.keys()
    assert runtime.items() <= development.items()
