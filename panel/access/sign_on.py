"""Single sign-on (OpenID Connect): the settings of an institution, and whom of its users a sign-on server names.

It lets in users that exist, never makes one, and never whoever administers the installation. What the server is asked
and answers is Authlib's business: discovery, state, nonce, PKCE, signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from peewee import fn

from panel import audit, records, vault
from panel.access.identity import asking
from panel.access.models import Match, SignOn, User
from panel.access.services import as_user, fold_username, refuse_barred
from panel.database import transaction
from panel.errors import Refused
from panel.i18n import _
from panel.notify.senders.base import SendFailed
from panel.notify.senders.guard import refuse_address, split_address
from panel.org.models import Institution, Person
from panel.runtime import runtime

TIMEOUT = 10  # seconds
DISCOVERY = "/.well-known/openid-configuration"


# ── settings ───────────────────────────────────────────────────────────────────────────────────


def add(values: Mapping[str, Any]) -> SignOn:
    """Enter the institution's sign-on server. `secret` is the client secret in clear."""
    institution = asking().institution
    given = _checked(values)
    secret = given.pop("secret", "")
    with transaction():
        row = records.create(SignOn, **{**given, "institution": institution})
        vault.put(row, "client_secret", secret)
    return row


def change(row: SignOn, expected_version: int | None, values: Mapping[str, Any]) -> None:
    """Change it; an empty `secret` keeps the one there is. At another server, nobody is known yet."""
    given = _checked(values)
    secret = given.pop("secret", "")
    if given.get("issuer", row.issuer) != row.issuer and not secret:
        raise Refused(_("Another server needs its own client secret: enter it."), "secret")
    with transaction():
        changed = records.update(row, expected_version, **given)
        if secret:
            vault.put(row, "client_secret", secret)
            audit.note("secret_changed", row)
        if "issuer" in changed:
            for user in User.select().where(User.institution == row.institution_id, User.subject.is_null(False)):
                records.update(user, subject=None)


def remove(row: SignOn) -> None:
    records.delete(row)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if "issuer" in given:
        given["issuer"] = given["issuer"].removesuffix(DISCOVERY).rstrip("/")
        try:
            parts = split_address(given["issuer"])
        except SendFailed as error:
            raise Refused(str(error), "issuer") from error
        if parts.scheme != "https" and not runtime().settings.local_targets:
            raise Refused(_("The issuer must begin with https://."), "issuer")
    return given


# ── asking the server ──────────────────────────────────────────────────────────────────────────


class GuardedSession(OAuth2Session):
    """Connects only where the panel may on somebody's word, waits a while and follows no redirect."""

    def request(self, method: str, url: str, *given: Any, **options: Any) -> Any:
        self.trust_env = False
        parts = split_address(url)
        refuse_address(str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80))
        options.update(allow_redirects=False, timeout=TIMEOUT)
        return super().request(method, url, *given, **options)


class Client(FlaskOAuth2App):
    """Authlib's client of one sign-on server."""

    client_cls = GuardedSession

    def load_server_metadata(self) -> Any:
        """What the server says of itself. Raises OAuthError where it says it is another."""
        found = super().load_server_metadata()
        wanted = self._server_metadata_url.removesuffix(DISCOVERY)
        if str(found.get("issuer", "")).rstrip("/") != wanted:
            raise OAuthError("issuer", f"the server calls itself {found.get('issuer')!r}")
        return found


def client_of(row: SignOn) -> Client:
    """The client that asks the institution's server; it has asked nothing yet."""
    name = f"sign_on_{row.id}"
    return Client(
        FlaskIntegration(name),
        name,
        client_id=row.client_id,
        client_secret=vault.read(row, "client_secret") or None,
        server_metadata_url=f"{row.issuer}{DISCOVERY}",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    )


def claims_of(client: Client) -> dict[str, Any]:
    """What the server says about who comes back from it; signature, issuer, audience, nonce and time hold.

    Raises OAuthError and the errors of `requests` and `joserfc`.
    """
    issuer = client.load_server_metadata()["issuer"]
    wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client.client_id}}
    token = client.authorize_access_token(claims_options=wanted)
    claims = token.get("userinfo")
    if not claims or not claims.get("sub"):
        raise OAuthError("id_token", "the server sent no proof of identity")
    found = dict(claims)
    if client.server_metadata.get("userinfo_endpoint") and not {"email", "preferred_username"} & found.keys():
        more = client.userinfo(token=token)
        if more.get("sub") == found["sub"]:
            found = {**more, **found}
    return found


# ── whom it names ──────────────────────────────────────────────────────────────────────────────


def offered() -> list[SignOn]:
    """The sign-on servers in use, with their institutions."""
    query = SignOn.select(SignOn, Institution).join(Institution).where(SignOn.enabled)
    return list(query.order_by(Institution.name).limit(20))


def user_named(row: SignOn, claims: Mapping[str, Any]) -> User:
    """The user whom the server names, noted in the audit as logged in. Raises Refused where there is none.

    The first time, a user is found by name or address as the institution chose; from then on by the server's own
    permanent name for them alone, so that a name given to somebody else later opens nothing.
    """
    subject = str(claims["sub"])[:255]
    user = User.get_or_none(User.institution == row.institution_id, User.subject == subject) or _matched(row, claims)
    if user is None:
        raise Refused(_("Nobody here is entered under your name at the single sign-on. Ask your administrator."))
    if user.site_admin:
        raise Refused(_("Who administers the installation logs in with the password."))
    if user.subject not in (None, "", subject):
        raise Refused(_("This user belongs to another name at the single sign-on. Ask your administrator."))
    refuse_barred(user)
    with transaction(), as_user(user):
        records.update(user, subject=subject)
    return user


def _matched(row: SignOn, claims: Mapping[str, Any]) -> User | None:
    mine = User.institution == row.institution_id
    if row.match == Match.USERNAME:
        name = fold_username(str(claims.get(row.claim) or ""))
        return User.get_or_none(mine, User.username == name)
    if row.match == Match.EMAIL and claims.get("email_verified") in (True, "true"):
        address = str(claims.get("email") or "").strip().lower()
        if not address:
            return None
        found = list(User.select().join(Person).where(mine, fn.LOWER(Person.email) == address).limit(2))
        return found[0] if len(found) == 1 else None
    return None
