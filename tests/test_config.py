"""Settings from the environment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import config


def test_first_starts_at_once_agree_on_one_secret_key_that_is_whole(
    tmp_path: Path, monkeypatch: Any
) -> None:
    for name in ("CRM_SECRET_KEY", "CRM_MODE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRM_DATA_DIR", str(tmp_path / "data"))

    with ThreadPoolExecutor(8) as starts:
        keys = {s.secret_key for s in starts.map(lambda _: config.from_environment(), range(8))}

    assert [len(key) for key in keys] == [64]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600
