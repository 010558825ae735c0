"""Passwords: how they are kept (argon2id), judged, and refused."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from panel.errors import Refused
from panel.i18n import _

SHORTEST, LONGEST = 10, 200


@dataclass(frozen=True)
class Strength:
    """What an institution asks of a password: how many characters, of how many kinds."""

    shortest: int = SHORTEST
    kinds: int = 1


FEWEST_DIFFERENT = 5

# The commonest that are long enough to pass; shorter ones fail by their length.
_COMMONEST = """
0123456789 1234567890 12345678910 123456789a 1234567891 1234554321 0987654321 9876543210 1122334455 1472583690
a123456789 abc123456789 abcd123456 abcd1234567 abcde12345 abcdef1234 asd123456789 aa123456789 qq123456789
q123456789 z123456789 w123456789 qwer123456 qwerty1234 qwerty12345 qwerty123456 qwertyuiop qwertyuiop123
asdfghjkl1 asdfghjkl123 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc zxcvbnm123 password12 password123 password1234
passw0rd123 p@ssw0rd123 p@ssword123 admin12345 admin123456 administrator admin@12345 administrator1 root123456
iloveyou123 woaini1314 woaini1314520 woaini520520 5201314520 1314520520 woaiwojia123 welcome123 welcome12345
letmein123 changeme123 test123456 user123456 huawei123456 xuanchuanbu weixin12345 zhangyin123 zhangyin123456
"""
COMMONEST = frozenset(_COMMONEST.split())

# OWASP's smallest argon2id setting: several people can log in at once on a small machine.
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    return hasher.hash(_normal(password))


def verify(stored: str, password: str) -> bool:
    """Whether the password is the one stored; takes as long where nothing is stored."""
    try:
        hasher.verify(stored or _nobody(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def outdated(stored: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return hasher.check_needs_rehash(stored)


def check(password: str, username: str, field: str = "password", strength: Strength = Strength()) -> None:
    """Raises Refused, worded, for a password the panel does not take."""
    plain = _normal(password).casefold()
    if len(plain) < strength.shortest:
        raise Refused(_("The password needs at least %(count)s characters.", count=strength.shortest), field)
    if _kinds(_normal(password)) < strength.kinds:
        raise Refused(
            _(
                "The password needs %(count)s of: small letters, capitals, figures, other characters.",
                count=strength.kinds,
            ),
            field,
        )
    if len(plain) > LONGEST:
        raise Refused(_("The password may have at most %(count)s characters.", count=LONGEST), field)
    if username and username.casefold() in plain and len(plain) < len(username) + strength.shortest:
        raise Refused(_("The password must not be made from the user name."), field)
    if plain in COMMONEST or len(set(plain)) < FEWEST_DIFFERENT:
        raise Refused(_("This password is one of the first that are tried. Choose a less common one."), field)


def _kinds(plain: str) -> int:
    """How many of: small letters, capitals, figures, anything else (Chinese characters are something else)."""
    kinds = (str.islower, str.isupper, str.isdecimal)
    found = {next((at for at, is_kind in enumerate(kinds) if is_kind(letter)), len(kinds)) for letter in plain}
    return len(found)


def _normal(password: str) -> str:
    """The same characters however a keyboard sends them (full-width letters of a Chinese input method)."""
    return unicodedata.normalize("NFKC", password[: LONGEST * 4])


@cache
def _nobody() -> str:
    return hasher.hash("nobody has this password")
