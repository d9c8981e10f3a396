"""Fixtures of the review app's tests, each from the file that holds it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _load(name: str) -> ModuleType:
    known = f"tuneset_test_{name}"
    if known in sys.modules:
        return sys.modules[known]
    spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[known] = module
    spec.loader.exec_module(module)
    return module


_browser = _load("browser")
chromium = _browser.chromium
visit = _browser.visit
serve = _load("serving").serve
pane_server = _load("pane_server").pane_server
_postgres_server = _load("postgres_server")
postgres_server = _postgres_server.postgres_server
postgres_url = _postgres_server.postgres_url
place = _postgres_server.place
_app = _load("app_workspace")
app = _app.app
opened_app = _app.opened_app
say = _app.say
at_work = _load("app_browser").at_work
