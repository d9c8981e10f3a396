"""Fine-tuning at OpenAI, or at a gateway with its API that `OPENAI_BASE_URL` names."""

from __future__ import annotations

import os
from typing import Any

from ..openai_calls import OpenAICalls
from ..sdk import named_host
from ..service import Plan
from ..stainless import once

ADDRESS = "https://api.openai.com/v1"


class OpenAI(OpenAICalls):
    """The service; a job carries the launch's key in its metadata, a file in its name."""

    METHODS = {"openai": "supervised", "openai-dpo": "dpo"}
    name = "openai"
    extra = "launch-openai"
    environment = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
    required = ("OPENAI_API_KEY",)
    models = "for example --model gpt-4.1-mini-2025-04-14"

    def address(self) -> str:
        return os.environ.get("OPENAI_BASE_URL") or ADDRESS

    def constructor(self) -> str:
        return "openai.OpenAI(max_retries=0)"

    def make_client(self) -> Any:
        sdk = self.sdk()
        return sdk.OpenAI(base_url=self.address(), **once(sdk))

    def destination(self, plan: Plan) -> str:
        del plan
        account = [
            f"{what} {os.environ[name]}"
            for what, name in (("organization", "OPENAI_ORG_ID"), ("project", "OPENAI_PROJECT_ID"))
            if os.environ.get(name)
        ]
        return ", ".join([f"OpenAI at {named_host(self.address())}", *account])


SERVICE = OpenAI()
