"""The beginning of a new plugin: files that run, to be changed into what is wanted."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

from panel import migrate, plugin
from panel.config import Settings
from panel.errors import Refused
from panel.i18n import _

PLUGIN = '''\
"""$Title: one page of what this plugin governs."""

from panel.api import API_VERSION, Plugin, _l
from $package.permissions import ${Area}Permission as P

plugin = Plugin(
    name="$name",
    title=_l("$Title"),
    version="0.1.0",
    api=API_VERSION,
    description=_l("What this plugin governs, in one sentence."),
    roles={"publicity": tuple(P), "clerk": (P.${THING}_VIEW, P.${THING}_CREATE, P.${THING}_EDIT)},
)
'''

PERMISSIONS = '''\
"""Permissions over $name."""

from __future__ import annotations

from enum import StrEnum


class ${Area}Permission(StrEnum):
    ${THING}_VIEW = "$name.$thing.view"
    ${THING}_CREATE = "$name.$thing.create"
    ${THING}_EDIT = "$name.$thing.edit"
    ${THING}_DELETE = "$name.$thing.delete"
    ${THING}_EXPORT = "$name.$thing.export"
'''

MODELS = '''\
"""What is kept."""

from __future__ import annotations

from peewee import CharField, Check, DateField, TextField

from panel.api import Owned, RestrictedKey, Unit, _l


class $Thing(Owned):
    """One entry of the register, seen by whoever sees its unit."""

    title, titles = _l("$Item"), _l("$Title")
    scope_unit = "unit"
    refusals = {
        "${name}_${thing}_named": _l("A name is needed."),
        "institution,name": _l("There is already one of this name."),
    }

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    name = CharField(max_length=80, verbose_name=_l("Name"))
    closed_on = DateField(null=True, verbose_name=_l("Closed on"))
    note = TextField(default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check("name <> \'\'", name="${name}_${thing}_named")]

    def __str__(self) -> str:
        return self.name
'''

SERVICES = '''\
"""The verbs; each is one transaction."""

from __future__ import annotations

from panel.api import Refused, _, records, today
from $package.models import $Thing


def close($thing: $Thing) -> None:
    """Close an entry, as of today. Raises Refused where it is closed already."""
    if $thing.closed_on is not None:
        raise Refused(_("%(name)s was closed on %(day)s.", name=$thing, day=$thing.closed_on), "closed_on")
    records.update($thing, closed_on=today())
'''

VIEWS = '''\
"""The pages."""

from __future__ import annotations

from panel.api import Crud, Menu, RecordView, Section, _l, bulk, ngettext
from $package import services
from $package.models import $Thing
from $package.permissions import ${Area}Permission as P


class ${Thing}View(RecordView):
    """The register."""

    model = $Thing
    may = Crud(
        view=P.${THING}_VIEW,
        create=P.${THING}_CREATE,
        edit=P.${THING}_EDIT,
        delete=P.${THING}_DELETE,
        export=P.${THING}_EXPORT,
    )
    menu = Menu(section=_l("$Title"), label=_l("Register"), order=10)
    columns = ("name", "unit", "closed_on")
    search = ("name",)
    filters = ("unit", "closed_on")
    sort = ("name", "closed_on")
    default_sort = "name"
    sections = (Section(_l("Basics"), ("name", "unit", "closed_on", "note")),)

    @bulk(_l("Close"), P.${THING}_EDIT, lambda n: ngettext("Close %(num)s entry?", "Close %(num)s entries?", n))
    def close(self, rows: list[$Thing]) -> int:
        for row in rows:
            services.close(row)
        return len(rows)
'''

CATALOGUE = """\
msgid ""
msgstr ""
"Language: zh_Hans_CN\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

CHINESE = {
    "$Title": "$Title",
    "What this plugin governs, in one sentence.": "用一句话说明此插件管理什么。",
    "$Item": "$Item",
    "A name is needed.": "请填写名称。",
    "There is already one of this name.": "已有同名记录。",
    "Unit": "部门",
    "Name": "名称",
    "Closed on": "关闭日期",
    "Note": "备注",
    "%(name)s was closed on %(day)s.": "%(name)s已于 %(day)s 关闭。",
    "Register": "台账",
    "Basics": "基本信息",
    "Close": "关闭",
}

