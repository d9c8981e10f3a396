"""Streamlit's options, as the app needs them: they win over any file or variable of the user's.

Streamlit's own defaults answer on every address to every host, show tracebacks to visitors, and report usage
(https://docs.streamlit.io/develop/api-reference/configuration/config.toml).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MAX_MEGABYTES = 50


def streamlit_options(*, address: str, port: int, hosts: Sequence[str], exposed: bool) -> dict[str, Any]:
    """Option to value.

    Args:
        address: Where the server listens.
        port: Its port.
        hosts: Names that people may have typed.
        exposed: Other machines reach the app: visitors see no error details.
    """
    return {
        "browser.gatherUsageStats": False,
        "client.allowedOrigins": [],
        "client.showErrorDetails": "none" if exposed else "full",
        "client.showErrorLinks": False,
        "client.toolbarMode": "viewer",
        "global.developmentMode": False,
        "logger.hideWelcomeMessage": True,
        "logger.level": "error",
        "runner.magicEnabled": False,
        "server.address": address,
        "server.allowRunOnSave": False,
        "server.allowedHosts": list(hosts),
        "server.baseUrlPath": "",
        "server.corsAllowedOrigins": [],
        "server.enableAgentApi": False,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxMessageSize": MAX_MEGABYTES,
        "server.maxUploadSize": MAX_MEGABYTES,
        "server.port": port,
        "server.runOnSave": False,
        "server.showEmailPrompt": False,
        "server.trustedUserHeaders": {},
        "server.xsrfCookieSameSite": "strict",
    }
