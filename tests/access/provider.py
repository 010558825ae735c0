"""A sign-on server for tests: OpenID Connect with real keys and real HTTP on loopback; what it says can be bent."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
FOREIGN = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
CLIENT, SECRET = "panel", "s3cret of the client"


class Provider:
    """`person` are the claims of whoever logs in; `bend` changes claims of the next tokens, `key` signs them."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "u-1"}
        self.bend: dict[str, Any] = {}
        self.key = KEY
        self.calls_itself: str | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                provider.post(self)

            def log_message(self, *_given: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def get(self, at: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(at.path)
        if parts.path == "/.well-known/openid-configuration":
            self.say(at, self.metadata())
        elif parts.path == "/jwks":
            self.say(at, {"keys": [KEY.as_dict(private=False)]})
        elif parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.asked.append(asked)
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            at.send_response(302)
            query = urlencode({"code": code, "state": asked["state"]})
            at.send_header("Location", f"{asked['redirect_uri']}?{query}")
            at.end_headers()
        else:
            self.say(at, {"error": "not_found"}, 404)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.calls_itself or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def post(self, at: BaseHTTPRequestHandler) -> None:
        sent = at.rfile.read(int(at.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(sent).items()}
        who = base64.b64decode(at.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if who != f"{CLIENT}:{SECRET.replace(' ', '%20')}" and who != f"{CLIENT}:{SECRET}":
            return self.say(at, {"error": "invalid_client"}, 401)
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if asked is None or asked.get("code_challenge") != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return self.say(at, {"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.get("nonce")}
        claims = {**claims, **self.person, **self.bend}
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
        return self.say(at, {"access_token": secrets.token_hex(8), "token_type": "Bearer", "id_token": token})

    def say(self, at: BaseHTTPRequestHandler, answer: Any, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        at.send_response(status)
        at.send_header("Content-Type", "application/json")
        at.send_header("Content-Length", str(len(body)))
        at.end_headers()
        at.wfile.write(body)
