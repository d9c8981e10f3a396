"""Failed sign-ins are limited, for each address and for all addresses together.

Tokens have 256 random bits, so guessing is hopeless; the limit keeps logs, the database and short tokens of
a user's own making safe (OWASP Authentication Cheat Sheet, "Account Lockout").
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 600.0
MAX_FAILURES_PER_ADDRESS = 10
MAX_FAILURES = 300
MAX_ADDRESSES = 10_000
EVERYONE = ""


class Limiter:
    """Counts failures of the last ten minutes; it holds at most 10,000 addresses.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict({EVERYONE: deque()})

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 is now."""
        mine = self._left(network(address), MAX_FAILURES_PER_ADDRESS)
        return math.ceil(max(mine, self._left(EVERYONE, MAX_FAILURES)))

    def failed(self, address: str) -> None:
        """Count one failure."""
        for name in (network(address), EVERYONE):
            self._failures.setdefault(name, deque()).append(self._clock())
            self._failures.move_to_end(name)
        while len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)

    def _left(self, name: str, most: int) -> float:
        times = self._failures.get(name)
        if times is None:
            return 0.0
        now = self._clock()
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        return times[-most] + WINDOW_SECONDS - now if len(times) >= most else 0.0


def network(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which one host may own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address or "unknown"
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
