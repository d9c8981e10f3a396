"""The signals in words that a reviewer can read."""

from __future__ import annotations

from .default_model import FIT

WORDS: dict[str, tuple[str, str]] = {
    "response_words": ("the answer is short", "the answer is long"),
    "prompt_words": ("the prompt is short", "the prompt is long"),
    "length_ratio": ("the answer is short beside its prompt", "the answer is long beside its prompt"),
    "closed_length": ("a short answer, or an open question", "a long answer to a closed question"),
    "open_length": ("a short answer to an open question", "a long answer to an open question"),
    "word_length": ("the answer's words are short", "the answer's words are long"),
    "sentence_words": ("the answer's sentences are short", "the answer's sentences are long"),
    "line_words": ("the answer's lines are short", "the answer's lines are long"),
    "distinct_words": ("few distinct words in the answer", "many distinct words in the answer"),
    "repeated_pairs": ("no word pairs repeat", "word pairs repeat in the answer"),
    "repeated_lines": ("no lines repeat", "lines repeat in the answer"),
    "commonest_word": ("no word is very common", "one word makes up much of the answer"),
    "long_word_ratio": ("few long words in the answer", "many long words in the answer"),
    "cut_off": ("the answer ends with its last sentence", "the answer ends within a sentence"),
    "lower_start": ("the answer starts like a sentence", "the answer starts in lower case"),
    "comma_ratio": ("few commas in the answer", "many commas in the answer"),
    "symbol_ratio": ("few symbols in the answer", "many symbols in the answer"),
    "digit_ratio": ("few numbers in the answer", "many numbers in the answer"),
    "upper_ratio": ("few capitals in the answer", "many capitals in the answer"),
    "foreign_letters": ("fewer accents than the prompt", "letters that the prompt's language lacks"),
    "code_ratio": ("few signs of code in the answer", "many signs of code in the answer"),
    "list_items": ("no list in the answer", "a list in the answer"),
    "list_fit": ("a list is asked for and not given", "a list is asked for and given"),
    "code_fit": ("code is asked for and not given", "code is asked for and given"),
    "bold_or_heading": ("no headings or bold text", "headings or bold text"),
    "prompt_covered": (
        "the answer covers few of the prompt's words",
        "the answer covers many of the prompt's words",
    ),
    "new_words": ("few words beyond the prompt's", "most words are beyond the prompt's"),
    "copied_pairs": ("the answer copies little of the prompt", "the answer copies much of the prompt"),
    "echo": ("the answer does not repeat the prompt", "the answer repeats the prompt"),
    "shared_numbers": ("the prompt's numbers are not taken up", "the prompt's numbers are taken up"),
    "unknown_words": ("the answer's words are known", "unknown words in the answer"),
    "no_vowels": ("the answer's words have vowels", "words without vowels in the answer"),
    "missing_material": ("the prompt holds what it speaks of", "the prompt lacks the text it speaks of"),
    "no_words": ("the answer has words", "the answer has no words"),
    "bare_mark": ("the answer is no placeholder", "the answer is a placeholder"),
    "open_end": ("the last sentence has its end", "the answer breaks off"),
    FIT: ("the answer is far from the prompt in meaning", "the answer is near the prompt in meaning"),
    "default": ("the default model finds it poor", "the default model finds it good"),
    "categorical": ("the answer is free text", "rows like this one answer with a label"),
    "label_confidence": ("other rows call for another label", "other rows agree with the label"),
    "answer_is_class": ("the answer is none of the usual ones", "the answer is one of the usual ones"),
    "label_share": ("the answer is a rare one", "the answer is a common one"),
    "meaning": ("in meaning unlike what reviewers approve", "in meaning like what reviewers approve"),
}
MARKS = {
    "refusal": "wording of a refusal",
    "ai_self": "the answer speaks of itself as an AI",
    "markup": "HTML in the answer",
    "chat_token": "a chat template's token in the answer",
    "next_turn": "another turn in the answer",
    "placeholder": "a placeholder in the answer",
    "mojibake": "broken encoding in the answer",
    "link": "a link in the answer",
    "hedge": "a hedge such as `it depends`",
    "opener": "an opening phrase such as `certainly`",
    "reason_word": "reasons such as `because`",
    "example_word": "examples",
    "contrast_word": "contrasts such as `however`",
    "order_word": "words that order, such as `finally`",
    "closing": "a closing phrase",
    "second_person": "the reader is addressed",
    "first_person": "the answer speaks in the first person",
    "code": "code in the answer",
}
ASKS = {
    "residue": "residue in the prompt",
    "refers": "the prompt refers to a text",
    "closed": "the prompt asks for something definite",
    "open": "the prompt asks an open question",
    "list": "the prompt asks for several things",
    "code": "the prompt is about code",
    "translate": "the prompt asks for a translation",
}


def in_words(name: str, high: bool) -> str:
    """What a low or a high value of a signal says of a row."""
    if name.startswith("mark_"):
        told = MARKS[name.removeprefix("mark_")]
    elif name.startswith("asks_"):
        told = ASKS[name.removeprefix("asks_")]
    elif name in WORDS:
        return WORDS[name][high]
    else:
        return name
    return told if high else f"not: {told}"
