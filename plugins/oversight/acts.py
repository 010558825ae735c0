"""What the pages of oversight share: one act on a row, asked for by a form and done by a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request

from panel.api import Form, RecordView, Refused, asking, files, find, form_sent, paper_sent

BOTH = ("GET", "POST")


def kept(field: str = "file") -> dict[str, Any]:
    """The paper sent to the institution of whoever asks; see `paper_sent`."""
    return paper_sent(asking().institution.id, field)


class Acting(RecordView):
    """A RecordView with acts of its own."""

    def act(
        self,
        permission: Any,
        form_class: type[Form],
        verb: Callable[[Any, Any], Any],
        title: Any,
        button: Any,
        said: Any,
        given: dict[str, Any] | None = None,
        remark: Any = "",
        rules: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Any:
        """Ask with a form and do `verb(row, form)`; `given` fills the form, `said` is the message afterwards."""
        row: Any = find(self.model, request.values.get("id"), permission)
        form: Any = form_class(form_sent(), permission=permission)
        if request.method == "GET":
            for name, value in (given or {}).items():
                form.set(name, value)
        elif form.validate():
            try:
                verb(row, form)
                flash(said, "success")
                return redirect(self.url_of(row))
            except Refused as refusal:
                form.refuse(refusal)
        context = {"form": form, "row": row, "title": title, "word": button, "remark": remark, "cited": rules or {}}
        return self.render("oversight/act.html", **context), 422 if form.wrong else 200

    def paper_of(self, model: Any, permission: Any) -> Any:
        """The paper of a row in sight, as a download."""
        row: Any = find(model, request.args.get("id"), permission)
        return files.send_paper(row.file, row.institution_id, row.file_name)
