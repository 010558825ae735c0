"""Mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from panel.database import utcnow
from panel.i18n import _
from panel.notify.senders.base import TIMEOUT, Letter, Sender, SendFailed, Session
from panel.notify.senders.guard import dial


def letter_as_mail(letter: Letter, sender: str) -> EmailMessage:
    """The letter as a mail; every attempt has the same Message-ID, so that a double can be told."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(letter.subject.split())
    mail["From"] = _address(*parseaddr(sender))
    if letter.to is not None:
        mail["To"] = _address(letter.to.name, letter.to.email)
    mail["Date"] = format_datetime(utcnow())
    mail["Message-ID"] = f"<delivery-{letter.number}@{sender.rpartition('@')[2].strip(' >') or 'zhangyin'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    return mail


def _address(name: str, address: str) -> Address:
    try:
        return Address(display_name=name, addr_spec=address)
    except (HeaderParseError, ValueError, IndexError, AttributeError) as error:
        raise SendFailed(_("%(address)s is not a mail address.", address=address), for_good=True) from error


class _Conversation:
    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self.server, self.sender = server, sender

    def send(self, letter: Letter) -> None:
        try:
            self.server.send_message(letter_as_mail(letter, self.sender))
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise SendFailed(_said(code, text), for_good=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            self._reset()
            raise SendFailed(_said(error.smtp_code, error.smtp_error), for_good=error.smtp_code >= 550) from error
        except (smtplib.SMTPException, OSError) as error:
            raise SendFailed(str(error)) from error

    def _reset(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.server.rset()


def _said(code: int, text: Any) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"


class _Plain(smtplib.SMTP):
    """Connects to the address that was checked, not to what the name leads to when asked again."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return dial(host, port, timeout)


class _Tls(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return self.context.wrap_socket(dial(host, port, timeout), server_hostname=host)


class Mail(Sender):
    """Settings: host, port, security (none, starttls, tls), username, sender; sealed: password."""

    needs = ("host", "port", "sender")
    secrets = ("password",)

    def reaches(self, channel: Any, person: Any) -> bool:
        return "@" in person.email

    @contextmanager
    def open(self, channel: Any, secret: Mapping[str, str]) -> Iterator[Session]:
        settings = channel.settings
        host, port = settings["host"], int(settings["port"])
        try:
            server = self._connect(host, port, settings, secret)
        except smtplib.SMTPAuthenticationError as error:
            raise SendFailed(_said(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise SendFailed(f"{host}:{port}: {error}") from error
        try:
            yield _Conversation(server, settings["sender"])
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _connect(self, host: str, port: int, settings: Mapping[str, Any], secret: Mapping[str, str]) -> smtplib.SMTP:
        security = settings.get("security", "none")
        if security == "tls":
            server: smtplib.SMTP = _Tls(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
        else:
            server = _Plain(host, port, timeout=TIMEOUT)
        if security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.get("username"):
            server.login(settings["username"], secret.get("password", ""))
        return server