README = """\
# $Title

What this plugin governs, its settings and its rules, on one page. `docs/plugins.md` explains each file.
"""

TEST = '''\
"""The register: seen by unit, changed by verbs."""

from __future__ import annotations

from typing import Any

import pytest

from panel import records
from panel.errors import Refused
from panel.i18n import today
from $package import services
from $package.models import $Thing
from tests.cast import World


@pytest.fixture
def entry(world: World) -> $Thing:
    return records.create($Thing, institution=world.uni, unit=world.office, name="甲号记录")


def test_the_list_shows_what_lies_in_sight(world: World, entry: $Thing, client_of: Any) -> None:
    assert "甲号记录" in client_of(world.user("alice")).get("/$name/$thing/").text
    assert "甲号记录" not in client_of(world.user("bob")).get("/$name/$thing/").text
    assert client_of(world.user("bob")).get(f"/$name/$thing/details/?id={entry.id}").status_code == 404
    assert client_of(world.user("oscar")).get(f"/$name/$thing/details/?id={entry.id}").status_code == 404


def test_the_form_enters_a_row(world: World, client_of: Any) -> None:
    values = {"name": "乙号记录", "unit": "理学院"}
    answer = client_of(world.user("alice")).post("/$name/$thing/new/", data=values)
    assert answer.status_code == 302
    assert $Thing.get($Thing.name == "乙号记录").unit == world.faculty


def test_an_entry_is_closed_once(app: Any, world: World, entry: $Thing) -> None:
    with app.app_context():
        services.close(entry)
        assert $Thing.get_by_id(entry.id).closed_on == today()
        with pytest.raises(Refused):
            services.close(entry)
'''


def write(settings: Settings, name: str) -> list[Path]:
    """Write the files of the plugin `name`; gives their paths. Raises Refused for a name that cannot be one."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,38}", name) or keyword.iskeyword(name) or name in plugin.CORE_AREAS:
        raise Refused(_("%(name)s cannot name a plugin: use small Latin letters, such as visits.", name=repr(name)))
    folder = settings.plugins.resolve() / name
    root = folder.parent.parent
    taken = [p for p in (folder, root / "migrations" / name, root / "tests" / name) if p.exists()]
    if taken or name in plugin.load(settings.plugins):
        raise Refused(_("There is something called %(name)s already: %(paths)s", name=name, paths=taken or name))
    thing = name.removesuffix("s") or name
    words = {
        "name": name,
        "package": f"{folder.parent.name}.{name}",
        "Title": name.replace("_", " ").capitalize(),
        "Item": thing.replace("_", " ").capitalize(),
        "Area": _camel(name),
        "thing": thing,
        "Thing": _camel(thing),
        "THING": thing.upper(),
    }
    files = {
        folder / "__init__.py": f'"""{words["Title"]}."""\n',
        folder / "plugin.py": PLUGIN,
        folder / "permissions.py": PERMISSIONS,
        folder / "models.py": MODELS,
        folder / "services.py": SERVICES,
        folder / "views.py": VIEWS,
        folder / "README.md": README,
        folder / "translations" / "zh_Hans_CN" / f"{name}.po": _catalogue(words),
        root / "tests" / name / "__init__.py": "",
        root / "tests" / name / f"test_{name}.py": TEST,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(words), encoding="utf-8")
    written = migrate.new(plugin.load(settings.plugins), name, "initial")
    return [*files, *([written.path] if written else [])]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _catalogue(words: dict[str, str]) -> str:
    known = {Template(english).substitute(words): chinese for english, chinese in CHINESE.items()}
    entries = [f'msgid "{english}"\nmsgstr "{chinese}"\n' for english, chinese in known.items()]
    entries.append(
        'msgid "Close %(num)s entry?"\nmsgid_plural "Close %(num)s entries?"\nmsgstr[0] "关闭 %(num)s 条记录？"\n'
    )
    flagged = [f"#, python-format\n{entry}" if "%(" in entry else entry for entry in entries]
    return CATALOGUE + "\n".join(flagged)
