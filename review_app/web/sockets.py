"""A WebSocket that ends when its person may not enter any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .asgi import Message, Receive, Send

CUT_OFF = 4401
"""A private close code (RFC 6455, 7.4.2): sign in again."""


class WatchedSocket:
    """Stands between the server and the app for one connection.

    Args:
        receive: The server's messages.
        send: Where the app's go.
        may_go_on: Asked at every message of the browser.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        may_go_on: Callable[[], Awaitable[bool]],
    ) -> None:
        self._receive = receive
        self._send = send
        self._may_go_on = may_go_on
        self._cut = False

    async def receive(self) -> Message:
        """The next message; a disconnect in place of one that came too late."""
        message = await self._receive()
        if message["type"] != "websocket.receive" or await self._may_go_on():
            return message
        self._cut = True
        await self._send({"type": "websocket.close", "code": CUT_OFF, "reason": "sign in again"})
        return {"type": "websocket.disconnect", "code": CUT_OFF}

    async def send(self, message: Message) -> None:
        """Send, unless the connection was cut off."""
        if not self._cut:
            await self._send(message)
