"""The gate in front of every HTTP path and the WebSocket: nothing of the app is reached without it.

A pure ASGI application around the app. In order: the host must be ours (DNS rebinding), the Origin of a
WebSocket or a writing request must be this very host (cross-site requests), and a session cookie or another
sign-in must belong to an enabled person. The app then finds the person's name in a header that only the gate
can set. Every response, the refusals too, carries the headers of `headers.guarded`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from ...schemas.errors import TunesetError
from .accounts import Account, OtherSignIn, SignIn
from .admission import Admission
from .asgi import App, Message, Receive, Scope, Send
from .asking import Asking, host_name, safe_follow, without_ours
from .door_pages import SIGN_IN, SIGN_IN_WITH, SIGN_OUT, STYLE, message_page, sign_in_page, sign_out_page
from .headers import guarded, page_policy
from .limiter import Limiter, network
from .replies import Reply
from .sessions import SESSION_SECONDS, Sessions
from .sockets import WatchedSocket

LOG = logging.getLogger("tuneset.review")
USER_HEADER = b"x-tuneset-user"
"""The signed-in person's name, percent-encoded UTF-8; a copy that a client sends is taken away."""
OWNER_HEADER = b"x-tuneset-owner"
"""1 for the one who started the server, 0 for a user of the record."""
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_FORM_BYTES = 8_192
RETRY_SECONDS = 5


@dataclass(frozen=True)
class Door:
    """How the gate stands.

    Args:
        policy: The content security policy of the app's responses.
        hosts: Names that people may have typed, without ports.
        port: Part of the cookie's name, as browsers do not tell the ports of a host apart.
        https: People come by https, through a proxy on this machine in front of us.
    """

    policy: str
    hosts: Sequence[str] = LOOPBACK_NAMES
    port: int = 0
    https: bool = False

    @property
    def cookie(self) -> str:
        return f"__Host-tuneset-{self.port}" if self.https else f"tuneset-{self.port}"

    @property
    def schemes(self) -> tuple[str, ...]:
        return ("https",) if self.https else ("http", "https")

    def set_cookie(self, value: str, seconds: int = SESSION_SECONDS) -> tuple[bytes, bytes]:
        """The header that sets the session cookie; no seconds delete it."""
        secure = "; Secure" if self.https else ""
        text = f"{self.cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
        return (b"set-cookie", text.encode())


