"""Reading the TLS certificate a site shows, without trusting it: also one that has lapsed has an end date."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from datetime import date

from cryptography import x509

from panel.api import SendFailed, dial

TIMEOUT = 10  # seconds


@dataclass(frozen=True)
class Seen:
    """What a site showed: the certificate's last day and fingerprint, or why none could be read."""

    until: date | None = None
    print: str = ""
    error: str = ""


def look_at(host: str, port: int = 443) -> Seen:
    """The certificate of a site. Never raises: what went wrong is in `error`."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the date is wanted even of a certificate that no longer holds
    try:
        with (
            dial(host, port, TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            der = secured.getpeercert(binary_form=True)
        if not der:
            return Seen(error="no certificate")
        certificate = x509.load_der_x509_certificate(der)
    except (SendFailed, OSError, ValueError, UnicodeError) as error:
        return Seen(error=str(error)[:200] or type(error).__name__)
    return Seen(certificate.not_valid_after_utc.date(), hashlib.sha256(der).hexdigest())
