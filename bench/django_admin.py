"""Django's admin over the very same tables, as a careful developer would write it."""

from __future__ import annotations

import contextlib
from typing import Any

import django
from django.conf import settings


def start(database: str, institution: int) -> Any:
    """Configure Django on an SQLite file or a PostgreSQL address and give a logged-in client.

    The admin shows the accounts of one institution, with the columns, search and filters of our register.
    """
    settings.configure(
        DEBUG=False,
        SECRET_KEY="bench-only",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.django_admin",
        DATABASES={"default": _database(database)},
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "bench",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LANGUAGE_CODE="zh-hans",
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    _register(institution)
    user, _made = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def _database(address: str) -> dict[str, Any]:
    if address.startswith("sqlite:///"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": address.removeprefix("sqlite:///")}
    from playhouse.db_url import parse

    parts = parse(address, unquote_password=True)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["database"],
        "USER": parts.get("user") or "",
        "HOST": parts.get("host") or "",
        "CONN_MAX_AGE": None,
    }


urlpatterns: list[Any] = []


def _register(institution: int) -> None:
    from django.contrib import admin
    from django.db import models
    from django.urls import path

    class Row(models.Model):
        id = models.BigAutoField(primary_key=True)

        class Meta:
            abstract = True

    def table(name: str) -> type:
        return type("Meta", (), {"managed": False, "db_table": name, "app_label": "bench"})

    class Unit(Row):
        name = models.CharField(max_length=120)
        Meta = table("org_unit")

        def __str__(self) -> str:
            return self.name

    class Person(Row):
        name = models.CharField(max_length=60)
        Meta = table("org_person")

        def __str__(self) -> str:
            return self.name

    class Platform(Row):
        name = models.CharField(max_length=60)
        institution_id = models.BigIntegerField()
        Meta = table("accounts_platform")

        def __str__(self) -> str:
            return self.name

    class Account(Row):
        institution_id = models.BigIntegerField()
        name = models.CharField(max_length=120)
        platform = models.ForeignKey(Platform, models.PROTECT)
        identifier = models.CharField(max_length=120)
        unit = models.ForeignKey(Unit, models.PROTECT)
        responsible = models.ForeignKey(Person, models.PROTECT, null=True)
        status = models.CharField(
            max_length=20, choices=[(s, s) for s in ("pending", "active", "idle", "suspended", "closing", "closed")]
        )
        level = models.CharField(max_length=20, null=True, choices=[(s, s) for s in ("institution", "second", "third")])
        purpose = models.TextField(blank=True)
        publishing_scope = models.CharField(max_length=200, blank=True)
        description = models.TextField(blank=True)
        opened_on = models.DateField(null=True)
        entity = models.CharField(max_length=200, blank=True)
        entity_kind = models.CharField(max_length=20, choices=[(s, s) for s in ("organisation", "individual")])
        certification = models.CharField(max_length=20, null=True, choices=[(s, s) for s in ("media", "company")])
        certified_until = models.DateField(null=True)
        filing_number = models.CharField(max_length=80, blank=True)
        filed_on = models.DateField(null=True)
        followers = models.IntegerField(null=True)
        followers_on = models.DateField(null=True)
        contact_phone = models.CharField(max_length=40, blank=True)
        note = models.TextField(blank=True)
        Meta = table("accounts_account")

        def __str__(self) -> str:
            return self.name

    class AccountAdmin(admin.ModelAdmin):
        list_display = ("name", "platform", "unit", "responsible", "certified_until", "status", "followers")
        list_select_related = ("platform", "unit", "responsible")
        list_filter = ("status",)
        search_fields = ("name", "identifier", "responsible__name")
        raw_id_fields = ("platform", "unit", "responsible")
        exclude = ("institution_id",)
        list_per_page = 50
        ordering = ("-id",)

        def get_queryset(self, request: Any) -> Any:
            return super().get_queryset(request).filter(institution_id=institution)

    with contextlib.suppress(admin.sites.AlreadyRegistered):
        admin.site.register(Account, AccountAdmin)
    urlpatterns.append(path("admin/", admin.site.urls))
