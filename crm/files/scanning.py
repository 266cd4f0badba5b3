"""The virus scanner of the house, if there is one: a command that is shown each file before it is kept."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import structlog

from crm.core.errors import DomainError
from crm.core.words import N_

_INFECTED = 1  # as clamscan and clamdscan answer
log = structlog.get_logger()


class Infected(DomainError):
    """The scanner found something; `sha256` says in what."""

    def __init__(self, sha256: str) -> None:
        super().__init__(N_("病毒扫描发现问题，文件未接受。"), field="file")
        self.sha256 = sha256


@dataclass(frozen=True)
class Scanner:
    """A command that takes the file's path last and ends with 0 for a clean file, 1 for an infected one."""

    command: tuple[str, ...]
    is_required: bool = True  # nothing is taken while it does not answer
    seconds: float = 60

    def expect_clean(self, path: Path, sha256: str) -> None:
        """Raises Infected, or DomainError where the scanner does not answer and has to."""
        try:
            done = subprocess.run(
                [*self.command, str(path)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.seconds,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return self._without_answer(str(error))
        if done.returncode == _INFECTED:
            raise Infected(sha256)
        if done.returncode != 0:
            self._without_answer(done.stderr.decode(errors="replace")[-500:])
        return None

    def _without_answer(self, why: str) -> None:
        log.error("file scanner without answer", why=why)
        if self.is_required:
            raise DomainError(
                N_("病毒扫描暂时不可用，文件未接受。请稍后再试或联系管理员。"), field="file"
            )
