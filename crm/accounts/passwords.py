"""Hashing (argon2id) and what a password must be (ASVS 5.0 §6.2: length and not a known one, no composition rules)."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.core.errors import DomainError
from crm.core.words import N_

_hasher = PasswordHasher()
SHORTEST, LONGEST = 8, 128
KNOWN = frozenset(
    """12345678 123456789 1234567890 password password1 passw0rd qwertyui qwerty123 11111111 88888888 66666666
    00000000 abcd1234 abc12345 a1234567 1q2w3e4r 1qaz2wsx iloveyou admin123 admin888 admin1234 changzhou
    kejiaocheng woaini1314 5201314520 12345678a 123456abc qq123456 asdfghjk zxcvbnm1""".split()  # noqa: SIM905 - one line a word would hide them
)
# What common passwords are made of, once the digits and signs around it are gone: Admin@123, changzhou2020 …
STEMS = frozenset(
    {"password", "passw0rd", "admin", "qwerty", "asdf", "abc", "woaini", "changzhou", "kejiaocheng"}
)
UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # without i l o 0 1

# Verified when there is no such account, so that both answers take the same time: the hash of a forgotten text,
# written down because making one costs each start a tenth of a second.
_DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$WgIpPeKxJlrUIcVljMp/cg$+OaJ0ilfn9XDsxHnZ6/KQANVy5SF84F+xqD2CSAELxE"


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long for an unknown account as for a known one."""
    try:
        return _hasher.verify(password_hash or _DUMMY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def check_new(password: str, *, username: str) -> None:
    """Raise DomainError, with the reason, when this can't be somebody's password."""
    if len(password) < SHORTEST:
        raise DomainError(N_("密码至少需要%(n)s个字符。"), field="password", n=SHORTEST)
    if len(password) > LONGEST:
        raise DomainError(N_("密码最多%(n)s个字符。"), field="password", n=LONGEST)
    if _is_common(password.casefold(), username.casefold()):
        raise DomainError(N_("这个密码太常见，请换一个。"), field="password")


def _is_common(password: str, username: str) -> bool:
    stem = password.strip("0123456789 !@#$%^&*()_-+=.,?~")
    is_date_or_telephone = password.isdecimal() and len(password) < 12
    return (
        password in KNOWN
        or stem in STEMS
        or stem == username
        or password == username
        or len(set(password)) < 3
        or is_date_or_telephone
    )


def invent() -> str:
    """A first password for somebody else: 60 bits, easily read out, good for one login."""
    return "-".join("".join(secrets.choice(UNMISTAKABLE) for _ in range(4)) for _ in range(3))
