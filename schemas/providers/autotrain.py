"""Lines that Hugging Face AutoTrain reads: a conversation in `text`, or two with one prompt.

AUTOTRAIN is autotrain-advanced 0.8.36, trainers/clm/utils.py (apply_chat_template, process_input_data) and
project.py (llm_munge_data), read in November 2026. A cell that is a text goes through `ast.literal_eval`
there, which knows no `true`, `false` or `null`; so conversations are lists. Of a losing conversation its last
turn alone is read, and the prompt comes from the winning one.
"""

from __future__ import annotations

from pydantic import model_validator

from .openai_turns import Text
from .problems import Closed, Rule, broken
from .text_turns import RULES as TURN_RULES
from .text_turns import TextTurns, teaches

_AUTOTRAIN = "autotrain-advanced 0.8.36, trainers/clm/utils.py, read 2026-11"

RULES: dict[str, Rule] = TURN_RULES
PREFERENCE_RULES: dict[str, Rule] = {
    **RULES,
    "other_prompt": Rule(
        "the two conversations differ before their last turns, of which AutoTrain reads one alone",
        _AUTOTRAIN,
        fix="give both conversations the same turns before the last",
    ),
    "empty_prompt": Rule("there is no turn before the answers", _AUTOTRAIN),
}


class ChatRow(Closed):
    """One line for supervised fine-tuning with a chat template."""

    text: TextTurns

    @model_validator(mode="after")
    def _learns(self) -> ChatRow:
        teaches(self.text, "text")
        return self


class PreferenceRow(Closed):
    """One line for DPO or ORPO with a chat template; `prompt` must be there, and is replaced."""

    prompt: Text
    text: TextTurns
    rejected_text: TextTurns

    @model_validator(mode="after")
    def _two_answers(self) -> PreferenceRow:
        if len(self.text) < 2:
            raise broken(PREFERENCE_RULES, "empty_prompt", "text")
        for name, turns in (("text", self.text), ("rejected_text", self.rejected_text)):
            teaches(turns, name)
        if self.text[:-1] != self.rejected_text[:-1]:
            raise broken(PREFERENCE_RULES, "other_prompt", "rejected_text")
        return self
