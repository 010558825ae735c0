"""`RecordView`, the base of the pages of one model, and all that a views.py declares one with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import g, redirect, request, url_for
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from peewee import Expression, ForeignKeyField, ModelSelect

from panel import records
from panel.access.guard import Guard
from panel.access.identity import asking, current
from panel.access.scope import condition, find, scope
from panel.admin import bulk as bulk_page
from panel.admin import cells, details, editing, listing, saved, show
from panel.admin import export as export_page
from panel.admin.columns import Column, label_of, path_of
from panel.admin.declare import Bulk, Crud, Menu, Section, bulk
from panel.admin.filters import ChoiceFilter, Filter, derive
from panel.admin.forms import Converter, RecordForm, formable
from panel.admin.lines import Lines
from panel.admin.page import Page, PageView
from panel.admin.sight import in_sight
from panel.admin.state import OWN, State
from panel.database import key_of, transaction, utcnow
from panel.errors import NotAllowed, NotFound
from panel.i18n import _, _l
from panel.org.models import Owned

__all__ = ["ChoiceFilter", "Crud", "Filter", "Menu", "PageView", "RecordView", "Section", "bulk", "expose"]

# Which permission of `Crud` each page of a RecordView asks for.
DOORS = {
    "index_view": "view",
    "details_view": "view",
    "saved_view": "view",
    "action_view": "view",  # each action asks for its own on top
    "create_view": "create",
    "edit_view": "edit",
    "cell_view": "edit",
    "delete_view": "delete",
    "export": "export",
    "reveal_view": "reveal",
}
WRITES = ("create", "edit", "delete")


class RecordView(Page, ModelView):
    """List, details, form, deletion, bulk actions and export of one model, declared as class attributes.

    docs/plugins.md explains each. From Flask-Admin come registration, addresses and the making of the form class;
    docs/decisions/0002-own-list-and-forms.md says why no more than that.
    """

    model: ClassVar[Any]
    may: ClassVar[Crud]
    columns: ClassVar[Sequence[str]] = ()
    more_columns: ClassVar[Sequence[str]] = ()
    labels: ClassVar[Mapping[str, Any]] = {}
    formats: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    joins: ClassVar[Sequence[str]] = ()  # foreign keys that formats and str() of the row follow, beyond the columns
    search: ClassVar[Sequence[str]] = ()
    filters: ClassVar[Sequence[Any]] = ()
    sort: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[str] = "-id"
    editable: ClassVar[Sequence[str]] = ()
    sections: ClassVar[Sequence[Section]] = ()
    help: ClassVar[Mapping[str, Any]] = {}
    rules: ClassVar[Mapping[str, Sequence[str]]] = {}
    wide: ClassVar[Sequence[str]] = ()  # form fields as wide as the form; prose and lists are without being named
    new: ClassVar[Any] = ""  # what the button that adds a record says
    empty_text: ClassVar[Any] = ""  # what an empty list says
    details: ClassVar[str] = "admin/details.html"
    scripts: ClassVar[Sequence[str]] = ()  # static files that make the form quicker to fill in
    list_page: ClassVar[str] = "admin/list.html"
    import_target: ClassVar[Any] = None
    create_with: ClassVar[Any] = None  # (values) -> row; values hold the institution
    update_with: ClassVar[Any] = None  # (row, expected_version, values)
    delete_with: ClassVar[Any] = None  # (row)
    archive_with: ClassVar[Any] = None  # (row)

    ajax_lookup = None  # Flask-Admin's; ours is /lookup/<key>, for all views
    ajax_update = None

    def __init__(self) -> None:
        area, name = key_of(self.model).split(".")
        name = self.slug or name
        super().__init__(self.model, endpoint=f"{area}_{name}", url=f"/{area}/{name}")
        self._urls = [entry for entry in self._urls if self._door(entry[1])]

    def _refresh_cache(self) -> None:
        """Resolve what the class declares; Flask-Admin would scaffold its own list and filters here.

        Raises ValueError naming what is declared and does not exist.
        """
        if not self.columns:
            raise ValueError("columns: at least one is needed")
        self.filter_objects = derive(self.model, self.filters)
        if clash := {k for f in self.filter_objects for k in f.keys} & set(OWN):
            raise ValueError(f"filters: {', '.join(sorted(clash))} already means something in a list's address")
        names = [*self.columns, *self.more_columns]
        self.column_objects = {n: self._column(n) for n in names}
        orders = [*self.sort, self.default_sort.removeprefix("-")]
        for kind, declared in (("search", self.search), ("sort", orders), ("joins", self.joins)):
            if unknown := [n for n in declared if path_of(self.model, n) is None]:
                raise ValueError(f"{kind}: {', '.join(unknown)} is no field of {self.model.__name__}")
        self.sortable = {f"{sign}{n}" for n in orders for sign in ("", "-")}
        paths = [path_of(self.model, n) for n in [*names, *self.joins]]
        self.joined = list(dict.fromkeys(p.chain for p in paths if p is not None and p.chain))
        self._make_form()

    def _column(self, name: str) -> Column:
        extra = (self.form_extra_fields or {}).get(name)
        called = self.labels.get(name) or (extra.args[0] if extra is not None and extra.args else None)
        label = called or label_of(self.model, name)
        worked_out = getattr(getattr(self.model, name, None), "fget", None)
        figure = getattr(worked_out, "__annotations__", {}).get("return") in ("int", int)
        return Column(name, label, path_of(self.model, name), self.formats.get(name), figure)

    def _make_form(self) -> None:
        self.form_fields = [n for s in self.form_sections for n in s.fields]
        extra = dict(self.form_extra_fields or {})
        if unknown := [n for n in self.form_fields if n not in self.model._meta.fields and n not in extra]:
            raise ValueError(f"sections: {', '.join(unknown)} is neither a field nor in form_extra_fields")
        if unknown := [n for n in self.editable if n not in self.form_fields or n not in self.column_objects]:
            raise ValueError(f"editable: {', '.join(unknown)} must stand among the columns and in the form")
        self._form_ajax_refs: dict[str, Any] = {}
        self.model_form_converter = Converter
        self.form_base_class = type("Form", (RecordForm,), {"view": self})
        self.form_columns = [n for n in self.form_fields if n in self.model._meta.fields] or ["id"]
        self.form_args = {n: {"description": text} for n, text in self.help.items()}
        self.form = self.get_form()

    @property
    def form_sections(self) -> Sequence[Section]:
        return self.sections or (Section(_l("Basics"), tuple(formable(self.model))),)

    # ── what others may ask of a view, and a subclass may change ────────────────────────────────

    def only(self) -> Expression | None:
        """A condition that every row of this view meets, beyond what whoever asks may see."""
        return None

    def load(self, rows: list[Any]) -> None:
        """Hang children on the rows of a page, in one query: `row.custodians = …`.

        A list asks for it only where it shows a column that is no field.
        """

    def icon_of(self, row: Any) -> str:
        """The icon beside a row's name, such as `p-wechat`; empty for none."""
        return ""

    def note_of(self, row: Any) -> str:
        """A word that tells rows of the same name apart, shown small beside it."""
        return ""

    def fixed(self, row: Any) -> bool:
        """Whether a row is past being edited: its page offers it no more. Its verb refuses it besides."""
        return False

    def stays(self, row: Any) -> bool:
        """Whether a row is past being deleted: its page offers it no more. Its verb refuses it besides."""
        return False

    def choose_from(self, name: str, rows: ModelSelect) -> ModelSelect:
        """The rows that may be chosen for a field of the form, of those in sight."""
        return rows

    @property
    def label(self) -> Any:
        return self.entry.label if self.entry else self.model.titles

    @property
    def create_label(self) -> str:
        return str(self.new) if self.new else _("Add: %(title)s", title=self.model.title)

    @property
    def search_labels(self) -> str:
        """What the search looks at, as the hint in its box."""
        return "、".join(dict.fromkeys(str(label_of(self.model, name)) for name in self.search))

    @property
    def filter_keys(self) -> list[str]:
        return [key for one in self.filter_objects for key in one.keys]

    @property
    def import_address(self) -> str:
        """Where the import of this list begins; empty where there is none."""
        if type(self).import_target is None:
            return ""
        return url_for("admin_import.upload_view", target=key_of(self.model))

    def sort_words(self, sort: str) -> str:
        name = sort.removeprefix("-")
        label = self.labels.get(name) or label_of(self.model, name)
        return (
            _("%(field)s, descending", field=label) if sort.startswith("-") else _("%(field)s, ascending", field=label)
        )

    def lookup_address(self, model: Any) -> str:
        return url_for("lookup", key=key_of(model))

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the view says itself where a row's page is."""
        return type(self).url_of is not RecordView.url_of

    def url_of(self, row: Any, **values: Any) -> str:
        """The address of a row's own page."""
        return self.at("details_view", id=row.id, **values)

    def at(self, name: str, **values: Any) -> str:
        """The address of one of the view's pages; values that are empty are left out.

        Made some hundred times a page: Flask is asked for each page's address only once a request.
        """
        known = g.setdefault("page_addresses", {})
        endpoint = f"{self.endpoint}.{name}"
        if endpoint not in known:
            known[endpoint] = url_for(endpoint)
        query = urlencode([(k, v) for k, v in values.items() if v])
        return f"{known[endpoint]}?{query}" if query else str(known[endpoint])

    @property
    def whole(self) -> bool:
        """Whether a row holds for the whole institution, so that who may write it only in some units may not at all."""
        return not (self.model.scope_unit or self.model.scope_parent)

    def can(self, door: str) -> bool:
        """Whether a door (`create`, `edit`, `delete`, `export`, `import_`) exists and opens for whoever asks."""
        permission, identity = getattr(self.may, door), current()
        if permission is None or identity is None or not identity.may(permission):
            return False
        return door not in WRITES or not self.whole or identity.reach(permission) is None

    def offer(self, name: str, permission: Any) -> ModelSelect:
        """The rows that may be chosen for a reference: those in sight; where it decides who sees the record itself,
        those where whoever asks holds `permission`."""
        field = self.model._meta.fields.get(name)
        unbound = None if field is not None else getattr(self.form, name)
        bound = field.rel_model if unbound is None else unbound.kwargs.get("model") or unbound.args[1]
        decides = field is not None and (
            name in (self.model.scope_unit, self.model.scope_parent)
            or (bound is self.model and self.model.scope_unit == "id")
        )
        rows = scope(bound.select(), permission) if decides else in_sight(bound)
        return self.choose_from(name, rows)

    @property
    def bulk_actions(self) -> list[Bulk]:
        """The actions of the view, in the order they are written; deletion last."""
        declared = [value for base in reversed(type(self).__mro__) for value in vars(base).values()]
        marked = [m if isinstance(m, Bulk) else getattr(m, "bulk", None) for m in declared]
        found = [m for m in marked if isinstance(m, Bulk)]
        if self.may.delete is not None:
            found.append(Bulk("delete_rows", _l("Delete"), self.may.delete, danger=True))
        return found

    def list_columns(self, names: Sequence[str]) -> list[Column]:
        return [self.column_objects[n] for n in names]

    def lines(self, columns: Sequence[Column], state: State) -> Lines:
        """How the rows of a page are written."""
        return Lines(self, columns, state.carried, state.query)

    def shown(self, column: Column, row: Any) -> Any:
        """A value as the list and the details page show it."""
        if column.format is not None:
            return column.format(row)
        return show.html(column.field, column.value(row))

    # ── rows: read in sight, written through verbs ──────────────────────────────────────────────

    def row(self, row_id: Any, permission: Any) -> Any:
        """A row with all it refers to.

        Raises NotFound where it is out of sight, NotAllowed where it is in sight but not under this permission.
        """
        try:
            found = find(self.model, row_id, permission)
        except NotFound:
            if permission != self.may.view:
                find(self.model, row_id, self.may.view)
                raise NotAllowed(_("You may look at this, but not change it.")) from None
            raise
        own = [(f,) for f in self.model._meta.sorted_fields if isinstance(f, ForeignKeyField)]
        state = State.parse(self, "")
        (row,) = listing.Listing(state, permission).full([found.id], also=own) or [found]
        self.load([row])
        return row

    def create(self, values: dict[str, Any]) -> Any:
        if issubclass(self.model, Owned):
            identity = asking()
            values = {"institution": identity.institution, **values}
        with transaction():
            row = self.create_with(values) if self.create_with else records.create(self.model, **values)
            self._keep_in_sight(row, self.may.create)
        return row

    def change(self, row: Any, expected_version: int, values: dict[str, Any]) -> None:
        with transaction():
            if self.update_with:
                self.update_with(row, expected_version, values)
            else:
                records.update(row, expected_version, **values)
            self._keep_in_sight(row, self.may.edit)

    def remove(self, row: Any) -> None:
        (self.delete_with or records.delete)(row)

    def delete_rows(self, rows: list[Any]) -> int:
        for row in rows:
            self.remove(row)
        return len(rows)

    def archives(self, row: Any) -> bool:
        """Whether the row can be archived instead of deleted."""
        return "archived_at" in self.model._meta.fields and row.archived_at is None

    def archive(self, row: Any) -> None:
        if self.archive_with:
            self.archive_with(row)
        else:
            records.update(row, archived_at=utcnow())

    def _keep_in_sight(self, row: Any, permission: Any) -> None:
        """Nobody writes a row to where they may not write."""
        seen = self.model.select(self.model.id).where(self.model.id == row.id, condition(self.model, permission))
        if not seen.exists():
            raise NotAllowed(_("You may not do this there: it lies outside your units."))

    # ── the pages ───────────────────────────────────────────────────────────────────────────────

    def _door(self, name: str) -> bool:
        return name not in DOORS or getattr(self.may, DOORS[name]) is not None

    @property
    def menu_permission(self) -> Any:
        return self.may.view

    def guard_for(self, name: str, declared: Guard | None) -> Guard | None:
        if declared is None and name in DOORS:
            door = DOORS[name]
            declared = Guard(getattr(self.may, door), whole=self.whole and door in WRITES)
        return super().guard_for(name, declared)

    @expose("/")
    def index_view(self) -> Any:
        state = State.read(self, request.args)
        if "" in request.args.values() or len(request.args.getlist("cols")) > 1:
            return redirect(state.address)  # a form without a script sends what was left empty, too
        rows = listing.Listing(state)
        page = rows.page()
        hints = rows.without_each() if page.total == 0 and state.narrowed else []
        return self.render(self.list_page, state=state, page=page, hints=hints)

    @expose("/details/")
    def details_view(self) -> Any:
        return details.respond(self)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        return editing.create(self)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        return editing.edit(self)

    @expose("/cell/", methods=("GET", "POST"))
    def cell_view(self) -> Any:
        return cells.respond(self)

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> Any:
        return editing.delete(self)

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        return bulk_page.run(self)

    @expose("/saved/", methods=("GET", "POST"))
    def saved_view(self) -> Any:
        return saved.respond(self)

    @expose("/reveal/")
    def reveal_view(self) -> Any:
        return details.reveal(self)

    @expose("/export/", methods=("GET", "POST"))
    def export(self) -> Any:
        return export_page.respond(self)
