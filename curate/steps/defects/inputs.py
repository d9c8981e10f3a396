"""Prompts that cannot be answered: a text, an image or a page that is not there."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts

_NOUN = (
    r"(?:text|sentences?|paragraphs?|passages?|articles?|essay|e-?mail|letter|reviews?|tweets?|posts?|poem|"
    r"stor(?:y|ies)|statements?|quotes?|dialog(?:ue)?|conversation|"
    r"transcript|document|report|abstract|excerpt|extract|code|snippet|function|script|query|table|data(?: "
    r"?set)?|list|numbers?|words?|phrases?|headlines?|title|"
    r"comments?|messages?|questions?|options|items?|input|equations?|expressions?|problem|numbers|names|"
    r"values|speech|lyrics|song|recipe|resume|cover letter|"
    r"paper|content|definition|description|information|facts|example|scenario|case study|situation|argument|"
    r"proverb|idiom|json|html|csv|string|array|matrix|chart|"
    r"file|outline|notes|feedback|sample|piece of (?:text|writing|code)|block of (?:text|code)|set of "
    r"(?:words|numbers|data|sentences))"
)
_POINTS = re.compile(
    rf"\b(?:the|these|this|following|given|provided|above|below|attached|supplied|aforementioned)(?: "
    rf"\w+){{0,2}}? {_NOUN}(?: (?:of text|of code))?"
    rf"(?: (?:that is |which is |is |are )?(?:below|above|provided|given|attached|here|that follows?|which "
    rf"follows?|provided (?:below|above)|given (?:below|above)))?(?![\w-])",
    re.IGNORECASE,
)
_STRONG = re.compile(
    rf"\b(?:following|(?<!\ba )(?<!\bany )(?<!\beach )given(?! (?:an?|any|two|three|that|by|to|in|the)\b)|"
    rf"provided|above|below|attached|"
    rf"supplied)(?: \w+){{0,2}}? {_NOUN}(?![\w-])|\b{_NOUN}(?: \w+)? (?:below|above|provided|attached|"
    rf"given(?! (?:by|to|in|the|a))|that follows?)(?![\w-])",
    re.IGNORECASE,
)
_POINTERS = texts(
    "follow¦given¦provided¦above¦below¦attached¦supplied¦folgend¦gegeben¦untenstehend¦obige¦vorliegend¦"
    "nachstehend¦diese¦unten¦oben¦suivant¦ci-dess¦fourni¦siguiente¦continuaci¦dad¦proporcionad"
)
"""Without one of these in lower case, `_STRONG` and `_OTHER` find nothing in an ASCII text."""
_CHANGES = re.compile(
    r"^\W*(?:(?:please|kindly|can you|could you|i (?:want|need|would like) you to) )*(?:summari[sz]e|"
    r"translate|correct|proofread|edit|rewrite|rephrase|paraphrase|classify|categori[sz]e|simplify|shorten|"
    r"convert|transcribe|reword|revise|fix|punctuate|critique|annotate|condense|analy[sz]e|evaluate|"
    r"identify|extract|find|highlight|detect|determine|check|tag|label|tokenize|parse|transform|improve|"
    r"count|sort|arrange|rearrange|reorder|complete|fill|interpret|explain|read|review|describe|decode|"
    r"debug|refactor|optimi[sz]e|answer|turn|change|add|remove|replace|rank|compare)\b",
    re.IGNORECASE,
)
_FIRM_CHANGE = re.compile(
    r"^\W*(?:(?:please|kindly|can you|could you) )*(?:summari[sz]e|translate|correct|proofread|edit|rewrite|"
    r"rephrase|paraphrase|classify|categori[sz]e|simplify|shorten|"
    r"punctuate|condense|reword|revise|fix|debug|refactor|transcribe|tag|parse)\s+(?:the|this|these|"
    r"that)\s+(?:\w+ )?" + _NOUN + r"\b[^:\n\"“]{0,80}[.?!]?$",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"[\"“”«»„]\s*\S|[a-z][.?!][A-Z]|['‘]\S.{6,}?['’](?!\w)|```|https?://|[:：]\s*\S|\n\s*\S|"
    r"\d\s*[,;+*/=-]\s*\d|\(\S{1,20},|"
    r"=|\[[^\]]+\]|\{|<\w+>|\|"
)
_PLAIN_MATERIAL = ("=", "{", "|", "```", "http://", "https://")
_NOT_MISSING = re.compile(
    r"\b(?:write|generate|create|compose|produce|construct|design|develop|invent|make up|come up with|make|"
    r"suggest|using the (?:words|following)|according to|such as|including|number of (?:words|sentences))\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    # German, French, Spanish, Russian
    r"\b(?:(?:den|der|die|das|dem|diese[nrsm]?) (?:folgende[nrs]?|gegebene[nrs]?|untenstehende[nrs]?|"
    r"obige[nrs]?|angegebene[nrs]?|vorliegende[nrs]?|nachstehende[nrs]?) (?:Text|Satz|Sätze|Absatz|Artikel|"
    r"Abschnitt|Bewertung|Rezension|E-Mail|Gedicht|Code|Passage|Aussage|Brief|Liste|Wörter|Geschichte)|"
    r"(?:folgende[nrs]?|diese[nrsm]?) (?:Text|Satz|Sätze|Absatz|Artikel|Abschnitt|Passage|Rezension)|"
    r"(?:Text|Satz|Absatz|Artikel|Abschnitt) (?:unten|oben))\b|"
    r"\b(?:le|la|les|l['’]|du|cet?(?:te)?|ces) ?(?:texte|phrases?|paragraphe|article|passage|extrait|"
    r"critique|avis|poème|code|e-?mail|lettre|liste|mots?) (?:suivante?s?|ci-dessous|ci-dessus|donnée?s?|"
    r"fournie?s?)|"
    r"\b(?:(?:el|la|los|las|este|esta) (?:siguientes?) (?:texto|oraci[oó]n(?:es)?|frases?|p[aá]rrafo|"
    r"art[ií]culo|pasaje|reseña|poema|c[oó]digo|correo|lista|palabras)|(?:texto|oraci[oó]n|frase|p[aá]rrafo|"
    r"art[ií]culo) (?:siguiente|a continuaci[oó]n|dad[oa]|proporcionad[oa]))|"
    r"(?:следующ\w+|приведенн\w+|приведённ\w+|данн\w+|этот|эту) (?:ниже |выше )?(?:текст\w*|предложени\w+|"
    r"абзац\w*|стать\w+|отзыв\w*|код\w*|отрывок|стихотворени\w+|письмо|фраз\w+)|"
    # Arabic, Chinese, Japanese, Korean
    r"(?:النص|الجملة|الفقرة|المقال|المقالة|الجمل|المراجعة|القصيدة|الكلمات) (?:التالي|التالية|أدناه|المعطى|"
    r"المعطاة|الآتي|الآتية)|"
    r"(?:以下|下面|下列|下述|给定|上述|上面|这[段篇个句])(?:的|给出的|"
    r"提供的)?(?:这?[一]?[段篇个句些])?(?:英文|中文|一些)?(?:文本|文章|句子|段落|评论|文字|内容|"
    r"代码|短文|诗歌?|邮件|文段|对话|新闻|故事)|"
    r"(?:次の|以下の|下記の|上記の|この)(?:英)?(?:文章|文|テキスト|段落|記事|レビュー|コード|メール|詩|"
    r"会話)(?!字|化|法|学|書)|"
    r"(?:다음|아래|주어진|위)(?:의)? ?(?:문장|텍스트|글|단락|기사|리뷰|코드|문단|이메일|시|대화)",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"\b(?:please |could you (?:please )?|can you (?:please )?|you (?:will )?need to |kindly )(?:provide|"
    r"share|paste|supply|give|send|specify|include|attach|upload)(?: me)?(?: with)? (?:the|your|a|an|some|"
    r"more|me)?\b[^.?!\n]{0,40}\b(?:"
    r"text|sentence|paragraph|passage|article|essay|email|review|code|content|input|document|information|"
    r"details|context|data|list|table|poem|story|image|question|file)|"
    r"\b(?:you (?:have not|haven['’]t|did not|didn['’]t|forgot to) (?:provided?|included?|given?|shared?|"
    r"attach(?:ed)?|specif(?:y|ied)))|\b(?:no|there is no|there was no|i don['’]t see (?:any|a|the)|"
    r"missing) (?:text|input|sentence|passage|article|paragraph|content|document|image|attachment) (?:was |"
    r"is |has been )?(?:provided|given|included|attached|to)|"
    r"(?:bitte (?:geben|stellen|teilen|senden) Sie|veuillez (?:fournir|partager)|por favor,? (?:proporciona|"
    r"comparte|proporcione)|请(?:您)?(?:提供|输入|给出)(?:您?要|您?需要|具体|需要)?|を(?:ご)?(?:提供|入力|"
    r"教えて)(?:して)?ください|(?:제공|입력|"
    r"알려)(?:해)? ?주세요|пожалуйста,? (?:предоставьте|укажите|пришлите)|يرجى (?:تقديم|توفير|تزويد|إدخال))",
    re.IGNORECASE,
)


_SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def _missing_input(pair: Pair) -> str | None:
    if pair.earlier or len(pair.system) > 300 or len(pair.prompt) > 260:
        return None
    prompt = pair.prompt.strip()
    if (
        prompt.endswith((":", "："))
        and stands_alone(prompt[:-1])
        and (_POINTS.search(prompt) or _OTHER.search(prompt))
    ):
        return excerpt(prompt)
    if not _points(prompt) or not stands_alone(prompt):
        return None
    if _english_gap(pair, prompt):
        return excerpt(prompt)
    found = _OTHER.search(prompt)
    if not found:
        return None
    short = len(prompt) < 60 if _SPACELESS.match(found.group()) else len(prompt.split()) < 22
    return excerpt(prompt) if short else None


def _points(prompt: str) -> bool:
    """Whether a prompt may speak of a text at all."""
    return (
        not prompt.isascii()
        or any(map(prompt.lower().__contains__, _POINTERS))
        or _FIRM_CHANGE.match(prompt) is not None
    )


def _english_gap(pair: Pair, prompt: str) -> bool:
    found = _STRONG.search(prompt)
    if found and _NOT_MISSING.search(prompt[: found.start()]):
        found = None
    if found and pair.asks_code and found.group().lower().startswith("given"):
        found = None
    return bool(found or _FIRM_CHANGE.match(prompt)) and _few_words(prompt)


def stands_alone(prompt: str) -> bool:
    """Whether a prompt holds nothing but an instruction: no quotation, list, second line or example."""
    if "\n" in prompt.strip() or any(map(prompt.__contains__, _PLAIN_MATERIAL)):
        return False
    return _MATERIAL.search(prompt) is None


def _few_words(prompt: str) -> bool:
    return len(prompt.split()) <= 28 and len(re.findall(r"[.?!](?:\s|$)", prompt)) <= 2


def _asks_back(pair: Pair) -> str | None:
    if len(pair.response) > 450:
        return None
    found = _ASKS_BACK.search(pair.response[:300])
    if (
        not found
        or pair.asks_script
        or re.search(r"e-?mail|letter|message|form|survey|reply|respond|customer|support", pair.prompt, re.I)
    ):
        return None
    return excerpt(pair.response, found.start())


def _unfinished(pair: Pair) -> str | None:
    if pair.prompt[-1:] not in (":", "：", " ", "\n"):
        return None
    prompt = pair.prompt.rstrip()
    if (
        not prompt.endswith((":", "："))
        or "\n" in prompt
        or pair.earlier
        or len(prompt.split()) > 30
        or prompt.count(":") > 1
    ):
        return None
    return excerpt(prompt) if len(prompt.split()) >= 4 and _CHANGES.match(prompt) else None


_NAMED = tuple(
    f"{point} {noun}"
    for point in ("the", "this", "these", "that")
    for noun in texts(
        "text¦sentence¦paragraph¦passage¦article¦essay¦email¦e-mail¦letter¦review¦tweet¦post¦poem¦"
        "stor¦statement¦quote¦dialog¦conversation¦transcript¦document¦report¦abstract¦excerpt¦"
        "extract¦code¦snippet¦function¦script¦query¦table¦data¦list¦number¦word¦phrase¦headline¦"
        "comment¦message¦question"
    )
)
SIGNALS = (
    Signal(
        "missing_input",
        "The prompt speaks of a text that is not there.",
        "AlpacaDataCleaned, 'missing input'; own",
        False,
        lambda pair: _missing_input(pair),
        prompt_triggers=(
            *(
                "following",
                "given",
                "provided",
                "above",
                "below",
                "attached",
                "supplied",
                *_NAMED,
                "folgende",
                "gegebene",
                "unten",
                "oben",
                "obige",
                "nachstehend",
                "vorliegend",
                "angegeben",
            ),
            *texts(
                "suivant¦ci-dessous¦ci-dessus¦donné¦fourni¦siguiente¦a continuaci¦dad¦proporcionad¦"
                "следующ¦приведен¦приведён¦данн¦этот¦эту"
            ),
            *texts(
                "التالي¦أدناه¦المعط¦الآتي¦以下¦下面¦下列¦下述¦给定¦上述¦上面¦这段¦这篇¦这个¦这句¦次の¦下記¦"
                "上記¦この¦다음¦아래¦주어진¦위"
            ),
        ),
    ),
    Signal(
        "asks_for_input",
        "The answer asks for the text that the prompt should have held.",
        "AlpacaDataCleaned, 'missing input'",
        False,
        _asks_back,
        texts(
            "provide¦please share¦you share¦paste¦supply¦please give¦please send¦please specify¦"
            "specify¦upload¦haven't¦haven’t¦have not¦did not¦didn't¦didn’t¦forgot¦no text¦no input¦"
            "no sentence¦no passage¦no article¦no paragraph¦don't see¦don’t see¦missing¦bitte¦"
            "veuillez¦por favor¦请¦ください¦주세요¦пожалуйста¦يرجى"
        ),
    ),
    Signal(
        "unfinished_instruction",
        "The prompt ends with a colon, and what it announces is missing.",
        "Self-Instruct filter_invalid_instances; Magpie",
        False,
        _unfinished,
    ),
)
