"""Chat templates, system prompts, reasoning and other turns that leaked into an answer."""

from __future__ import annotations

import functools
import re

from .base import Pair, Signal, excerpt, texts

_MARKUP = re.compile(
    r"<\|[A-Za-z▁][A-Za-z0-9_▁ :/-]{0,39}\|>|<[｜][^<>｜]{1,40}[｜]>|\[/?(?:INST|SYS)\]|<</?SYS>>|</?s>|"
    r"\[(?:EOS|BOS|SEP|CLS|PAD|UNK|MASK|gMASK|eot|EOT)\]|"
    r"<(?:eos|bos|pad|unk|sop|eop|eoh|eom|eoa|eot|eod|endoftext|end_of_text|start_of_turn|end_of_turn|"
    r"begin_of_text|im_start|im_end|sep|cls|mask|extra_id_\d+|reserved_\d+)>|"
    r"<unused\d+>|</?(?:human|bot|assistant|user|system)>|(?:^|\n) {0,3}#{2,3} ?(?:Instruction|Response|"
    r"Human|Assistant|User|Input|Output|System) ?:|"
    r"<\|?(?:Human|Assistant|MOSS|Inner Thoughts|Commands)\|?>:?",
    re.IGNORECASE,
)
_ALPACA = re.compile(r"### (?:Instruction|Response|Human|Assistant):")
_TOKEN_TALK = re.compile(
    r"token|chat ?ml|template|prompt format|special|llama|tokeni[sz]er|\bhtml\b|\bxml\b|strike|tag|\bnlp\b|"
    r"\bbert\b|language model|code",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\n[ \t>*_]*(?:[Qq]uestion|QUESTION|Q|A|H|AI|[Bb]ot|GPT|[Ss]ystem|[Cc]ustomer|[Ss]tudent|[Tt]eacher|"
    r"问题?|質問|[Вв]опрос|[Ff]rage)[ \t*_]*[:：][ \t*_]*\n?[ \t]*\S"
)
_TURN = re.compile(
    r"\n[ \t>*_\[(]*(?:human|user|assistant|instruction|prompter|用户|人类|助手|ユーザー|사용자|пользователь|"
    r"ассистент|"
    r"nutzer|benutzer|utilisateur|usuario|asistente|المستخدم)"
    r"[ \t*_\])]*[:：][ \t*_]*\n?[ \t]*\S|\n\s*\d{1,2}\. ?(?:instruction|task) ?:",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\n[ \t]*(?:#{1,4} ?(?:new |next )?(?:instruction|question|task|example|prompt|human|user|"
    r"input)\b[^\n]{0,12}[:\n]|\d{1,2}\. ?(?:instruction|task)\s*:|"
    r"(?:instruction|task|example|prompt|question|input|output|answer|response) ?\d{1,2} ?[:.]|"
    r"(?:instruction|prompt|input|human|user) ?[:]|"
    r"[-=*_#]{3,}\n+[ \t]*(?:instruction|question|task|human|user|input|prompt)\b)",
    re.IGNORECASE,
)
_ASKS_PARTS = re.compile(
    r"question|quiz|\bq ?& ?a\b|faq|example|exam\b|test|prompt|instruction|task|exercise|dialog|"
    r"conversation|script|transcript|chat|interview|"
    r"play|scene|human:|user:|input|output|problem|trivia|form|template|survey|questionnaire|问|题|对话|"
    r"質問|会話|"
    r"вопрос|Frage|Dialog|pregunta|system",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"^\W*(?:you are (?:chatgpt|an? (?:helpful|friendly|polite|smart|ai|large|intelligent|knowledgeable|"
    r"honest|expert|harmless)[^.\n]{0,60}(?:assistant|model|ai|bot|agent))|"
    r"system(?: prompt| message)? ?:|below is an instruction that describes a task|your (?:task|role|job) "
    r"is to\b[^.\n]{0,80}(?:respond|answer|assist)|"
    r"(?:the following is|this is) a (?:chat|conversation) between)",
    re.IGNORECASE,
)
_THINK = re.compile(
    r"<(/?)(?:think|thinking|thought|reasoning|scratchpad|reflection|inner_monologue|analysis|"
    r"begin_of_thought)>|◁(/?)think▷|<\|(begin|end)_of_thought\|>",
    re.IGNORECASE,
)
_HESITATION = re.compile(
    r"\bwait\b[,.—-]|\bhmm+\b|\bactually,|\blet me (?:re-?(?:check|think|consider|calculate|do|read)|"
    r"double[- ]check|try again|start over)|\bno, that(?:'s| is) (?:not|wrong)|"
    r"\bhold on\b|\bon second thought|等等|不对|等一下|待って",
    re.IGNORECASE,
)
_OPENINGS = (
    "you are",
    "system",
    "below is an",
    "your task",
    "your role",
    "your job",
    "the following is",
    "this is a c",
)
_WORD = re.compile(r"\w+")
LEAK_WORDS = 8


def _markup(pair: Pair) -> str | None:
    for found in _MARKUP.finditer(pair.response):
        token = found.group().strip()
        low = token.lower()
        if low in pair.prompt_lower or (
            low in ("<s>", "</s>", "<mask>", "<user>", "</user>", "<system>", "</system>", "<sep>")
            and (_TOKEN_TALK.search(pair.prompt) or ("<s>" in pair.lower and "</s>" in pair.lower))
        ):
            continue
        if ("#" in token and not _ALPACA.match(token) and (pair.asks_code or pair.is_code)) or (
            _TOKEN_TALK.search(pair.prompt)
            and re.search(r"token|chat ?ml|template|bert|mask", pair.prompt, re.I)
        ):
            continue
        return excerpt(pair.response, max(found.start() - 10, 0))
    return None


def _next_turn(pair: Pair) -> str | None:
    turn = _TURN.search(pair.response)
    if turn and not pair.asks_script and turn.group().strip().lower()[:6] not in pair.prompt_lower:
        return excerpt(pair.response, turn.start())
    found = _NEXT.search(pair.response) or _SPEAKER.search(pair.response)
    if not found or _ASKS_PARTS.search(pair.prompt) or (pair.is_code and pair.asks_code):
        return None
    return excerpt(pair.response, found.start())


@functools.lru_cache(maxsize=64)
def _grams(system: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(system.lower())
    return frozenset(zip(*(words[i:] for i in range(LEAK_WORDS)), strict=False))


def _system_leak(pair: Pair) -> str | None:
    opening = _SYSTEM.match(pair.response[:200]) if pair.lower.lstrip("\"'# ").startswith(_OPENINGS) else None
    if opening and not re.search(r"prompt|system|role|write|persona|instruction|you are", pair.prompt, re.I):
        return excerpt(pair.response)
    if len(pair.system) < 30 or len(pair.lower) < 2 * LEAK_WORDS - 1 or not (grams := _grams(pair.system)):
        return None
    words = _WORD.findall(pair.lower[:4000])
    shared = grams.intersection(zip(*(words[i:] for i in range(LEAK_WORDS)), strict=False))
    if not shared:
        return None
    asked = _WORD.findall(pair.prompt_lower[:4000])
    shared = shared.difference(zip(*(asked[i:] for i in range(LEAK_WORDS)), strict=False))
    return f"shares {' '.join(min(shared))!r} with the system prompt" if shared else None


def _no_answer(pair: Pair) -> str | None:
    marks = list(_THINK.finditer(pair.response))
    if not marks or _THINK.search(pair.prompt) or ("<analysis" in pair.lower and pair.asks_code):
        return None
    closing = [m for m in marks if m.group(1) or m.group(2) or m.group(3) == "end"]
    if len(closing) < len(marks) - len(closing):
        return f"{marks[0].group()} is never closed"
    return (
        f"nothing follows {marks[-1].group()}"
        if marks[0] not in closing and not pair.response[marks[-1].end() :].strip()
        else None
    )


def _reasoning(pair: Pair) -> str | None:
    marks = list(_THINK.finditer(pair.response))
    if not marks or _THINK.search(pair.prompt) or _no_answer(pair):
        return None
    if not pair.response[marks[0].end() : marks[-1].start()].strip():
        return f"{marks[0].group()} is empty"
    return f"reasoning of {marks[-1].start() - marks[0].end()} characters between tags"


def _hesitation(pair: Pair) -> str | None:
    if pair.asks_script:
        return None
    found = _HESITATION.findall(pair.response)
    rate = 1000 * len(found) / max(len(pair.response), 1)
    return f"{len(found)} times, such as {found[0]!r}" if len(found) >= 5 and rate > 7 else None


SIGNALS = (
    Signal(
        "chat_markup",
        "Chat template markup or a special token is left in the answer.",
        "Twinkle message_sanity; templates of Llama 2 and 3, ChatML, Gemma, DeepSeek and Alpaca",
        True,
        _markup,
        texts(
            "<|¦<｜¦inst]¦sys]¦<<sys¦<</sys¦<s>¦</s>¦<eos>¦<bos>¦<pad>¦<unk>¦<sop>¦<eop>¦<eoh>¦<eom>¦"
            "<eoa>¦<eot>¦<eod>¦<endoftext>¦<end_of_text>¦_of_turn>¦<begin_of_text>¦<im_¦<sep>¦<cls>¦"
            "<mask>¦<extra_id¦<reserved_¦<unused¦[eos]¦[bos]¦[sep]¦[cls]¦[pad]¦[unk]¦[mask]¦[gmask]¦"
            "[eot]¦human>¦bot>¦assistant>¦user>¦system>¦## instruction¦## response¦## human¦"
            "## assistant¦## user¦## input¦## output¦## system¦##instruction¦##response"
        ),
    ),
    Signal(
        "no_answer_after_reasoning",
        "The reasoning is never closed, or nothing follows it.",
        "open-instruct filter_cots; NVIDIA Curator's reasoning tutorial: a missing closing tag",
        True,
        _no_answer,
        (
            "think",
            "thought>",
            "thought|>",
            "reasoning>",
            "scratchpad>",
            "reflection>",
            "<analysis>",
            "monologue>",
        ),
    ),
    Signal(
        "merged_examples",
        "The answer goes on with the next speaker's turn or another example.",
        "AlpacaDataCleaned, 'merged instructions'; Self-Instruct's parsing rules",
        False,
        _next_turn,
        texts(
            "\nhuman¦\nuser¦\nh:¦\nq:¦\nquestion¦\nassistant¦\na:¦\nai:¦\nbot:¦\ngpt:¦\ninstruction¦"
            "\ninput¦\nsystem¦\ncustomer¦\nstudent¦\n用户¦\n问¦\n人类¦\n助手¦\nユーザー¦\n質問¦\n사용자¦"
            "\nпользователь¦\nвопрос¦\nnutzer¦\nfrage¦\nutilisateur¦\nusuario¦\n#¦. instruction¦"
            ". task¦\ntask¦\nexample¦\nprompt¦\noutput¦\nanswer¦\nresponse¦---\n¦===\n¦***\n¦___\n¦"
            "**user¦**human¦**assistant¦**question¦ user:¦ human:¦ assistant:"
        ),
    ),
    Signal(
        "leaked_system_prompt",
        "The answer repeats eight words or more of the system prompt, or opens like one.",
        "own: an 8-gram in common, as benchmarks are matched",
        False,
        _system_leak,
    ),
    Signal(
        "reasoning_left_in",
        "Reasoning between tags, or its empty tags, is left in the answer.",
        "open-instruct filter_cots; NVIDIA Curator's reasoning tutorial",
        False,
        _reasoning,
        (
            "think",
            "thought>",
            "thought|>",
            "reasoning>",
            "scratchpad>",
            "reflection>",
            "<analysis>",
            "monologue>",
        ),
    ),
    Signal(
        "hesitation",
        "The answer corrects itself again and again.",
        "Twinkle dead_loop: more than 7 hesitations in 1,000 characters",
        False,
        _hesitation,
        texts(
            "wait¦hmm¦actually,¦let me re¦let me double¦let me try¦hold on¦second thought¦no, that¦"
            "等等¦不对¦等一下¦待って"
        ),
    ),
)
