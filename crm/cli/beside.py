"""The worker beside the web server: a child that is started with it, started again when it dies, and stopped with it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

LONGEST_PAUSE = 60.0
PATIENCE = 10.0  # seconds for a worker to stop by itself


@contextmanager
def worker(root: Path) -> Iterator[None]:
    """While this lasts there is a worker. It looks after its parent too: killed with -9, the server takes it along."""
    stopping = threading.Event()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "work"]
    command += ["--parent", str(os.getpid())]
    keeper = threading.Thread(target=_keep_alive, args=(command, root, stopping), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(2 * PATIENCE)


def _keep_alive(command: list[str], root: Path, stopping: threading.Event) -> None:
    pause = 1.0
    while not stopping.is_set():
        child = subprocess.Popen(command, cwd=root)
        while child.poll() is None and not stopping.wait(0.5):
            pass
        if stopping.is_set():
            _stop(child)
            return
        click.echo(
            f"✗ 处理进程已退出（{child.returncode}），{pause:.0f} 秒后重启 / the worker has ended, again in {pause:.0f} s",
            err=True,
        )
        stopping.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
