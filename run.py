#!/usr/bin/env python3
"""The one command of Zhangyin: prepares its own Python environment, then hands over.

    python3 run.py demo         the panel with a sample university, ready to look at
    python3 run.py serve        the panel for your institution; the first visit sets it up
    python3 run.py test …       the test suite; further words go to pytest
    python3 run.py lint         ruff, mypy and bandit
    python3 run.py advisories   look the locked dependencies up for known weaknesses
    python3 run.py bench …      the measured comparisons of bench/
    python3 run.py lock         bring requirements.lock and requirements-dev.lock up to date
    python3 run.py WORD …       any other command of the panel, for example: doctor, migrate, --help

Needs Python 3.11 or newer and, at the first start only, a package index that pip can reach
(pip's own settings count: PIP_INDEX_URL for a mirror, PIP_FIND_LINKS for a folder of wheels).
The environment lies in .venv beside this file, or where ZHANGYIN_VENV says.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("ZHANGYIN_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "zhangyin.json"
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"


def speaks_chinese() -> bool:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return locale.startswith("zh")


def say(english: str, chinese: str) -> None:
    print(chinese if speaks_chinese() else english, file=sys.stderr, flush=True)


def stop(english: str, chinese: str) -> t.NoReturn:
    say(english, chinese)
    sys.exit(1)


def use_newer_python() -> t.NoReturn:
    """Start again with a newer Python from PATH; if there is none, say so and end."""
    for minor in (13, 12, 11):
        found = shutil.which("python3.%d" % minor)
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, *sys.argv])
    have = "%d.%d" % sys.version_info[:2]
    stop(
        "Zhangyin needs Python 3.11 or newer; this is %s (%s). Install one and start run.py with it."
        % (have, sys.executable),
        "掌印需要 Python 3.11 或更高版本，当前为 %s（%s）。请安装后用新版本运行 run.py。" % (have, sys.executable),
    )


def digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def read_stamp() -> t.Dict[str, str]:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def place() -> t.Dict[str, str]:
    """What the environment depends on besides its lock: it breaks when either changes."""
    return {"python": os.path.realpath(str(PYTHON)), "root": str(ROOT)}


def is_ready(lock: str) -> bool:
    stamp = read_stamp()
    return PYTHON.exists() and stamp.get(lock) == digest(lock) and all(stamp.get(k) == v for k, v in place().items())


def prepare(lock: str) -> None:
    """Make the environment hold exactly what the lock file says. Safe to interrupt and to repeat."""
    if is_ready(lock):
        return
    guard = os.open(str(ROOT), os.O_RDONLY)
    fcntl.flock(guard, fcntl.LOCK_EX)  # two first starts at once: the second waits, then finds it done
    try:
        if not is_ready(lock):
            create_environment()
            install(lock)
            link_project()
            locks = [RUNTIME, DEVELOPMENT] if lock == DEVELOPMENT else [RUNTIME]
            STAMP.write_text(json.dumps({**place(), **{name: digest(name) for name in locks}}))
    except OSError as error:
        stop(
            "Cannot write to %s (%s). Copy the project to a folder of your own, or name one in ZHANGYIN_VENV."
            % (VENV, error.strerror),
            "无法写入 %s（%s）。请将项目复制到有写权限的目录，或用环境变量 ZHANGYIN_VENV 另指定目录。"
            % (VENV, error.strerror),
        )
    finally:
        os.close(guard)


def create_environment() -> None:
    was = read_stamp().get("python")
    if PYTHON.exists() and was in (None, place()["python"]):
        return
    try:
        import venv
    except ImportError:
        stop_without_pip()

    def make(with_pip: bool) -> None:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=with_pip).create(str(VENV))

    VENV.parent.mkdir(parents=True, exist_ok=True)
    try:
        import ensurepip  # noqa: F401  absent on Debian without python3-venv
    except ImportError:
        make(with_pip=False)
    else:
        try:
            make(with_pip=True)
        except subprocess.CalledProcessError:
            make(with_pip=False)


def has_pip(python: str) -> bool:
    return (
        subprocess.call([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    )


def pip_command() -> t.List[str]:
    """The environment's own pip, else that of the Python it was made with."""
    if has_pip(str(PYTHON)):
        return [str(PYTHON), "-m", "pip"]
    if not has_pip(sys.executable):
        shutil.rmtree(str(VENV), ignore_errors=True)
        stop_without_pip()
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def stop_without_pip() -> t.NoReturn:
    stop(
        "This Python has neither ensurepip nor pip. Install one of them, for example:\n"
        "    apt install python3-venv      dnf install python3-pip      then start again.",
        "当前 Python 既没有 ensurepip 也没有 pip，请先安装其一，例如：\n"
        "    apt install python3-venv      dnf install python3-pip      然后重新运行。",
    )


def install(lock: str) -> None:
    count = sum("==" in line for line in (ROOT / lock).read_text().splitlines())
    say(
        "Installing %d packages into %s (only once; seconds to minutes, as the network allows) …" % (count, VENV),
        "正在向 %s 安装 %d 个依赖包（仅首次需要，视网络情况数秒至数分钟）……" % (VENV, count),
    )
    command = pip_command()
    command += ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PIP_USER": "0"}
    )
    if done.returncode == 0:
        return
    output = done.stdout.decode(errors="replace")
    lines = output.strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    print("\n".join("    " + line for line in errors[-6:]), file=sys.stderr)
    stop(*explain(output))


