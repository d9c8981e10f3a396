"""Rows for Label Studio: tasks with the present answer as prediction, and the labelling configuration.

The configuration uses tags of the Community edition alone: Paragraphs, Text, Choices and TextArea.
Source: labelstud.io, "Label Studio Task Format" and the pages of the tags, as of 2026.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from ...schemas.review import REJECT_REASONS
from .form import DECISION, DECISIONS, EDIT, HINTS, NOTE, REASON
from .turns import Shown, rejected_text, shown_turns, tools_text

CHAT = "chat"
MODEL = "present answer"


def label_studio_task(row: Shown) -> dict[str, Any]:
    """A row as a task; the present answer is a prediction of the edit, which never counts as a decision."""
    turns = [{"author": role, "text": text} for role, text in shown_turns(row.row["messages"])]
    data = {
        "row_id": row.row_id,
        "content_id": row.content_id,
        CHAT: turns,
        "rejected": rejected_text(row.row) or "",
        "tools": tools_text(row.row) or "",
        "why": row.why or "",
    }
    return {"data": data, "predictions": [] if row.answer is None else [_prediction(row.answer)]}


def _prediction(answer: str) -> dict[str, Any]:
    region = {
        "id": EDIT,
        "from_name": EDIT,
        "to_name": CHAT,
        "type": "textarea",
        "value": {"text": [answer]},
    }
    return {"model_version": MODEL, "result": [region]}


def label_studio_config() -> str:
    """The labelling configuration of the project, as XML."""
    reasons = "".join(
        f"      <Choice value={quoteattr(code)} hint={quoteattr(sentence)}/>\n"
        for code, sentence in REJECT_REASONS.items()
    )
    decisions = "".join(
        f'    <Choice value={quoteattr(value)} hotkey="{value[0]}"/>\n' for value in DECISIONS
    )
    return f"""<View>
  <Header value="Conversation"/>
  <Paragraphs name="{CHAT}" value="${CHAT}" layout="dialogue" nameKey="author" textKey="text"/>
  <Header value="Losing answer of a preference row"/>
  <Text name="rejected" value="$rejected"/>
  <Header value="Tools"/>
  <Text name="tools" value="$tools"/>
  <Header value="Why it is here"/>
  <Text name="why" value="$why"/>
  <Header value={quoteattr(HINTS[DECISION])}/>
  <Choices name="{DECISION}" toName="{CHAT}" choice="single-radio" required="true" showInline="true">
{decisions}  </Choices>
  <View visibleWhen="choice-selected" whenTagName="{DECISION}" whenChoiceValue="reject">
    <Header value={quoteattr(HINTS[REASON])}/>
    <Choices name="{REASON}" toName="{CHAT}" choice="multiple">
{reasons}    </Choices>
  </View>
  <Header value={quoteattr(HINTS[EDIT])}/>
  <TextArea name="{EDIT}" toName="{CHAT}" rows="8" editable="true" transcription="true" maxSubmissions="1"/>
  <Header value={quoteattr(HINTS[NOTE])}/>
  <TextArea name="{NOTE}" toName="{CHAT}" rows="2" editable="true" maxSubmissions="1"/>
</View>
"""
