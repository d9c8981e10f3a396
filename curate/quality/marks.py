"""Wordings that tell something of an answer or a prompt, found in one pass of literals."""

from __future__ import annotations

from ..literals import Literals

RESPONSE_MARKS: dict[str, tuple[str, ...]] = {
    "refusal": (
        "i cannot assist", "i can't assist", "i cannot help with", "i can't help with", "i cannot fulfill",
        "i can't fulfill", "i cannot provide", "i can't provide", "i'm unable to", "i am unable to",
        "i'm not able to", "i am not able to", "i will not be able to", "i won't be able to",
        "cannot comply", "can't comply", "cannot complete this", "can't do that", "unable to complete",
        "not comfortable", "not be appropriate", "i must decline", "i refuse to", "i'm sorry, but",
        "i am sorry, but", "i apologize, but", "i apologise, but", "sorry, i can", "sorry, i am",
        "sorry, i'm", "do not have access to", "don't have access to", "against my programming",
        "violates my guidelines",
    ),
    "ai_self": (
        "as an ai", "as a language model", "as a large language model", "i am an ai", "i'm an ai",
        "i'm just an ai", "ai language model", "language model, i", "as a chatbot", "my training data",
        "knowledge cutoff", "as a virtual assistant",
    ),
    "markup": (
        "<div", "</div", "<p>", "</p>", "<br", "<a href", "<span", "</span", "<script", "<td", "<li>",
        "&nbsp;", "&amp;", "&lt;", "&quot;", "&#39;", "<img", "<font",
    ),
    "chat_token": (
        "<|", "|>", "</s>", "<s>", "<eos>", "<bos>", "[inst]", "[/inst]", "<<sys>>", "<unk>", "<pad>",
        "<start_of_turn>", "<end_of_turn>", "[eos]", "[end]", "<end>",
    ),
    "next_turn": (
        "### instruction", "### human", "### user", "### input", "### response", "### assistant",
        "\nhuman:", "\nuser:", "\nassistant:", "\nquestion:", "\ninstruction:", "\nq:", "\nuser\n",
    ),
    "placeholder": (
        "lorem ipsum", "[your ", "[insert", "<insert", "<your", "{{", "}}", "<noinput>", "[answer",
        "placeholder", "<answer", "[name]", "xxxx",
    ),
    "mojibake": (
        "â€", "ã©", "ã¨", "ã¼", "ã¶", "ã¤", "ã¢", "ã±", "ï¿½", "\ufffd", "\xe2\x80", "\xe3\xa0", "ðÿ",
        "\xe5\x8f", "\x80\x99", "\x80\x9c", "ã³", "ã¡", "ã§", "ãª",
    ),
    "link": (
        "http://", "https://", "www.", "![",
    ),
    "hedge": (
        "i'm not sure", "i am not sure", "i don't know", "i do not know", "not certain", "it depends",
        "hard to say", "no idea", "maybe", "i guess", "i think", "you should look it up", "search online",
    ),
    "opener": (
        "sure,", "sure!", "certainly", "of course", "absolutely", "great question", "here is", "here's",
        "here are", "thank you for", "thanks for",
    ),
    "reason_word": (
        "because", "therefore", "since ", "as a result", "due to", "so that", "which means", "in order to",
        "thus",
    ),
    "example_word": (
        "for example", "for instance", "such as", "e.g.", "including",
    ),
    "contrast_word": (
        "however", "although", "on the other hand", "while ", "whereas", "in contrast", "it is important",
        "it's important", "keep in mind",
    ),
    "order_word": (
        "first,", "firstly", "second,", "finally", "next,", "then,", "lastly", "in conclusion", "overall,",
    ),
    "closing": (
        "let me know", "hope this helps", "hope that helps", "feel free", "is there anything else",
        "happy to help",
    ),
    "second_person": (
        " you ", " your ", "you can", "you should",
    ),
    "first_person": (
        "i ", " i've ", " my ", " me ",
    ),
    "code": (
        "```", "def ", "return ", "function ", "import ", "select ", "#include", "print(", "console.log",
        "();", "{\n", "=>", "</", "public ",
    ),
}  # fmt: skip
PROMPT_MARKS: dict[str, tuple[str, ...]] = {
    "residue": (
        "<|", "[inst]", "</s>", "### ", "lorem ipsum", "{{", "[insert", "<noinput>", "\ufffd", "â€",
        "<div", "&nbsp;",
    ),
    "refers": (
        "below", "following", "given text", "given sentence", "given paragraph", "given article",
        "given passage", "given data", "given input", "this text", "this sentence", "this paragraph",
        "this article", "this passage", "this email", "this review", "this code", "this document",
        "this story", "this table", "the sentence", "the text", "the passage", "the paragraph",
        "the article", "attached", "provided text", "provided", "above",
    ),
    "closed": (
        "classify", "true or false", "yes or no", "categorize", "categorise", "identify", "which of",
        "how many", "how much", "what is the name", "name the", "name one", "rewrite", "correct the",
        "edit the", "convert", "translate", "calculate", "find the", "fill in", "one word", "choose",
        "select", "arrange", "sort ", "replace", "one sentence", "antonym", "synonym", "paraphrase",
        "intent", "label", "capital of", "when did", "when was", "who ", "detect", "summarize",
        "summarise", "tweet", "title", "headline", "slogan", "brief", "short", "concise", "?\n",
    ),
    "open": (
        "explain", "describe", "write a", "essay", "story", "compose", "how to", "how do", "how can",
        "how could", "how does", "why ", "discuss", "guide", "tips", "plan", "recipe", "compare",
        "outline", "analyze", "analyse", "step by step", "detailed", "develop", "design", "tutorial",
        "blog", "letter", "create a", "what are", "ideas", "ways", "difference", "pros and cons", "advice",
    ),
    "list": (
        "list", "three", "four", "five", "six", "seven", "ten ", "several", "ideas", "tips", "ways",
        "steps", "examples", " 3 ", " 5 ", " 10 ", "bullet", "recommend",
    ),
    "code": (
        "code", "python", "function", "javascript", "java", "sql", "html", "css", "c++", "program",
        "script", "regex", "algorithm", "query",
    ),
    "translate": (
        "translat", "in french", "in spanish", "in german", "in chinese", "in italian", "in japanese",
        "into ",
    ),
}  # fmt: skip
BARE = frozenset(
    "n/a na none null nan todo tbd - -- ... .... … ? ??? . answer: output: response: undefined nil empty xxx"
    " noinput nooutput".split()
)
"""Whole answers that stand for one that is missing."""
NO_ANSWER = ("refusal", "ai_self", "placeholder")
RESPONSE = Literals(RESPONSE_MARKS)
PROMPT = Literals(PROMPT_MARKS)


def no_answer(lowered: str) -> bool:
    """Whether a short answer in lower case is a placeholder or a refusal."""
    return lowered.strip() in BARE or not RESPONSE.found(lowered).isdisjoint(NO_ANSWER)
