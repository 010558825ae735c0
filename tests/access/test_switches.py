"""Switching plugins: with what they need, never from under what needs them, at once in every process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel.access import roles, switches
from panel.access.identity import acting_as, current
from panel.access.models import PluginSwitch, Role
from panel.access.sessions import open_session
from panel.errors import NotFound, Refused
from panel.org.models import Institution
from panel.plugin import API_VERSION, Loaded, Plugin, Registry
from tests.cast import World


@dataclass
class Trio:
    """Three plugins: base, middle (needs base), top (needs middle); what was called at switching on."""

    registry: Registry
    enabled: list[tuple[str, int, bool]] = field(default_factory=list)


@pytest.fixture
def trio(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Trio:
    core = app.extensions["zhangyin"].registry.core
    made = Trio(Registry(core))

    def load(name: str, *requires: str) -> Loaded:
        def on_enable(institution: Institution) -> None:
            who = current()
            made.enabled.append((name, institution.id, who is not None and who.rights.everything))

        plugin = Plugin(name, name.title(), "1", API_VERSION, requires=requires)
        return Loaded(plugin, name, Path("x"), Path("x"), {"services": SimpleNamespace(on_enable=on_enable)})  # type: ignore[dict-item]

    made.registry = Registry(core, [load("base"), load("middle", "base"), load("top", "middle")])
    return made


@pytest.fixture
def uni(world: World, app: Flask) -> Iterator[Institution]:
    with app.app_context(), acting_as(world.identity("alice")):
        yield world.uni


def test_what_a_plugin_needs_comes_along_after_asking(uni: Institution, trio: Trio) -> None:
    assert [e.name for e in switches.comes_along(uni, trio.registry, "top")] == ["base", "middle"]
    with pytest.raises(Refused) as refusal:
        switches.switch_on(uni, trio.registry, "top")
    assert "Base、Middle" in str(refusal.value)
    assert not switches.switched_on(uni) & {"base", "middle", "top"}, "all or nothing"
    assert switches.switch_on(uni, trio.registry, "top", along=True) == ["base", "middle", "top"]
    assert switches.switched_on(uni) >= {"base", "middle", "top"}
    assert trio.enabled == [(name, uni.id, True) for name in ("base", "middle", "top")], "in order, as the panel itself"


def test_switching_on_twice_does_it_once(uni: Institution, trio: Trio) -> None:
    assert switches.switch_on(uni, trio.registry, "base") == ["base"]
    assert switches.switch_on(uni, trio.registry, "base") == []
    assert len(trio.enabled) == 1


def test_what_another_needs_is_not_switched_off(uni: Institution, trio: Trio) -> None:
    switches.switch_on(uni, trio.registry, "top", along=True)
    with pytest.raises(Refused) as refusal:
        switches.switch_off(uni, trio.registry, "base")
    assert "Middle、Top" in str(refusal.value)
    for name in ("top", "middle", "base"):
        assert switches.switch_off(uni, trio.registry, name)
    assert not switches.switch_off(uni, trio.registry, "base")
    assert PluginSwitch.select().where(PluginSwitch.plugin == "base").count() == 1, "remembered as off"


def test_each_institution_switches_for_itself(world: World, uni: Institution, trio: Trio) -> None:
    switches.switch_on(uni, trio.registry, "base")
    assert "base" not in switches.switched_on(world.other)


def test_an_unknown_plugin_is_not_found(uni: Institution, trio: Trio) -> None:
    for verb in (switches.switch_on, switches.switch_off):
        with pytest.raises(NotFound):
            verb(uni, trio.registry, "nothing")


def test_a_failing_start_switches_nothing_on(uni: Institution, trio: Trio) -> None:
    def fail(institution: Institution) -> None:
        raise Refused("no")

    trio.registry["middle"].modules["services"] = SimpleNamespace(on_enable=fail)  # type: ignore[assignment]
    with pytest.raises(Refused):
        switches.switch_on(uni, trio.registry, "top", along=True)
    assert not switches.switched_on(uni) & {"base", "middle", "top"}


def test_its_permissions_reach_the_shipped_roles(uni: Institution, app: Flask) -> None:
    registry = app.extensions["zhangyin"].registry
    for entry in reversed(list(registry)):
        switches.switch_off(uni, registry, entry.name)
    roles.ship(uni, registry)
    for entry in registry:
        administrator = Role.get(Role.institution == uni, Role.code == roles.ADMINISTRATOR)
        assert not set(entry.permissions) & set(administrator.permissions)
        switches.switch_on(uni, registry, entry.name)
        administrator = Role.get_by_id(administrator.id)
        assert set(entry.permissions) <= set(administrator.permissions)
        for code, permissions in entry.plugin.roles.items():
            role = Role.get(Role.institution == uni, Role.code == code)
            assert set(permissions) <= set(role.permissions)


# ── in the pages ───────────────────────────────────────────────────────────────────────────────


def some_page(app: Flask) -> tuple[str, str]:
    """A plugin, and the address of a page of it."""
    registry = app.extensions["zhangyin"].registry
    rules = sorted(rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in rule.methods)
    return next(
        (entry.name, address) for entry in registry for address in rules if address.startswith(f"/{entry.name}/")
    )


def test_the_page_switches_after_asking(world: World, app: Flask, client_of: Callable[..., FlaskClient]) -> None:
    registry = app.extensions["zhangyin"].registry
    names = [entry.name for entry in registry]
    client = client_of(world.user("alice"))
    page = client.get("/access/plugin/")
    assert all(str(entry.plugin.version) in page.text for entry in registry)
    _name, first = some_page(app)
    assert client.get(first).status_code != 404
    for name in reversed(names):
        assert "数据保留" in client.get(f"/access/plugin/switch/?plugin={name}").text
        assert client.post(f"/access/plugin/switch/?plugin={name}", data={"to": "off"}).status_code == 302
    assert client.get(first).status_code == 404
    assert first not in client.get("/").text
    other = client_of(world.user("oscar"))
    assert other.get(first).status_code != 404, "the other institution keeps it"
    for name in names:
        assert client.post(f"/access/plugin/switch/?plugin={name}", data={"to": "on"}).status_code == 302
    assert client.get(first).status_code != 404
    assert client.post("/access/plugin/switch/?plugin=nothing", data={"to": "on"}).status_code == 404


def test_a_refused_plugin_is_shown_with_why(
    world: World, app: Flask, client_of: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = app.extensions["zhangyin"].registry
    monkeypatch.setattr(registry, "refused", {"museum": "plugin museum: written for panel.api 99"})
    page = client_of(world.user("alice")).get("/access/plugin/").text
    assert "museum" in page
    assert "panel.api 99" in page


def test_only_who_may_switches(world: World, app: Flask, client_of: Callable[..., FlaskClient]) -> None:
    name = next(iter(app.extensions["zhangyin"].registry)).name
    assert "/switch/" not in client_of(world.user("carol")).get("/access/plugin/").text
    assert client_of(world.user("carol")).post(f"/access/plugin/switch/?plugin={name}").status_code == 403
    assert client_of(world.user("dave")).get("/access/plugin/").status_code == 403


OTHER_PROCESS = """
import sys
from panel import config, create_app
secret = "0123456789abcdef" * 3
app = create_app(config.load({instance!r}, environ={{}}, environment="testing", secret_key=secret, database={url!r}))
print("ready", flush=True)
for line in sys.stdin:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = line.strip(), True
    print(client.get({page!r}).status_code, flush=True)
"""


def test_another_process_sees_it_at_once(world: World, app: Flask, database: str, tmp_path: Path) -> None:
    registry = app.extensions["zhangyin"].registry
    name, address = some_page(app)
    code = OTHER_PROCESS.format(instance=str(tmp_path), url=database, page=address)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"

        def status() -> int:
            print(open_session(world.user("alice")), file=other.stdin, flush=True)
            return int(other.stdout.readline())  # type: ignore[union-attr]

        open_page = status()
        assert open_page != 404
        with app.app_context(), acting_as(world.identity("alice")):
            for entry in [*reversed(switches.in_the_way(world.uni, registry, name)), registry[name]]:
                switches.switch_off(world.uni, registry, entry.name)
            assert status() == 404
            switches.switch_on(world.uni, registry, name)
            assert status() == open_page
        other.stdin.close()
        assert other.wait(10) == 0
