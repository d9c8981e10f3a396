"""The form that annotators fill in: its questions, and what each asks."""

from __future__ import annotations

DECISION, REASON, EDIT, NOTE = "decision", "reason", "edited_answer", "note"
DECISIONS = {"approve": "Approve", "reject": "Reject"}
HINTS = {
    DECISION: "Would you train a model on this row as it stands, or as you edit it?",
    REASON: "Why is it rejected?",
    EDIT: "The answer is the text below. Change it, and approve, to keep your text.",
    NOTE: "Anything that others should know.",
}
