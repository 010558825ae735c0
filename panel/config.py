"""Settings: instance/panel.toml, then PANEL_* variables over it; all checked at start, all problems at once."""

from __future__ import annotations

import base64
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import available_timezones

HERE = Path(__file__).resolve().parents[1]  # where panel/ and plugins/ lie, whatever the current folder
ENVIRONMENTS = ("production", "development", "testing")
SECRET_FILE = "secret.key"  # noqa: S105  (a file name)
VAULT_FILE = "vault.key"
MINIMUM_SECRET = 32
MASTER_BYTES = 32


class SettingsError(Exception):
    """The settings cannot be used. `problems` holds one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _setting(default: Any, help_text: str, shown: bool = True) -> Any:
    return field(default=default, repr=shown, metadata={"help": help_text})


@dataclass(frozen=True)
class Settings:
    """Every setting: its default and what it is for (the docs and `panel doctor` read the help)."""

    instance: Path = _setting(Path("instance"), "folder of run-time data: database, keys, uploads, backups")
    environment: str = _setting("production", "production, development or testing")
    secret_key: str = _setting(
        "", f"signs sessions; at least {MINIMUM_SECRET} characters, or a file {SECRET_FILE}", shown=False
    )
    vault_key: str = _setting(
        "",
        "opens the vault of secrets: 32 random bytes in base64; several with commas between, the first in force. "
        f"Empty: the file {VAULT_FILE}",
        shown=False,
    )
    vault_key_file: str = _setting("", f"where that file lies; default instance/{VAULT_FILE}, made when first needed")
    database: str = _setting("", "sqlite:///path or postgresql://user:password@host/name; default instance/panel.db")
    redis: str = _setting("", "redis://… or unix://…; empty: the embedded server")
    host: str = _setting("127.0.0.1", "address the web server listens on")
    port: int = _setting(8000, "port the web server listens on")
    threads: int = _setting(8, "threads of the web server")
    workers: int = _setting(1, "background worker processes")
    audit_key: str = _setting(
        "",
        "marks and seals the audit log; the same on every machine, former ones after commas; default: file audit.key",
    )
    https: bool = _setting(False, "cookies for HTTPS only, and HSTS; switch on behind a TLS proxy")
    time_zone: str = _setting("Asia/Shanghai", "time zone offered to new institutions")
    backups_kept: int = _setting(14, "nightly backups kept in instance/backups; 0: none are made")
    upload_mb: int = _setting(32, "largest file taken in, in MiB")
    address: str = _setting(
        "", "the address people open the panel at, for links in messages: https://panel.example.edu"
    )
    api_per_minute: int = _setting(300, "requests a minute that an API token may make")
    security_contact: str = _setting(
        "", "whom to tell of a weakness, shown in /.well-known/security.txt: mailto:it@example.edu or https://…"
    )
    targets: str = _setting(
        "", "the only hosts (*.dingtalk.com) and networks (10.0.0.0/8) messages may go to, commas between; empty: any"
    )
    local_targets: bool = _setting(False, "messages may go to this machine itself; for tests and trials only")
    plugins: Path = _setting(HERE / "plugins", "folder that plugins are discovered in; default: beside panel/")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.instance / 'panel.db'}"

    @property
    def vault_file(self) -> Path:
        return Path(self.vault_key_file) if self.vault_key_file else self.instance / VAULT_FILE

    @property
    def backups(self) -> Path:
        return self.instance / "backups"

    @property
    def uploads(self) -> Path:
        return self.instance / "uploads"


def load(instance: Path | str | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read and check the settings.

    `instance` defaults to PANEL_INSTANCE, then ./instance; `overrides` (tests, the command line) win over both.
    Raises SettingsError with every problem found.
    """
    env = os.environ if environ is None else environ
    folder = Path(instance or env.get("PANEL_INSTANCE") or "instance").resolve()
    problems: list[str] = []
    values: dict[str, Any] = {}
    names = {f.name for f in fields(Settings)}
    source = folder / "panel.toml"
    if source.is_file():
        try:
            written = tomllib.loads(source.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise SettingsError([f"{source}: cannot be read: {error}"]) from error
        for name, value in written.items():
            if name not in names or name == "instance":
                problems.append(f"{source}: unknown setting {name!r}; known are {', '.join(sorted(names))}")
            else:
                values[name] = value
    for variable, text in env.items():
        name = variable.removeprefix("PANEL_").lower()
        if not variable.startswith("PANEL_") or name == "instance":
            continue
        if name not in names:
            problems.append(f"{variable}: unknown setting; known are {', '.join(sorted(names))}")
        else:
            values[name] = text
    values.update(overrides)
    checked = {n: _convert(n, v, problems) for n, v in values.items()}
    settings = Settings(**{**checked, "instance": folder})
    problems += _problems(settings)
    if problems:
        raise SettingsError(problems)
    return _with_secret(settings)


def _convert(name: str, value: Any, problems: list[str]) -> Any:
    wanted = get_type_hints(Settings)[name]
    default = next(f.default for f in fields(Settings) if f.name == name)
    if wanted is bool:
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() in words:
            return words[str(value).lower()]
        problems.append(f"{name}: {value!r} is neither true nor false")
        return default
    if wanted is int:
        if (isinstance(value, int) and not isinstance(value, bool)) or str(value).isdecimal():
            return int(value)
        problems.append(f"{name}: {value!r} is not a whole number")
        return default
    return Path(value) if wanted is Path else str(value)


def _problems(settings: Settings) -> list[str]:
    found = []
    if settings.environment not in ENVIRONMENTS:
        found.append(f"environment: {settings.environment!r} is none of {', '.join(ENVIRONMENTS)}")
    if not 0 < settings.port < 65536:
        found.append(f"port: {settings.port} is not between 1 and 65535")
    for name in ("threads", "workers", "upload_mb", "api_per_minute"):
        if not 0 < getattr(settings, name) < 1000:
            found.append(f"{name}: {getattr(settings, name)} is not between 1 and 999")
    if settings.backups_kept > 1000:
        found.append(f"backups_kept: {settings.backups_kept} is more than 1000")
    if settings.time_zone not in available_timezones():
        found.append(f"time_zone: {settings.time_zone!r} is not a known time zone")
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        found.append(f"log_level: {settings.log_level!r} is none of DEBUG, INFO, WARNING, ERROR")
    if not settings.database_url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        found.append("database: must begin with sqlite:/// or postgresql://")
    if settings.redis and not settings.redis.startswith(("redis://", "rediss://", "unix://")):
        found.append("redis: must begin with redis://, rediss:// or unix://")
    if settings.address and not settings.address.startswith(("http://", "https://")):
        found.append("address: must begin with http:// or https://")
    contact = settings.security_contact
    if contact and (not contact.startswith(("mailto:", "https://", "tel:")) or not contact.isprintable()):
        found.append("security_contact: must begin with mailto:, https:// or tel:")
    if settings.secret_key:
        found += weakness(settings.secret_key)
    if any(0 < len(key.strip()) < MINIMUM_SECRET for key in settings.audit_key.split(",")):
        found.append(f"audit_key: use at least {MINIMUM_SECRET} random characters")
    return found + _vault_problems(settings)


def master_keys(written: str) -> list[bytes]:
    """The master keys of the vault as they are written: base64, with commas or line ends between.

    Raises ValueError for one that is not 32 random bytes.
    """
    keys = [base64.b64decode(text, validate=True) for text in re.split(r"[\s,]+", written.strip()) if text]
    if any(len(key) != MASTER_BYTES or len(set(key)) < MASTER_BYTES // 4 for key in keys):
        raise ValueError("a key of the vault is 32 random bytes in base64")
    return keys


def _vault_problems(settings: Settings) -> list[str]:
    """What is wrong with the master keys; their text never stands in a message."""
    path, where = settings.vault_file, "vault_key"
    try:
        if settings.vault_key:
            return [] if master_keys(settings.vault_key) else [f"{where}: holds no key"]
        where = str(path)
        if path.is_file() and not master_keys(path.read_text(encoding="ascii")):
            return [f"{where}: holds no key"]
    except ValueError:  # UnicodeDecodeError and binascii.Error are two
        return [f"{where}: not 32 random bytes in base64; `openssl rand -base64 32` makes them"]
    except OSError as error:
        return [f"{where}: cannot be read: {error.strerror}"]
    return []


def weakness(secret: str) -> list[str]:
    """What is wrong with a signing secret, one line each; empty when it is strong."""
    if len(secret) < MINIMUM_SECRET:
        return [f"secret_key: {len(secret)} characters are too few, use at least {MINIMUM_SECRET} random ones"]
    if len(set(secret)) < 12:
        return ["secret_key: repeats few characters and can be guessed; make one with `panel doctor --new-secret`"]
    return []


def _with_secret(settings: Settings) -> Settings:
    if settings.secret_key:
        return settings
    path = settings.instance / SECRET_FILE
    if path.is_file():
        secret = path.read_text(encoding="ascii").strip()
        if problems := weakness(secret):
            raise SettingsError([f"{path}: {p}" for p in problems])
        return replace(settings, secret_key=secret)
    if settings.environment == "production":
        raise SettingsError(
            [
                f"secret_key: missing. `panel serve` makes {path} at its first start; "
                "elsewhere set PANEL_SECRET_KEY or write that file yourself"
            ]
        )
    return replace(settings, secret_key=secrets.token_hex(32))


def make_secret(instance: Path) -> Path:
    """Write a new signing secret for an instance that has none; the file is readable by its owner alone."""
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / SECRET_FILE
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32) + "\n")
    return path
