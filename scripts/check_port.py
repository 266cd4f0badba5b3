"""Exit 0 if HOST PORT can be listened on, else say why not: `check_port.py HOST PORT`."""

import contextlib
import errno
import socket
import sys


def why_not(host: str, port: str) -> str | None:
    """Chinese and English sentences, or None when the address is free."""
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        return (
            f"PORT 应是 1–65535 之间的整数，现在是 {port!r}。\n"
            f"  PORT must be a whole number from 1 to 65535, not {port!r}."
        )
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.closing(socket.socket(family, kind, proto)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return (
                f"{host} 的 {port} 端口已被占用，请换一个：PORT={int(port) % 65535 + 1} ./run\n"
                f"  Port {port} on {host} is in use. Choose another, as in the line above."
            )
        return (
            f"不能在 {host}:{port} 上提供服务：{error.strerror}。请检查 HOST 与 PORT。\n"
            f"  Cannot listen on {host}:{port}: {error.strerror}. Look at HOST and PORT."
        )
    return None


if __name__ == "__main__" and (reason := why_not(*sys.argv[1:3])):
    sys.exit(f"✗ {reason}")
