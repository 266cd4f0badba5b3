"""Hashing (argon2id) and what a password must be (ASVS 5.0 §6.2: length and not a known one, no composition rules)."""

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

# Verified when there is no such account, so that both answers take the same time.
_DUMMY = _hasher.hash("no account has this password")


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
    lowered = password.casefold()
    if lowered in KNOWN or lowered == username.casefold() or len(set(password)) < 3:
        raise DomainError(N_("这个密码太常见，请换一个。"), field="password")
