"""Secrets of the sample university: some sealed, one opened last month and replaced, one waiting to be replaced."""

from __future__ import annotations

import secrets

from panel.i18n import today
from panel.org.models import Institution
from plugins.accounts.models import Account
from plugins.accounts.secrets import services


def seal(university: Institution) -> None:
    """Seal what the institution's own accounts have; made up at random, and shown to nobody."""
    chosen = list(
        Account.select()
        .where(Account.institution == university, Account.status == "active")
        .order_by(Account.id)
        .limit(3)
    )
    for number, account in enumerate(chosen):
        services.seal_secret(account, "password", f"Zy-{secrets.token_urlsafe(9)}-7", changed_on=today())
        if number == 0:
            services.seal_secret(account, "app_secret", secrets.token_hex(16))
            code = services.seal_secret(account, "recovery", "\n".join(secrets.token_hex(4) for _n in range(4)))
            services.show_secret(services.ask_opening(code, "管理员手机更换，需用恢复码登录"))
