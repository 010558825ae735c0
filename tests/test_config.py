"""Settings: nonsense stops the start, in one report."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel import config

STRONG = "0123456789abcdefghijklmnopqrstuvwxyz"


def test_defaults_and_precedence(tmp_path: Path) -> None:
    (tmp_path / "panel.toml").write_text('port = 9000\nthreads = 4\nenvironment = "development"\n')
    settings = config.load(tmp_path, environ={"PANEL_PORT": "9100"})
    assert (settings.port, settings.threads) == (9100, 4)
    assert settings.database_url == f"sqlite:///{tmp_path / 'panel.db'}"


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "panel.toml").write_text('prot = 9000\nhttps = "perhaps"\n')
    environ = {"PANEL_PORT": "99999", "PANEL_TIME_ZONE": "Mars/Olympus", "PANEL_NONSENSE": "1", "PANEL_THREADS": "x"}
    with pytest.raises(config.SettingsError) as caught:
        config.load(tmp_path, environ=environ, secret_key=STRONG)
    text = "\n".join(caught.value.problems)
    for part in ("'prot'", "https", "99999", "Mars/Olympus", "PANEL_NONSENSE", "threads"):
        assert part in text


def test_unreadable_toml_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "panel.toml").write_text("port = = 1")
    with pytest.raises(config.SettingsError, match=r"panel\.toml"):
        config.load(tmp_path, environ={})


@pytest.mark.parametrize("secret", ["short", "a" * 40, "abababababababababababababababababab"])
def test_weak_secrets_are_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(config.SettingsError, match="secret_key"):
        config.load(tmp_path, environ={"PANEL_SECRET_KEY": secret})


def test_production_needs_a_secret_and_a_made_one_is_private(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError, match="missing"):
        config.load(tmp_path, environ={})
    path = config.make_secret(tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    first = config.load(tmp_path, environ={}).secret_key
    config.make_secret(tmp_path)
    assert config.load(tmp_path, environ={}).secret_key == first


def test_every_setting_explains_itself() -> None:
    from dataclasses import fields

    assert all(f.metadata.get("help") for f in fields(config.Settings))


def test_the_guide_names_every_setting() -> None:
    from dataclasses import fields

    guide = (Path(__file__).parent.parent / "docs" / "install.md").read_text("utf-8")
    missing = [f.name for f in fields(config.Settings) if f.name != "instance" and f"| `{f.name}` |" not in guide]
    assert not missing
