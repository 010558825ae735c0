"""Rows for the benches: institutions, unit trees, people and accounts, written straight into the tables."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from panel.database import db, is_postgres

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂玉兰华健红"
UNITS = [
    "教务处",
    "学生处",
    "团委",
    "图书馆",
    "招生办",
    "国际处",
    "人文学院",
    "理学院",
    "机械学院",
    "经管学院",
    "外语学院",
    "艺术学院",
    "医学院",
    "校友会",
    "档案馆",
    "就业中心",
]
WORDS = ["之声", "官微", "发布", "青年", "在线", "服务号", "视界", "微课堂"]
NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC).replace(tzinfo=None)


def _insert(table: str, columns: list[str], rows: Iterable[tuple[Any, ...]], batch: int = 20000) -> None:
    names = ", ".join(f'"{c}"' for c in columns)
    iterator = iter(rows)
    if is_postgres():
        while chunk := list(islice(iterator, batch)):
            with db.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in chunk:
                    copy.write_row(row)
        db.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))")
        return
    marks = ", ".join("?" * len(columns))
    while chunk := list(islice(iterator, batch)):
        with db.atomic():
            db.cursor().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', chunk)


def fill(accounts: int, institutions: int = 200, units: int = 4000, people: int = 40000, seed: int = 7) -> None:
    """Insert the given numbers of rows, spread evenly; ids run from 1. The same numbers give the same rows."""
    rng = random.Random(seed)
    dated = (NOW, NOW, 1)
    base = ["created_at", "updated_at", "version"]
    _insert(
        "org_institution",
        ["id", *base, "name", "kind", "time_zone", "access_stamp"],
        ((i, *dated, f"示范大学{i}", "university", "Asia/Shanghai", 1) for i in range(1, institutions + 1)),
    )
    _insert(
        "org_unit",
        ["id", *base, "institution_id", "parent_id", "name", "code", "kind", "path", "archived_at"],
        _units(institutions, units, dated),
    )
    _insert(
        "org_person",
        [
            "id",
            *base,
            "institution_id",
            "unit_id",
            "name",
            "initials",
            "number",
            "kind",
            "post",
            "phone",
            "email",
            "in_service_from",
            "in_service_until",
            "leads_unit",
        ],
        _people(rng, institutions, units, people, dated),
    )
    _insert(
        "accounts_platform",
        ["id", *base, "institution_id", "code", "name", "family", "icon", "synonyms", "certifies", "position"],
        _platforms(institutions, dated),
    )
    _insert("accounts_account", ACCOUNT, _accounts(rng, institutions, units, people, accounts, dated))
    _insert(
        "accounts_custodian",
        ["id", *base, "institution_id", "account_id", "person_id", "since", "way", "note"],
        (
            (
                a,
                *dated,
                _of(a, institutions),
                a,
                _person(a * 7, institutions, people),
                date(2024, 1, 1),
                "in_person",
                "",
            )
            for a in range(1, accounts + 1)
        ),
    )
    db.execute_sql("ANALYZE")


PLATFORMS = [("wechat_subscription", "公众号", "wechat"), ("weibo", "微博", "weibo"), ("douyin", "抖音", "douyin")]
ACCOUNT = [
    "id",
    "created_at",
    "updated_at",
    "version",
    "institution_id",
    "name",
    "platform_id",
    "identifier",
    "register_key",
    "entity",
    "entity_kind",
    "unit_id",
    "responsible_id",
    "status",
    "purpose",
    "publishing_scope",
    "description",
    "opened_on",
    "certified_until",
    "filing",
    "filing_number",
    "followers",
    "contact_phone",
    "bound_phone",
    "bound_email",
    "qr_code",
    "note",
]


def _of(number: int, institutions: int) -> int:
    return (number - 1) % institutions + 1


def _person(number: int, institutions: int, people: int) -> int:
    """A person of the institution that row `number` belongs to."""
    each = people // institutions
    return _of(number, institutions) + institutions * ((number * 31) % each)


def _units(institutions: int, units: int, dated: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for number in range(1, units + 1):
        of = _of(number, institutions)
        if number <= institutions:
            yield (number, *dated, of, None, f"示范大学{of}", "", "root", f"/{number}/", None)
        else:
            rank = (number - 1) // institutions
            name = UNITS[rank % len(UNITS)] + (str(rank // len(UNITS)) if rank >= len(UNITS) else "")
            yield (number, *dated, of, of, name, "", "function", f"/{of}/{number}/", None)


def _people(rng: random.Random, institutions: int, units: int, people: int, dated: Any) -> Iterator[tuple[Any, ...]]:
    each = units // institutions
    for number in range(1, people + 1):
        of = _of(number, institutions)
        name = rng.choice(SURNAMES) + rng.choice(GIVEN) + (rng.choice(GIVEN) if number % 3 else "")
        unit = of + institutions * (number // institutions % each)
        phone = f"1{rng.randrange(3 * 10**9, 10**10 - 1):010d}"[:11]
        yield (number, *dated, of, unit, name, "abc", None, "staff", "", phone, "", None, None, False)


def _platforms(institutions: int, dated: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for rank, (code, name, family) in enumerate(PLATFORMS):
        for of in range(1, institutions + 1):
            yield (of + rank * institutions, *dated, of, code, name, family, "p-wechat", "", True, rank)


def _accounts(
    rng: random.Random, institutions: int, units: int, people: int, accounts: int, dated: Any
) -> Iterator[tuple[Any, ...]]:
    each = units // institutions
    for number in range(1, accounts + 1):
        of = _of(number, institutions)
        rank = rng.randrange(len(PLATFORMS))
        identifier = f"sfdx_{number:07d}"
        name = f"示大{rng.choice(UNITS)}{rng.choice(WORDS)}{number}"
        until = None if number % 3 == 0 else date(2026, 1, 1) + timedelta(days=rng.randrange(900))
        status = rng.choice(("active", "active", "active", "idle", "pending"))
        unit = of + institutions * (rng.randrange(each))
        person = _person(number, institutions, people)
        yield (
            (
                number,
                *dated,
                of,
                name,
                of + rank * institutions,
                identifier,
                f"{PLATFORMS[rank][2]}:{identifier}",
                "示范大学",
                "organisation",
                unit,
                person,
                status,
                "",
                "",
                "",
                date(2015, 1, 1),
                until,
                "unfiled",
                "",
                rng.randrange(300000),
                "",
                "",
                "",
                "",
                "",
            )
        )
