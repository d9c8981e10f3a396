"""The address of a record in PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from ...schemas.errors import RecipeError

SCHEMA = "tuneset"
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
FIX = "give it as postgresql://USER@HOST:PORT/DATABASE?schema=NAME, the password in PGPASSWORD or ~/.pgpass"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a record is.

    Args:
        url: The address as SQLAlchemy takes it, password and all; never shown.
        schema: The PostgreSQL schema that the record has to itself.
        where: The address without password and options, for messages.
    """

    url: str = field(repr=False)
    schema: str
    where: str


def address(url: str) -> Address:
    """Read an address.

    Raises:
        RecipeError: It is no address, or the schema's name is none of ours to take.
    """
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port, parts.username
    except ValueError:
        parts, host, port, user = None, "", None, None
    if parts is None or not parts.path.strip("/"):
        raise RecipeError("the address of the record names no database", where="the address", fix=FIX)
    options = dict(parse_qsl(parts.query))
    schema = options.pop("schema", SCHEMA)
    if not NAME.fullmatch(schema) or schema.startswith("pg_") or schema in ("public", "information_schema"):
        raise RecipeError(
            f"{schema!r} cannot be the record's schema",
            where="schema= in the address",
            fix="use small letters, digits and _, not public or pg_...; the record has the schema to itself",
        )
    shown = f"[{host}]" if ":" in host else host
    place = f"{quote(unquote(user))}@{shown}" if user else shown
    place += f":{port}" if port else ""
    where = urlunsplit(("postgresql", place, parts.path, f"schema={schema}", ""))
    driver = urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, urlencode(options), ""))
    return Address(driver, schema, where)
