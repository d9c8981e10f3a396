"""Microsoft Presidio as a detector; optional, in English, with a spaCy model where one is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

from ...schemas.errors import MissingExtraError
from .spans import Span, without_overlaps

KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "credit_card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip_address",
    "MAC_ADDRESS": "mac_address",
    "CRYPTO": "crypto_wallet",
    "US_SSN": "us_ssn",
    "US_ITIN": "tax_id",
    "US_PASSPORT": "passport",
    "US_DRIVER_LICENSE": "driver_license",
    "US_BANK_NUMBER": "bank_account",
    "UK_NHS": "health_id",
    "PERSON": "person",
}
"""Presidio's entities as our kinds; its others (dates, places, nationalities, web addresses) are left."""

MODELS = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")


class PresidioDetector:
    """Presidio's recognisers behind the same interface as ours.

    Args:
        names: Whether names of people are looked for; needs one of the spaCy models of `MODELS`.
        min_score: Presidio's confidence that a span needs, a ratio in [0, 1]. Default 0.4: what it gives a
            phone number without a word beside it.

    Raises:
        MissingExtraError: Presidio, or for names a spaCy model, is not installed.
    """

    def __init__(self, *, names: bool = False, min_score: float = 0.4) -> None:
        for module in ("presidio_analyzer", "spacy"):
            if importlib.util.find_spec(module) is None:
                raise MissingExtraError.of("pii", module, where="step 'pii', detector")
        self.names = names
        self.min_score = min_score
        self.model = next((m for m in MODELS if importlib.util.find_spec(m)), None)
        if names and self.model is None:
            raise MissingExtraError(
                "no English spaCy model is installed, and Presidio finds names with one",
                where="step 'pii', detector",
                fix="run: python -m spacy download en_core_web_lg, or take `detector: builtin`",
            )
        self._engine: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_engine": None}

    def find(self, text: str) -> list[Span]:
        """The spans of a text whose entity is one of our kinds, sorted, none over another."""
        if self._engine is None:
            self._engine = _engine(self.model if self.names else None)
        wanted = [e for e, kind in KINDS.items() if kind != "person" or self.names]
        found = self._engine.analyze(text, language="en", entities=wanted, score_threshold=self.min_score)
        return without_overlaps(Span(r.start, r.end, KINDS[r.entity_type]) for r in found)


def _engine(model: str | None) -> Any:
    """Presidio's analyser over a spaCy model, or over a blank pipeline, which does for its patterns."""
    import spacy  # pyright: ignore[reportMissingImports]
    import tldextract  # pyright: ignore[reportMissingImports]
    from presidio_analyzer import AnalyzerEngine  # pyright: ignore[reportMissingImports]
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # pyright: ignore[reportMissingImports]

    own_list = tldextract.TLDExtract(suffix_list_urls=())  # the list that it ships with: no network
    tldextract.tldextract.TLD_EXTRACTOR = own_list
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model or "blank"}])
    engine.nlp = {"en": spacy.load(model) if model else spacy.blank("en")}
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
