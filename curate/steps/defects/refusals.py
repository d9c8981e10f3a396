"""Answers that refuse, in ten languages."""

from __future__ import annotations

import re

from ...literals import Literals
from .base import Pair, Signal, excerpt, texts

HEAD = 320  # characters in which a refusal announces itself
_TASK = (
    r"(?:\w+ly )?(?:be able to )?(?:help(?! but| it\b| feeling| wondering| myself)|assist|fulfil|comply|"
    r"provide|answer|complete|"
    r"generate|create|process|do (?:that|this|so|it|as|what)|write|give|offer|recommend|suggest|support|"
    r"engage|"
    r"discuss|share|tell|teach|encourage|promote|condone|advise|participate|produce|respond|continue|access|"
    r"browse|open|view|see (?:the|any|images|pictures)|translate|satisfy|accommodate|endorse|comment|"
    r"explain|disclose|reveal|perform|"
    r"execute|proceed|assume|speculate|predict|verify|search|look up|make (?:a |any |jokes|up|assumptions)|"
    r"summari[sz]e|analy[sz]e|fabricate|describe|"
    r"express|form|have (?:personal|opinions)|entertain|facilitate|guide|instruct|allow|talk about|conduct|"
    r"render|play)"
)
_UNABLE = (
    r"(?:can ?not|can['’]?t|could not|couldn['’]t|won['’]t|will not|am (?:currently |really |still )?(?:not "
    r"able|unable) to|"
    r"['’]m (?:currently |really |still )?(?:not able|unable) to|"
    r"(?:am|['’]m) not (?:going|allowed|permitted|programmed|designed|authori[sz]ed|equipped|capable|"
    r"trained|qualified|in a position|comfortable)"
    r"(?: of| to| with)?|do(?: not|n['’]t) feel comfortable|do(?: not|n['’]t) have the (?:ability|"
    r"capability|necessary information)(?: to)?|"
    r"would not be able to|must (?:respectfully |politely )?(?:decline|refuse) to|(?:have to|refuse to|"
    r"decline to))"
)
_OPENING = re.compile(
    r"\W*(?:i (?:strongly |firmly )?(?:condemn|disagree with (?:that|this|the) (?:sentiment|statement|"
    r"premise))|"
    r"i (?:must|have to|need to) (?:politely |respectfully )?(?:challenge|clarify|inform|remind|"
    r"emphasi[sz]e|advise)\b|"
    r"i do(?: not|n['’]t) (?:think|believe) (?:that )?it(?:['’]s| is| would be) (?:accurate|appropriate|"
    r"fair|right|ethical)|"
    r"(?:first(?:ly)?, )?it(?:['’]s| is)(?: important| crucial| essential)? ?(?:to (?:note|remember|"
    r"understand|recogni[sz]e) that [^.]{0,90})?"
    r"\b(?:not (?:ethical|appropriate|accurate|fair|right|okay|acceptable|an appropriate|morally)|(?:is |"
    r"are )?(?:illegal|unethical|never acceptable|never the answer|never okay)))|"
    r"[^.\n]{0,120}\bis (?:not only )?(?:illegal|unethical|wrong)\b[^.\n]{0,60}\b(?:in most|and (?:can|may|"
    r"is|it)|but)",
)
"""Matched at the start of an answer; `_ENGLISH` is looked for anywhere in its head."""
_ENGLISH = re.compile(
    rf"\b(?:i(?:, as an ai[^,]{{0,40}},| simply| really| just| also| therefore| strictly| absolutely| "
    rf"respectfully)? ?{_UNABLE} ?{_TASK}|"
    r"i (?:must|have to|need to) (?:respectfully |politely |strongly )?(?:decline|refuse)|"
    r"it(?:'s| is| would be|’s| would| may| might)(?: not| never)? (?:not|never|neither|highly|"
    r"completely|deeply)? ?(?:be )?(?:appropriate|inappropriate|ethical|unethical|"
    r"acceptable|unacceptable|within my)[^.]{0,60}(?:for me|(?:provide|share|create|generate|suggest|make|"
    r"write|engage|promote|ask|use|discuss))|"
    r"against my (?:programming|guidelines|policy|policies|principles|ethical|ethics|core|nature|purpose)|"
    r"violates? (?:my|our|openai|the) (?:content |usage |ethical )?(?:guidelines|polic)|"
    r"(?:my|the) (?:programming|guidelines|ethical guidelines|safety guidelines)[^.]{0,30}(?:prohibit|"
    r"prevent|do(?: not|n['’]t) allow)|"
    r"i (?:do not|don['’]t|am not able to) (?:provide|engage in|support|condone|generate|create|encourage|"
    r"promote|assist|have (?:the ability|enough information|sufficient))|"
    r"i am not able to\b|"
    r"(?:sorry|apologi[sz]e|apologies|afraid|unfortunately)[^.!]{0,40}\b(?:but )?(?:that|this|i)(?:['’]s| "
    r"is)? (?:not something i|beyond my|outside my|cannot|can['’]t|am unable|['’]m unable|not able)|"
    r"(?:this|that|your) (?:request|question|prompt|content)[^.]{0,40}(?:inappropriate|not appropriate|"
    r"violates|harmful|cannot be|can['’]t be (?:answered|fulfil|completed))|"
    r"no(?:t)? comment\b.{0,3}$)",
)
_SORRY = re.compile(
    r"^\W*(?:(?:i(?:['’]| a)?m |we(?:['’]| a)?re )?(?:\w+ )?(?:sorry|afraid)|(?:my |i )?(?:\w+ )?apolog(?:y|"
    r"ies|i[sz]e)|unfortunately|regrettably)\b"
    r"[^.!?\n]{0,60}\b(?:can(?:not|['’]?t)|(?<!was )(?<!were )(?:unable|not able)|won['’]t|will not|as an "
    r"ai|do(?: not|n['’]t) "
    r"have|am not|['’]m not|no information|not possible)",
)
_REFERRED = re.compile(
    r"^\W*(?:please |kindly |you (?:should|need to|will have to|must) |i (?:suggest|recommend) (?:that "
    r")?you )"
    r"(?:contact|consult|refer to|reach out to|ask|call|visit|speak (?:to|with)|get in touch with|try "
    r"again)\b[^.!\n]{0,70}[.!]?\s*$",
)
_FOREIGN = re.compile(
    # german
    r"(?:(?:es )?tut mir (?:sehr )?leid|entschuldigung|entschuldige|leider|ich "
    r"bedau[e]?re)[^.\n]{0,60}(?:kann|darf|nicht|keine?)\b[^.\n]{0,80}|"
    r"\bich (?:kann|darf|werde|bin)\b[^.\n]{0,50}\bnicht (?:in der lage|helfen|weiterhelfen|beantworten|"
    r"erfüllen|bereitstellen|unterstützen|erstellen|nachkommen|möglich)|"
    # french
    r"je (?:suis )?(?:vraiment |sincèrement )?(?:désolée?|regrette)[^.\n]{0,40}(?:ne (?:peux|suis|puis|"
    r"serai)|impossible)|"
    r"je ne (?:peux|puis|suis)(?: malheureusement)? pas (?:en mesure|vous|répondre|fournir|aider|accéder|"
    r"capable|autorisé|donner|faire|t['’]aider|générer)|malheureusement,? je ne|"
    # spanish, portuguese, italian
    r"(?:lo siento|lo lamento|disculp[ae]|perdón|lamentablemente|desafortunadamente)[^.\n]{0,40}\bno "
    r"(?:puedo|soy|tengo|me es|es posible|estoy)|"
    r"\bno (?:puedo|soy capaz de|estoy en condiciones de|me es posible) (?:ayudar|proporcionar|responder|"
    r"cumplir|ofrecer|generar|crear|asistir|brindar|dar|hacer|completar)|"
    r"(?:desculpe|sinto muito|lamento|infelizmente)[^.\n]{0,40}\bnão (?:posso|consigo|sou|tenho)|"
    r"(?:mi dispiace|mi spiace|purtroppo|spiacente)[^.\n]{0,40}\bnon (?:posso|sono|riesco|ho)|"
    # russian
    r"(?:извин\w+|прост\w+|прошу прощения|к сожалению|сожалею)[^.\n]{0,50}\bне (?:могу|смогу|в состоянии|"
    r"имею|способ\w+|умею)|"
    r"\bя не (?:могу|смогу|в состоянии) (?:помочь|ответить|предоставить|выполнить|создать|дать|обсуждать|"
    r"сделать|генерировать)|"
    # arabic
    r"(?:عذر|آسف|أعتذر|اعتذر|للأسف|المعذرة)[^.\n]{0,60}(?:لا (?:أستطيع|استطيع|يمكنني|أقدر|أملك|يمكن)|لن "
    r"أتمكن|غير قادر|لست قادر)|"
    r"(?:لا (?:أستطيع|استطيع|يمكنني)|لست قادرا على) (?:مساعدت|تقديم|الإجابة|المساعدة|تلبية|إنشاء|توفير|"
    r"تنفيذ)|"
    # chinese
    r"(?:抱歉|对不起|對不起|很遗憾|不好意思|遗憾)[^。\n]{0,40}(?:无法|無法|不能|不会|不可以|没有办法|没办法|"
    r"不方便|不支持|没有能力|不具备)|"
    r"我(?:无法|無法|不能|没有办法|没办法|不具备)(?:为您|为你|向您|直接)?(?:提供|回答|完成|帮助|协助|满足|"
    r"生成|访问|执行|处理|讨论|进行|创建|查看)|"
    # japanese
    r"(?:申し訳|すみません|ごめんなさい|残念ながら|恐れ入りますが)[^。\n]{0,60}(?:できません|できかね|"
    r"いたしかね|ません|出来ません|不可能)|"
    r"(?:お手伝い|お答え|ご提供|対応|提供|回答|お応え)(?:する(?:こと)?(?:は|が)?)?(?:でき(?:ません|ない)|"
    r"いたしかねます)|"
    # korean
    r"(?:죄송|미안|유감|안타깝)[^.\n]{0,60}(?:수 없|수가 없|못합|못해|않습니다|어렵습니다|불가)|"
    r"(?:도와드릴|제공할|답변할|답변드릴|도울|제공해 드릴|수행할) 수(?:가|는)? 없",
)
_ENGLISH_TRIGGERS = texts(
    "sorry¦apolog¦cannot¦can not¦can't¦can’t¦cant ¦unable¦not able¦won't¦won’t¦will not¦appropriate¦"
    "ethical¦acceptable¦unfortunately¦regrettably¦decline¦refuse¦comfortable¦against my¦violate¦"
    "don't have¦don’t have¦do not have¦i do not ¦i don't ¦i don’t ¦afraid¦i'm not ¦i’m not ¦"
    "i am not ¦guidelines¦no comment¦contact¦consult¦refer to¦reach out¦condemn¦disagree¦illegal¦"
    "i must¦i have to¦i need to¦not accurate¦not fair¦not right¦not okay¦never okay¦never the answer¦"
    "not morally¦is wrong¦not only wrong¦couldn't¦i could not¦try again¦speak to¦speak with¦"
    "please call¦please ask¦please visit"
)
_FOREIGN_TRIGGERS = texts(
    "leid¦entschuldig¦leider¦bedaure¦bedauere¦ich kann¦ich darf¦"
    "ich bin¦désolé¦regrette¦je ne ¦malheureusement¦lo siento¦lo lamento¦disculp¦perdón¦"
    "lamentablemente¦no puedo¦desafortunadamente¦no soy ¦no me es¦desculpe¦sinto muito¦lamento¦"
    "infelizmente¦mi dispiace¦mi spiace¦purtroppo¦spiacente¦извин¦прост¦прошу прощения¦к сожалению¦"
    "сожалею¦я не ¦عذر¦آسف¦أعتذر¦اعتذر¦للأسف¦لا أستطيع¦لا استطيع¦لا يمكنني¦لست قادر¦抱歉¦对不起¦對不起¦遗憾¦"
    "不好意思¦我无法¦我無法¦我不能¦我没¦我不具备¦申し訳¦すみません¦ごめんなさい¦残念ながら¦恐れ入り¦"
    "できません¦できない¦いたしかね¦죄송¦미안¦유감¦안타깝¦수 없¦수가 없¦수는 없"
)
_TRIGGERS = (*_ENGLISH_TRIGGERS, *_FOREIGN_TRIGGERS)
_NEAR = Literals({"English": _ENGLISH_TRIGGERS, "other": _FOREIGN_TRIGGERS})
_LETTER = re.compile(
    r"\b(?:letter|e-?mail|message|note|apolog\w+|reply|response|tweet|speech|text|poem|song|lyrics)\b", re.I
)
_SELF = re.compile(
    r"\bas an? (?:ai|language model|assistant)|\bjust an ai\b|\bas a (?:large )?language model", re.I
)


def refuses(response: str, prompt: str = "") -> bool:
    """Whether an answer announces at its start that it will not answer."""
    head = response[:HEAD].lower().split("</think>")[-1].strip()
    near = _NEAR.found(head)
    if "other" in near and _FOREIGN.search(head[:200]):
        return True
    if "English" not in near:
        return False
    referred = len(response) < 2 * HEAD and _REFERRED.match(head)
    told = _SORRY.match(head) or referred or _OPENING.match(head) or _ENGLISH.search(head)
    if not told:
        return False
    written = _LETTER.search(prompt[:200]) is not None and re.search(
        r"\b(?:write|compose|draft|create|generate)\b", prompt, re.I
    )
    return not written or _SELF.search(head) is not None


def _refusal(pair: Pair) -> str | None:
    if pair.asks_script and not _SELF.search(pair.response[:HEAD]):
        return None
    return excerpt(pair.response) if refuses(pair.response, pair.prompt) else None


SIGNALS = (
    Signal(
        "refusal",
        "The answer opens with a refusal or an apology instead of an answer.",
        "open-instruct filter_dataset_by_keywords; XSTest (Röttger et al. 2024) for what is a refusal",
        False,
        _refusal,
        _TRIGGERS,
    ),
)
