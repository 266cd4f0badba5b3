"""Settings, all from the environment. Outside demo mode there is no working default for a secret."""

import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DEMO_BUSINESS_DATE = "2020-09-30"


class ConfigurationError(Exception):
    """The environment does not say enough, or says something that cannot be."""


@dataclass(frozen=True)
class Config:
    """What create_app needs to know."""

    data_dir: Path
    database_url: str
    secret_key: str
    is_demo: bool
    business_date: date | None
    host: str = "127.0.0.1"
    port: int = 5000
    is_https: bool = False
    proxy_hops: int = 0
    files_url: str = ""
    scan_command: tuple[str, ...] = ()
    is_scan_required: bool = True

    @property
    def sqlite_path(self) -> Path | None:
        prefix = "sqlite:///"
        url = self.database_url
        return Path(url.removeprefix(prefix)) if url.startswith(prefix) else None


def from_environment() -> Config:
    """Read the environment. Raises ConfigurationError with a sentence."""
    mode = os.environ.get("CRM_MODE", "demo")
    if mode not in ("demo", "production"):
        raise ConfigurationError(
            f"CRM_MODE 只能是 demo 或 production / must be demo or production, not {mode!r}"
        )
    is_demo = mode == "demo"
    data_dir = Path(os.environ.get("CRM_DATA_DIR") or ROOT / "var").resolve()
    return Config(
        data_dir=data_dir,
        database_url=_database_url(data_dir),
        secret_key=_secret_key(data_dir, is_demo=is_demo),
        is_demo=is_demo,
        business_date=_business_date(is_demo=is_demo),
        host=os.environ.get("HOST") or "127.0.0.1",
        port=_whole_number("PORT", 5000),
        is_https=os.environ.get("CRM_HTTPS") == "1",
        proxy_hops=_whole_number("CRM_PROXY_HOPS", 0),
        files_url=os.environ.get("CRM_FILES_URL", ""),
        scan_command=_command("CRM_SCAN_COMMAND"),
        is_scan_required=os.environ.get("CRM_SCAN_REQUIRED", "1") != "0",
    )


def _database_url(data_dir: Path) -> str:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'crm.sqlite3'}"
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _secret_key(data_dir: Path, *, is_demo: bool) -> str:
    """CRM_SECRET_KEY; in demo mode a random one is made once and kept beside the data, readable by its owner only."""
    key = os.environ.get("CRM_SECRET_KEY", "")
    if len(key) >= 32:
        return key
    if key or not is_demo:
        raise ConfigurationError(
            "请设置 CRM_SECRET_KEY（不少于32个字符的随机串）/ set CRM_SECRET_KEY to at least 32 random characters"
        )
    path = data_dir / "secret-key"
    if not path.exists():
        _make_secret_key(path)
    return path.read_text().strip()


def _make_secret_key(path: Path) -> None:
    """Whole or not at all, whenever a start is broken off; of two first starts at once the earlier one's key stands."""
    import secrets

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _business_date(*, is_demo: bool) -> date | None:
    text = os.environ.get("CRM_TODAY") or (DEMO_BUSINESS_DATE if is_demo else "")
    if not text:
        return None
    if not is_demo:
        raise ConfigurationError("CRM_TODAY 只用于演示模式 / CRM_TODAY belongs to demo mode only")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"CRM_TODAY={text!r} 不是 2020-09-30 这样的日期 / is not a date like 2020-09-30"
        ) from None


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or int(text) > 65535:
        raise ConfigurationError(f"{name}={text!r} 不是有效的数字 / is not a valid number")
    return int(text)


def _command(name: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(os.environ.get(name, "")))
    except ValueError as error:
        raise ConfigurationError(f"{name} 不是一条命令 / is not a command: {error}") from None
