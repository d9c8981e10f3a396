"""Fine-tuning at Azure OpenAI (Microsoft Foundry), through the address of one resource.

The resource's `/openai/v1/` address has the calls of OpenAI and needs no API version (learn.microsoft.com,
Azure OpenAI v1 API, read 2026-11). Where `OPENAI_API_VERSION` is set, the SDK's `AzureOpenAI` client is used
with it, for resources that are older.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ....schemas.errors import ServiceError
from ..openai_calls import OpenAICalls
from ..sdk import named_host, scrubbed, wait_for
from ..service import Plan
from ..stainless import once

READY = frozenset({"processed", "succeeded"})
REFUSED = frozenset({"error", "failed", "deleted"})


class Azure(OpenAICalls):
    """The service; a file carries the launch's key in its name, and a job is known by its file."""

    METHODS = {"azure": "supervised", "azure-dpo": "dpo"}
    METADATA = False
    name = "azure"
    extra = "launch-azure"
    environment = ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION")
    required = ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT")
    models = "for example --model gpt-4.1-mini-2025-04-14"

    def address(self) -> str:
        endpoint = os.environ.get("AZURE_OPENAI_ENDPOINT", "https://RESOURCE.openai.azure.com").rstrip("/")
        if os.environ.get("OPENAI_API_VERSION") or urlsplit(endpoint).path.endswith("/v1"):
            return endpoint
        return f"{endpoint}/openai/v1"

    def constructor(self) -> str:
        if os.environ.get("OPENAI_API_VERSION"):
            return "openai.AzureOpenAI(max_retries=0)"
        key = 'os.environ["AZURE_OPENAI_API_KEY"]'
        return f"openai.OpenAI(base_url={self.address() + '/'!r}, api_key={key}, max_retries=0)"

    def make_client(self) -> Any:
        sdk = self.sdk()
        if os.environ.get("OPENAI_API_VERSION"):
            return sdk.AzureOpenAI(**once(sdk))
        key = os.environ["AZURE_OPENAI_API_KEY"]
        return sdk.OpenAI(base_url=self.address(), api_key=key, **once(sdk))

    def destination(self, plan: Plan) -> str:
        del plan
        return f"Azure OpenAI at {named_host(self.address())}"

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        """Start the job once the resource has checked the files; before that it refuses them."""
        for split, file_id in files.items():
            wait_for(lambda: self._checked(file_id, split), f"the {split} file")  # noqa: B023  called at once
        return super().start(plan, files)

    def _checked(self, file_id: str, split: str) -> bool:
        with self.told(f"files.retrieve {file_id}"):
            file = self.client().files.retrieve(file_id)
            status = file.status
            why = file.status_details
        if status in REFUSED:
            raise ServiceError(
                f"azure refuses the {split} file: {scrubbed(str(why or status), self.environment)}",
                where=f"files.retrieve {file_id}",
                fix="look at the row that it names, approve other rows and freeze again",
            )
        return status in READY


SERVICE = Azure()