def explain(output: str) -> t.Tuple[str, str]:
    """Why pip failed, in English and Chinese."""
    if any(sign in output for sign in ("connection", "resolution", "timed out", "Proxy", "SSLError")):
        return (
            "pip cannot reach its package index. Check the network or set PIP_INDEX_URL to the address of a mirror.",
            "pip 无法访问软件源。请检查网络，或将环境变量 PIP_INDEX_URL 设为镜像地址。",
        )
    if "No matching distribution" in output:
        return (
            "A package has no ready-made build for this Python (%s) or system. Python 3.11, 3.12 and 3.13 are tested."
            % sys.version.split()[0],
            "某个依赖包没有适用于当前 Python（%s）或系统的预编译包。已测试的版本为 3.11、3.12、3.13。"
            % sys.version.split()[0],
        )
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in output:
        return (
            "The index delivered other files than the lock file names; nothing was installed. Try another mirror.",
            "软件源提供的文件与锁定文件的校验值不符，已拒绝安装。请更换镜像后重试。",
        )
    return ("pip failed; see above.", "pip 安装失败，原因见上。")


def link_project() -> None:
    """Make `panel` and `plugins` importable, and `.venv/bin/panel` a command. Relative, so that no build is needed."""
    library = next((VENV / "lib").glob("python3.*/site-packages"))
    (library / "zhangyin.pth").write_text(os.path.relpath(str(ROOT), str(library)) + "\n")
    script = VENV / "bin" / "panel"
    script.write_text('#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -P -m panel "$@"\n')
    script.chmod(0o755)


def hand_over(*words: str) -> t.NoReturn:
    os.execv(str(PYTHON), [str(PYTHON), "-P", *words])


def lint() -> t.NoReturn:
    steps = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
    sys.exit(max([*(subprocess.call([str(PYTHON), "-m", *step]) for step in steps), bandit()]))


def bandit() -> int:
    """What bandit finds. A line that is excused from ruff's S608 is excused from bandit's B608: it is the same rule."""
    command = [
        "-m",
        "bandit",
        "-q",
        "-c",
        "pyproject.toml",
        "-f",
        "json",
        "-r",
        "panel",
        "plugins",
        "run.py",
        "wsgi.py",
    ]
    done = subprocess.run([str(PYTHON), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    left = []
    for one in json.loads(done.stdout)["results"]:
        lines = Path(one["filename"]).read_text(encoding="utf-8").splitlines()
        statement = " ".join(lines[n - 1] for n in one["line_range"])
        rule = "S" + one["test_id"][1:]
        whole = [line for line in lines if line.startswith("# ruff: noqa:") and rule in line]
        if not whole and rule not in statement.partition("# noqa:")[2]:
            left.append("%s:%d: %s %s" % (one["filename"], one["line_number"], one["test_id"], one["issue_text"]))
    print("\n".join(left) or "bandit: nothing found")
    return 1 if left else 0


def audit_dependencies() -> None:
    """Look the locked versions up in the advisory database; without it, say so and go on."""
    command = [str(PYTHON), "-m", "pip_audit", "-r", RUNTIME, "--require-hashes", "--disable-pip", "--timeout", "10"]
    command += ["-f", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)
        known = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        print("Dependencies were not audited: the advisory database does not answer.", file=sys.stderr)
        return
    for one in known:
        for flaw in one.get("vulns", ()):
            mend = ", ".join(flaw["fix_versions"]) or "no version yet"
            print("WARNING: %s %s: %s, mended in %s" % (one["name"], one["version"], flaw["id"], mend), file=sys.stderr)
    audited = sum("vulns" in one for one in known)
    print("%d of %d dependencies were looked up" % (audited, len(known)), file=sys.stderr)


def lock_versions() -> None:
    common = [str(PYTHON), "-m", "uv", "pip", "compile", "--quiet", "--universal", "--upgrade", "--generate-hashes"]
    common += ["--no-header", "--no-annotate", "--no-emit-index-url", "pyproject.toml"]
    subprocess.check_call([*common, "-o", RUNTIME])
    subprocess.check_call([*common, "--all-extras", "-c", RUNTIME, "-o", DEVELOPMENT])


def main() -> None:
    if sys.version_info < OLDEST:
        use_newer_python()
    word, rest = (sys.argv[1], sys.argv[2:]) if sys.argv[1:] else ("", [])
    if word in ("", "-h", "help"):
        print(__doc__)
        return
    developing = word in ("test", "lint", "bench", "lock", "advisories")
    prepare(DEVELOPMENT if developing else RUNTIME)
    if developing:
        os.chdir(str(ROOT))
    if word == "test":
        # A hundred processes are started by the tests; none should compile the panel anew.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        hand_over("-m", "pytest", "-n", "2", *rest)
    elif word == "bench":
        hand_over("-m", "bench", *rest)
    elif word == "lint":
        lint()
    elif word == "lock":
        lock_versions()
    elif word == "advisories":
        audit_dependencies()
    else:
        os.environ.setdefault("PANEL_INSTANCE", str(ROOT / "instance"))  # the same from whatever folder we are started
        hand_over("-m", "panel", word, *rest)


if __name__ == "__main__":
    main()