class Gate:
    """The ASGI application that lets people in.

    Args:
        app: What stands behind.
        sign_in: Who may enter.
        sessions: The session cookies.
        door: Hosts, policy and cookie.
        other: Another way to sign in, or None.
        limiter: Counts failed sign-ins.
    """

    def __init__(
        self,
        app: App,
        sign_in: SignIn,
        sessions: Sessions,
        door: Door,
        *,
        other: OtherSignIn | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self._app = app
        self._door = door
        self._other = other
        self._limiter = limiter or Limiter()
        self._sessions = sessions
        self._admission = Admission(sign_in, sessions, door.cookie, other)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asking = Asking(scope, behind_proxy=self._door.https)

        async def guard(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                own = [v.decode() for n, v in message.get("headers", ()) if n == b"content-security-policy"]
                policy = own[0] if own and own[0] == page_policy(STYLE) else self._door.policy
                headers = guarded(message.get("headers", ()), policy=policy, path=asking.path)
                message = {**message, "headers": headers}
            await send(message)

        try:
            reply = self._refusal(asking) or await self._own(asking, receive)
            if reply is None:
                account = await self._admission.account(asking)
                if account or self._is_open(asking):
                    await self._let_in(asking, account, receive, guard)
                    return
                reply = self._ask(asking, self._stranger(asking))
        except (TunesetError, OSError):
            reply = Reply.page(
                503,
                message_page("Not available", "The record of decisions cannot be reached. Try again soon."),
                (b"retry-after", str(RETRY_SECONDS).encode()),
            )
        await reply.send(asking, guard)

    def _refusal(self, asking: Asking) -> Reply | None:
        """Why a request is turned away whoever sent it, or None."""
        if (
            asking.scope["type"] not in ("http", "websocket")
            or host_name(asking.host) not in self._door.hosts
        ):
            return Reply.page(403, message_page("Refused", "This is not a host that the app answers for."))
        writes = asking.is_socket or asking.method not in SAFE_METHODS
        if writes and not asking.from_ourselves(self._door.schemes):
            return Reply.page(403, message_page("Refused", "Another site's page sent this request."))
        return None

    async def _own(self, asking: Asking, receive: Receive) -> Reply | None:
        """The answer to a request for the gate itself; None is a request for the app."""
        if asking.is_socket:
            return None
        if asking.path == SIGN_IN:
            return await self._sign_in(asking, receive)
        if asking.path == SIGN_OUT:
            return await self._sign_out(asking)
        if self._other and asking.path.startswith(SIGN_IN_WITH) and asking.method == "GET":
            there = self._other.begin(asking.path.removeprefix(SIGN_IN_WITH))
            return _go(there) if there else self._ask(asking)
        if asking.method == "GET" and asking.token is not None:
            return await self._try(asking, asking.token, asking.follow)
        return None

    def _stranger(self, asking: Asking) -> str:
        """What to tell someone who proved a name that is no user's."""
        name = self._other.name(asking.cookies, _own(asking, self._door)) if self._other else None
        return f"{name} is no enabled user here. Ask an admin of the review." if name else ""

    def _is_open(self, asking: Asking) -> bool:
        """Whether the path is one that another sign-in needs before anyone is signed in."""
        return self._other is not None and not asking.is_socket and asking.path in self._other.open_paths

    async def _let_in(self, asking: Asking, account: Account | None, receive: Receive, send: Send) -> None:
        headers = without_ours(asking.headers)
        if account:
            headers.append((USER_HEADER, quote(account.name).encode()))
            headers.append((OWNER_HEADER, b"1" if account.owner else b"0"))
        scope = {**asking.scope, "headers": headers}
        if asking.is_socket:
            socket = WatchedSocket(receive, send, lambda: self._still(asking))
            receive, send = socket.receive, socket.send
        await self._app(scope, receive, send)

    async def _still(self, asking: Asking) -> bool:
        """Whether a socket's person may go on; where the record cannot be asked, the write itself asks."""
        try:
            return await self._admission.account(asking) is not None
        except (TunesetError, OSError):
            return True

    def _ask(self, asking: Asking, problem: str = "", status: int = 401, follow: str | None = None) -> Reply:
        if asking.is_socket or not (asking.wants_page or asking.path == SIGN_IN):
            return Reply.text(status, problem or "Sign in first.")
        again = status == 401 and not problem and asking.led_here
        links = self._other.links() if self._other else ()
        follow = asking.follow if follow is None else follow
        return Reply.page(status, sign_in_page(follow=follow, problem=problem, links=links, again=again))

    async def _sign_in(self, asking: Asking, receive: Receive) -> Reply:
        if asking.method != "POST":
            return self._ask(asking)
        form = await _form(asking, receive)
        if form is None:
            return Reply.text(413, "The form is too large.")
        return await self._try(asking, form.get("token", "").strip(), safe_follow(form.get("follow", "/")))

    async def _try(self, asking: Asking, token: str, follow: str) -> Reply:
        """Sign in with a token."""
        wait = self._limiter.wait(asking.client)
        if wait:
            reply = self._ask(asking, "Too many failed sign-ins. Wait some minutes.", 429, follow)
            return reply.having((b"retry-after", str(wait).encode()))
        account = await self._admission.of_token(token)
        if account is not None:
            return _go(follow, self._door.set_cookie(self._sessions.seal(account)))
        self._limiter.failed(asking.client)
        LOG.warning("failed sign-in from %s", network(asking.client))
        if asking.method == "GET" and await self._admission.account(asking):
            return _go(follow)
        return self._ask(asking, "No enabled user has this token.", 401, follow)

    async def _sign_out(self, asking: Asking) -> Reply:
        account: Account | None = await self._admission.account(asking)
        if asking.method != "POST" and not asking.is_own:
            return Reply.page(200, sign_out_page(account.name)) if account else _go("/")
        self._admission.end(asking)
        by_other = self._other is not None and self._other.name(asking.cookies, _own(asking, self._door))
        there = self._other.sign_out_path if self._other and by_other else "/"
        return _go(there, self._door.set_cookie("", 0))


def _own(asking: Asking, door: Door) -> str:
    return f"{'https' if door.https else 'http'}://{asking.host}"


def _go(path: str, *headers: tuple[bytes, bytes]) -> Reply:
    return Reply(303, b"", ((b"location", path.encode()), *headers))


async def _form(asking: Asking, receive: Receive) -> dict[str, str] | None:
    """The fields of a posted form; None when it is larger than any of ours."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_FORM_BYTES:
            return None
        if not message.get("more_body"):
            break
    if not asking.header(b"content-type").startswith("application/x-www-form-urlencoded"):
        return {}
    return {name: found[0] for name, found in parse_qs(body.decode("utf-8", "replace")).items()}
