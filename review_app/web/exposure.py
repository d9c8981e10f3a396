"""Who can reach the server: this machine alone, or others, and by which name."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...schemas.errors import RecipeError, WorkspaceError

NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Exposure:
    """Where the server listens and how people come to it.

    Args:
        address: The address to listen on.
        public: The name that other machines use; None keeps the server to this one.
        https: A proxy on this machine speaks https in front of it.
    """

    address: str
    public: str | None = None
    https: bool = False

    @classmethod
    def of(cls, host: str, public_host: str | None, *, has_users: bool, out: str) -> Exposure:
        """What `--host` and `--public-host` say.

        Raises:
            RecipeError: No address or no name, or an address for others without a name.
            WorkspaceError: Others could come, and there are no users.
        """
        address = LOOPBACK if host == "localhost" else host
        name, https = _public(public_host) if public_host else (None, False)
        if not _is_loopback(address) and name is None:
            raise RecipeError(
                f"--host {host} lets other machines in, and nothing says by which name they come",
                where="tuneset review",
                fix="add --public-host NAME, the name that people type; or leave --host out",
            )
        if name is not None and not has_users:
            raise WorkspaceError(
                f"--public-host {public_host} lets others in, and there are no users",
                where=out,
                fix=f"run: tuneset users add {out} NAME --role reviewer",
            )
        return cls(address, name, https)

    @property
    def exposed(self) -> bool:
        return self.public is not None

    @property
    def names(self) -> tuple[str, ...]:
        """Names beside the loopback's that the gate answers for."""
        return (self.public.strip("[]"),) if self.public else ()

    @property
    def warnings(self) -> tuple[str, ...]:
        if self.exposed and not self.https:
            return (
                "people come without TLS: whoever is on the way reads tokens and rows. Put a TLS proxy in "
                f"front, and start with --public-host https://{self.public}",
            )
        return ()

    def url(self, port: int) -> str:
        """Where people go, without a path."""
        if self.https:
            return f"https://{self.public}"
        name = self.public or (f"[{self.address}]" if ":" in self.address else self.address)
        return f"http://{name}:{port}"


def _public(text: str) -> tuple[str, bool]:
    parts = urlsplit(text if "://" in text else f"http://{text}")
    host = parts.netloc.lower().rstrip(".")
    if parts.scheme not in ("http", "https") or not NAME.fullmatch(host) or parts.path.strip("/"):
        raise RecipeError(
            f"--public-host is {text!r}",
            where="tuneset review",
            fix="give a name such as review.example.org, or https://review.example.org behind a TLS proxy",
        )
    return host, parts.scheme == "https"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        raise RecipeError(
            f"--host is {address!r}, which is no address",
            where="tuneset review",
            fix="give an address of this machine such as 0.0.0.0; the name goes to --public-host",
        ) from None
