"""Start the review app: the gate around Streamlit, in this process, until Ctrl-C."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schemas.errors import MissingExtraError, WorkspaceError
from ...schemas.workspace import Workspace
from ..approve import user_name
from ..people import people
from ..record_place import record_of
from ..store_pool import StorePool
from .accounts import SignIn
from .exposure import Exposure
from .gate import LOOPBACK_NAMES, Door, Gate
from .headers import app_policy
from .listening import listen
from .options import streamlit_options
from .record_sign_in import OwnerSignIn, RecordSignIn
from .server_key import server_key
from .sessions import Sessions
from .sso import other_sign_in

SCRIPT = Path(__file__).with_name("main.py")
SHUTDOWN_SECONDS = 3


@dataclass(frozen=True)
class Started:
    """A server that is about to answer.

    Args:
        port: Where it listens.
        url: Where people go, without a token.
        link: The link that signs the owner in; None when people bring tokens of their own.
        launch: The same for once, to open a browser with.
        warnings: What whoever started it should know.
    """

    port: int
    url: str
    link: str | None
    launch: str | None
    warnings: tuple[str, ...] = ()


def review(
    out: str | Path,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    public_host: str | None = None,
    database: str | None = None,
    started: Callable[[Started], None] = lambda _: None,
) -> None:
    """Serve the review app until it is interrupted.

    Args:
        out: A workspace with a finished run.
        host: The address to listen on; another than this machine's own needs users and `public_host`.
        port: None takes the first free one from 8501 on.
        public_host: The name under which other machines reach the app; `https://NAME` behind a TLS proxy.
        database: A PostgreSQL address in place of OUT/review.db.
        started: Called once, when the port is ours.

    Raises:
        MissingExtraError: Streamlit is not installed.
        WorkspaceError: No finished run, a run that a guard rail stopped, no users, or a port that is taken.
        RecipeError: An address or name that cannot be.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise MissingExtraError.of("review", "streamlit", where="tuneset review")
    from ..app.opened import opened
    from ..app.place import Place, use

    space = reviewable(out)
    record = record_of(space, database)
    pool = StorePool(record)
    try:
        exposure = Exposure.of(host, public_host, has_users=_has_users(pool), out=str(out))
        use(Place(space, record, pool, exposed=exposure.exposed))
        run = opened()  # here, so that what is wrong with the workspace is told on the terminal
        threading.Thread(target=run.warm, daemon=True).start()
        _serve(space, pool, exposure, port, started)
    finally:
        pool.close()


def reviewable(out: str | Path) -> Workspace:
    """The workspace, when its run can be reviewed.

    Raises:
        WorkspaceError: No finished run, or one that a guard rail stopped.
    """
    from ...curate.ledger import Ledger

    space = Workspace.at(out).require_run()
    if Ledger.open(out).card.guard.stopped:
        raise WorkspaceError(
            f"the run in {str(out)!r} was stopped by a guard rail",
            where=str(out),
            fix="curate again with a changed recipe or --accept-drops, and review that run",
        )
    return space


def _has_users(pool: StorePool) -> bool:
    with pool.borrow() as store:
        return any(person.disabled_at is None for person in people(store))


def _serve(
    space: Workspace,
    pool: StorePool,
    exposure: Exposure,
    port: int | None,
    started: Callable[[Started], None],
) -> None:
    sock = listen(exposure.address, port)
    try:
        number = sock.getsockname()[1]
        users = RecordSignIn(pool)
        owner = None if exposure.exposed else OwnerSignIn(user_name(), users)
        app, warnings = _app(space, exposure, number, owner or users)
        url = exposure.url(number)
        started(
            Started(
                number,
                url,
                f"{url}/?token={owner.token}" if owner else None,
                f"{url}/?token={owner.launch}" if owner else None,
                (*exposure.warnings, *warnings),
            )
        )
        _run(app, sock)
    finally:
        sock.close()


def _app(space: Workspace, exposure: Exposure, port: int, sign_in: SignIn) -> tuple[Gate, list[str]]:
    """The gate around Streamlit's application."""
    import streamlit
    from streamlit.web import bootstrap

    hosts = (*LOOPBACK_NAMES, exposure.address, *exposure.names)
    bootstrap.load_config_options(
        streamlit_options(address=exposure.address, port=port, hosts=hosts, exposed=exposure.exposed)
    )
    key, kept = server_key(space.root)
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    door = Door(policy=app_policy(page), hosts=hosts, port=port, https=exposure.https)
    other, warnings = other_sign_in()
    if not kept:
        warnings.append("no secret could be kept: people sign in anew after a restart")
    return Gate(streamlit.App(SCRIPT), sign_in, Sessions(key), door, other=other), warnings


def _run(app: Any, sock: Any) -> None:
    """Answer until a signal; uvicorn hands the signal on when everything is closed."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=50 * 1024 * 1024,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[sock])
    if not server.started:
        raise WorkspaceError(
            f"the server on port {sock.getsockname()[1]} did not start",
            where="the review app",
            fix="read the lines above; they say why",
        )
