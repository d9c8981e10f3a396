"""The review app over an append-only record of decisions.

from tuneset.review_app import approve, freeze
approve("out", where="language == 'en'")
freeze("out")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schemas.lazy import make_lazy

if TYPE_CHECKING:
    from .approve import ApproveResult, approve
    from .audit import Verified, verify_record
    from .exchange.exporting import export_decisions
    from .exchange.importing import import_decisions
    from .freeze import FreezeResult, freeze
    from .store import Draft, Store
    from .users import NewToken, add_user, disable_user, list_users, new_token, set_role
    from .web.server import review

_HOMES = {
    "ApproveResult": "approve",
    "Draft": "store",
    "FreezeResult": "freeze",
    "NewToken": "users",
    "Store": "store",
    "Verified": "audit",
    "add_user": "users",
    "approve": "approve",
    "disable_user": "users",
    "export_decisions": "exchange.exporting",
    "freeze": "freeze",
    "import_decisions": "exchange.importing",
    "list_users": "users",
    "new_token": "users",
    "review": "web.server",
    "set_role": "users",
    "verify_record": "audit",
}

__all__ = [
    "ApproveResult",
    "Draft",
    "FreezeResult",
    "NewToken",
    "Store",
    "Verified",
    "add_user",
    "approve",
    "disable_user",
    "export_decisions",
    "freeze",
    "import_decisions",
    "list_users",
    "new_token",
    "review",
    "set_role",
    "verify_record",
]


make_lazy(__name__, _HOMES)
