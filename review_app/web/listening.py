"""The port that the server listens on."""

from __future__ import annotations

import errno
import os
import socket

from ...schemas.errors import RecipeError, WorkspaceError

DEFAULT_PORT = 8501
TRIES = 50
BACKLOG = 2048
TAKEN = (errno.EADDRINUSE, errno.EACCES)


def listen(address: str, port: int | None) -> socket.socket:
    """A listening socket; without a named port the first free one from 8501 on. Port 0 takes any.

    Raises:
        RecipeError: An address that is not this machine's, or a port out of range.
        WorkspaceError: The named port is taken, or fifty ports from 8501 on are.
    """
    if port is not None and not 0 <= port <= 65535:
        raise RecipeError(f"--port is {port}", where="tuneset review", fix="use a number from 0 to 65535")
    wanted = [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + TRIES)
    for number in wanted:
        try:
            return _bound(address, number)
        except OSError as error:
            if error.errno not in TAKEN:
                raise RecipeError(
                    f"the address {address!r} cannot be listened on: {error.strerror or error}",
                    where="--host",
                    fix="name an address of this machine, or leave --host out",
                ) from error
    taken = f"port {port} is" if port is not None else f"the ports {wanted[0]} to {wanted[-1]} are"
    raise WorkspaceError(
        f"{taken} taken, or not yours to use",
        where=address,
        fix="name another with --port, or stop the program that listens there",
    )


def _bound(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        if os.name != "nt":  # there it would share a port that someone else listens on
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock
