"""Log-in: second factor, sessions, single sign-on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel.access import factor, sign_on
from panel.access.models import SecondFactor, Session, SignOn, User
from panel.access.sessions import open_session
from tests.security.cases import Case, everybody
from tests.security.places import Place


def fill(place: Place, name: str) -> list[Any]:
    """A session and a second factor of the place's user, and the institution's single sign-on, not in use."""
    user = place.row(User)
    open_session(user)
    factor.begin(user)
    found = SignOn.get_or_none(SignOn.institution == place.institution)
    server = found or sign_on.add({"issuer": "https://127.0.0.1", "client_id": name, "secret": "x", "enabled": False})
    return [Session.get(Session.user == user.id), SecondFactor.get(SecondFactor.user == user.id), server]


def _user(place: Place, form: dict[str, Any] | None = None, **more: Any) -> list[Case]:
    user = place.row(User)
    return [Case("", {"id": user.id}, form or {}, (user,), also=(user.person,), **more)]


NEW: dict[str, Callable[[Place], Case]] = {
    "access.sign_on": lambda p: Case(
        "",
        form={"issuer": "https://127.0.0.1", "client_id": "x", "match": "subject", "claim": "x"},
        whole=True,
        done=(302, 422),  # there is one already
    ),
}

OTHERS: dict[str, Callable[[Place], Any]] = {
    "login_code": lambda p: [Case("", only=everybody(302))],
    "forgot_password": lambda p: [Case("", only=everybody(404))],  # no mail can be sent
    "sign_on": lambda p: [Case("", {"row_id": p.row("access.sign_on").id}, only=everybody(404))],
    "sign_on_back": lambda p: [Case("", {"row_id": p.row("access.sign_on").id}, only=everybody(404))],
    "second_factor": lambda p: [Case("", form={"act": "begin"})],
    "second_factor_picture": lambda p: [Case("", seen=(404,))],
    "end_session": lambda p: [Case("", form={"session": "999999"}, done=(404,))],
    "access_user.session": lambda p: _user(p, {"session": p.row("access.session").id}),
    "access_user.factor": lambda p: _user(p),
    "access_user.mail": lambda p: _user(p),
    "access_sign_on.ask": lambda p: [
        Case("", {"id": p.row("access.sign_on").id}, rows=(p.row("access.sign_on"),), whole=True)
    ],
}
