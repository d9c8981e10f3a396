"""Names of people: by the words around them, and by a list of first names."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from .spans import Span

_HERE = Path(__file__).parent
_U = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶĹĽŁŃŅŇŌŐŒŔŘŚŞŠȘŢŤȚŪŮŰŲŹŻŽ"
_CAP = rf"[{_U}](?:[^\W\d_]|['’-](?=[^\W\d_])){{1,30}}"
_PART = (
    r"(?:de la|de los|van der|van den|van de|von der|de|del|della|di|da|dos|das|du|van|von|zu|bin|ibn|"
    r"al|el|ter|ten|den|y|e|le|la)"
)
_NAME = rf"(?:{_CAP}|[{_U}]\.)(?:(?: {_PART})? (?:{_CAP}|[{_U}]\.?(?=[ ,.\n]))){{0,3}}"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Herr|Herrn|Frau|Monsieur|Madame|Mme|M\.|"
    r"Señora?|Sra?|Signora?|Sig|Senhora?|Don|Doña|Rev|Sgt|Capt|Lt|Col)\.?"
)
_INTRODUCED = re.compile(
    r"(?:(?i:\bmy (?:full |first |last )?name(?:'s| is)|\bname is|\bnamed|\bi am called|\bthey call me|"
    r"\bmein name ist|\bich hei(?:ß|ss)e|"
    r"\bje m'appelle|\bmon nom est|\bme llamo|\bmi nombre es|\bmi chiamo|\bil mio nome è|\bmeu nome é|"
    r"\bme chamo|\bmijn naam is|\bik heet|"
    r"\bjeg heter|\bjag heter|\bjeg hedder|\bnazywam się|\bmeno je|\bjmenuji se)\s+"
    r"|\b(?:Name|Full name|First name|Last name|Customer|Client|Patient|Contact|Employee|Applicant|"
    r"Cardholder|Account holder|Recipient|"
    r"Sender|From|To|Attn|Attention|User|Signed|Signature|Kunde|Nom|Nombre|Nome|Naam)(?: name)?\s?: *"
    r"|\b(?i:signed)(?: by|,)? +|\b(?:Dear|Liebe[r]?|Lieber|Cher|Chère|Querid[oa]|Estimad[oa]|Gentile|"
    r"Car[oa]|Prezad[oa]|Beste|Kære|Kjære|Hej) "
    r"|\b(?i:patient|customer|client|employee|applicant|tenant|nurse|colleague|neighbou?r|student|"
    r"attorney|contact|manager|agent|passenger|"
    r"beneficiary|account holder|cardholder|insured|claimant|witness|defendant|plaintiff|supervisor|"
    r"landlord|teacher|attn:?|c/o) (?:is |was |named |called )?"
    r"|\b(?i:asked for|speak (?:to|with)|spoke (?:to|with)|talk(?:ed)? (?:to|with)|appointment (?:for|"
    r"with)|on behalf of|belongs? to|registered to|"
    r"addressed to|in the name of|under the name(?: of)?|issued to|met with|ask for) "
    rf"|\b{_TITLE} )(?:{_TITLE} )?"
    rf"({_NAME})"
)
_GREETED = re.compile(
    rf"\b(?:Hi|Hello|Hey|Hola|Hallo|Bonjour|Ciao|Olá|Good (?:morning|afternoon|evening)|Thanks|Thank you|"
    rf"Many thanks|Danke|Merci|Gracias|"
    rf"Sorry|Welcome(?: back)?|Goodbye|Bye|Congratulations|I am|I'm|[Tt]his is|[Cc]all me|[Ii]t's|[Ii]t "
    rf"is|Ich bin|Je suis|Soy|Sono|Sou)"
    rf"(?:,| to)? (?:I'm |I am |this is |it's )?({_NAME})"
)
_TOLD_OF = re.compile(
    r"(?:(?i:\b(?:call|contact|e-?mail|reach|phone|message|invite|remind|notify|meet|text|ask|tell|"
    r"refund|pay|visit|"
    r"charge|transfer|card of|account of|file of) "
    r"|[\"']?\b(?:\w+[ _-])?name[\"']? ?[:=] ?[\"']?)|\b(?:(?:[Ss]hip|[Ss]end|[Dd]eliver|[Bb]ill)(?:ped|"
    r"ed)? to:?\s+|ATTN:? ))"
    rf"({_NAME})"
)
_ACTING = re.compile(
    rf"(?:^|[\n.!?:] ?)({_CAP}(?: [{_U}]\.)?(?: {_PART})? {_CAP})(?= (?:called|wrote|asked|said|"
    rf"e-?mailed|reported|lives|"
    rf"works|phoned|complained|requested|needs|wants|paid|signed|replied|is calling|has called|has asked|"
    rf"moved|ordered)\b)"
)
_SIGNED_OFF = re.compile(
    r"(?i:\b(?:(?:kind|best|warm|many)?\s*regards|sincerely(?: yours)?|yours (?:truly|sincerely|"
    r"faithfully)|best(?: wishes)?|cheers|thanks(?: again)?|"
    r"thank you|love|mit freundlichen grüßen|viele grüße|liebe grüße|mfg|cordialement|bien à vous|"
    r"saludos(?: cordiales)?|atentamente|"
    r"cordiali saluti|distinti saluti|atenciosamente|met vriendelijke groet|med vänlig hälsning))\s*[,"
    r"!.]?\s*(?:\n\s*|[-–—] ?)"
    rf"({_NAME})(?=\s*(?:\n|$|[,.'\"”]))"
)
_SPEAKER = re.compile(rf"(?:^|\n)[ \t>*]*({_CAP}(?: {_CAP})?) ?:(?=\s)")
_MAILED = re.compile(rf"({_NAME}) ?[<(]\[?[\w.+%-]+@[\w-]+\.[\w.-]+")
_BEFORE_CONTACT = re.compile(
    rf"(?:^|\n)[ \t]*({_NAME})[ \t]*\n(?:[^\n@\d]{{0,60}}\n){{0,2}}[^\n]{{0,24}}?(?:[\w.+%-]+@[\w-]+\.\w|"
    rf"\+?\(?\d[\d ().-]{{6,}}|\d{{1,5}}[A-Z]? {_CAP} {_CAP})"
)
_SMALL = re.compile(r"(?i:\bmy name(?:'s| is)|\bname:) ([a-zà-ÿ][\w'-]+)(?: ([a-zà-ÿ][\w'-]+))?")
_PAIR = re.compile(rf"(?<![\w@/.#-])({_CAP})((?: [{_U}]\.?)?(?: {_PART})?(?: {_CAP}){{1,2}})(?![\w@/])")
_ALONE = re.compile(
    rf"(?<![{_U}\w.'’-] )(?<![\w@/.#-])({_CAP})(?=(?:['’]s)? (?:is|was|has|had|says|said|lives|lived|"
    rf"will|went|told|asked|wants|wanted|"
    rf"needs|needed|called|began|came|works|worked|likes|loves|shouted|gave|did|does|can|could|would|"
    rf"never|always|thinks|knows|and)\b)"
    rf"|\b(?:and|with|tell|told|ask|asked|named|given|at|to|for|from|kid|son|daughter|wife|husband|"
    rf"brother|sister|friend|cousin|"
    rf"uncle|aunt|boss|roommate|girlfriend|boyfriend|partner) ({_CAP})(?=[.,;:!?\n]| [a-z]|$)"
    rf"|(?<=, )({_CAP})(?=, | and |\?)"
)
_POSSESSIVE = re.compile(r"['’]s$")
NOT_NAMES = frozenset(
    """Sir Madam Sirs Customer Customers Client Team Support Service Services Hiring Manager Friend
    Friends All Everyone Colleague Colleagues Diary Santa Mom Mum Dad Mother Father Student
    Students Parent Parents Reader Readers Editor User Users Valued Members Member Committee Human
    Resources Admin Administrator Doctor Professor Teacher The This That These Those Your Our My
    His Her Their Its And Or But If When Where What Who Why How Which Please Thank Thanks Hello Hi
    Hey Yes No Not Is Are Was Were Will Would Can Could Should May Might Do Does Did Has Have Had
    Here There Then Now Today Tomorrow Yesterday Monday Tuesday Wednesday Thursday Friday Saturday
    Sunday January February March April June July August September October November December Street
    Road Avenue Lane Drive Company Inc Ltd Corp LLC GmbH Bank University College School Hospital
    Institute Department Office Center Centre City County State Island Islands River Lake Mountain
    Mountains Park Beach Bay Church Station Airport Hotel Museum Theatre Theater Stadium Bridge
    Tower Castle Palace Union Republic Kingdom States America American British English French
    German Spanish Italian Chinese Japanese Indian Russian European African Asian North South East
    West Northern Southern Eastern Western New Old Great First Second Third Best Kind Regards
    Sincerely Dear Subject Re Fwd Email Phone Tel Fax Mobile Address Date Name Order Number Account
    Password Login IBAN SSN DOB Card Credit Visa AI API URL HTML CSS SQL Python Java JavaScript
    Linux Windows Google Amazon Microsoft Apple Facebook Twitter Theorem Law Theory Effect Award
    Prize Cup League War Day Night Week Month Year Christmas Easter God Jesus Christ Mr Mrs Ms Miss
    Dr Prof Assistant Human Bot Alexa Siri Chatbot Model Language One Two Three A I It In On At To
    From By For With Of As So Me You We They He She Happy Good Looking Let Just Also In-depth Info
    Apt Suite Unit Box Flat Floor Terrace Pass Extensions Elementary High Middle Airlines Records
    Football Club Band Orchestra Express Times Post Journal Magazine News Tribune Technologies
    Systems Group Partners ID I'm It's I've I'll I'd Let's What's That's Here's""".split()
)
_GENERAL = re.compile(
    r"(?:\bwho (?:was|is|were|are|wrote|invented|discovered|painted|composed)\b(?: the)?|\b(?:when|"
    r"where|how|why|"
    r"what) (?:was|is|did|does|has|had)|\bbiography of|\blife (?:and \w+ )?of|\bworks? of|"
    r"\bpoems? of|\bcompar\w+|\bdifference\w* between|\b(?:written|composed|directed|painted|sung|"
    r"founded|invented|discovered|produced|starring|"
    r"performed|authored|illustrated|recorded|novel|book|play|poem|song|film|movie|painting|album|"
    r"symphony|opera|essay|article|story|quote|speech) by|"
    r"\bquote from|\bPresident|\bKing|\bQueen|\bPope|\bSaint|\bEmperor|\bSenator|\bauthor|\bactor|"
    r"\bactress|\bsinger|\bphysicist|\bcomposer|\bpainter|"
    r"\bphilosopher|\bpoet|\bdirector|\bby|\babout)\s*$",
    re.IGNORECASE,
)
_LEARNED = re.compile(
    r"^(?:['’]s? (?:theor|law|novel|play|paint|poem|symphon|work|book|theorem|equation|conjecture|"
    r"paradox|album|film|song|principle|method)|"
    r" ?\((?:born|c\.|\d{3,4})|,? (?:was|is|were) (?:an?|the) |,? an? (?:American|British|English|"
    r"French|German|famous|renowned) |"
    r" (?:University|College|Airport|Award|Prize|Foundation|Institute|Museum|Stadium|Street|Avenue))",
)


_PRIVATE = re.compile(
    r"(?:name|dear|signed|regards|patient|customer|thanks|hi|hello|mr\.?|mrs\.?|ms\.?)[,:\s]*(?:is )?$",
    re.IGNORECASE,
)
"""Words after which even a famous name is that of somebody who writes or is written to."""


@functools.cache
def first_names() -> tuple[frozenset[str], frozenset[str]]:
    """Known first names, and those of them that are words as well."""
    lines = [x for x in (_HERE / "first_names.txt").read_text(encoding="utf-8").splitlines() if x[:1] != "#"]
    cut = lines.index("[words]")
    return frozenset(" ".join(lines[:cut]).split()), frozenset(" ".join(lines[cut + 1 :]).split())


@functools.cache
def famous() -> frozenset[str]:
    """Surnames of people whom general knowledge is about."""
    lines = (_HERE / "famous.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(" ".join(x for x in lines if x[:1] != "#").split())


def names(text: str) -> Iterator[Span]:
    """Names of people who are addressed, introduce themselves, sign, or are called by first and last name."""
    for pattern in (_INTRODUCED, _SIGNED_OFF, _MAILED):
        for found in pattern.finditer(text):
            yield from _name_at(text, *found.span(1), bool)
    for pattern in (_TOLD_OF, _ACTING):
        for found in pattern.finditer(text):
            yield from _name_at(text, *found.span(1), _is_full)
    for pattern in (_BEFORE_CONTACT, _GREETED):
        for found in pattern.finditer(text):
            yield from _name_at(
                text, *found.span(1), lambda words: len(words) > 1 or _is_first_name(words[0])
            )
    for found in _SPEAKER.finditer(text):
        yield from _name_at(text, *found.span(1), _is_first)
    for found in _SMALL.finditer(text):
        if _is_first_name(found[1].capitalize()):
            yield Span(found.start(1), found.end(), "person")
    yield from _alone(text)
    yield from _paired(text)


def _is_full(words: list[str]) -> bool:
    return len(words) > 1


def _is_whole(words: list[str]) -> bool:
    return len(words) > 1 or _is_first(words)


def _is_first(words: list[str]) -> bool:
    return bool(words) and _is_first_name(words[0])


def _is_first_name(word: str) -> bool:
    return word in first_names()[0]


def _alone(text: str) -> Iterator[Span]:
    """Known first names by themselves, where the next or the last word is one that people have beside."""
    for found in _ALONE.finditer(text):
        start, end = found.span(found.lastindex or 1)
        general = _GENERAL.search(text[max(0, found.start() - 40) : found.start()])
        if _is_first_name(text[start:end]) and text[start:end] not in famous() and not general:
            yield Span(start, end, "person")


def _paired(text: str) -> Iterator[Span]:
    """Known first names before another word with a capital, but for people whom all know."""
    plain, words_too = first_names()

    def is_name(words: list[str]) -> bool:
        doubtful = words[0] in words_too and words[-1] in plain | words_too
        return len(words) > 1 and not doubtful

    for found in _PAIR.finditer(text):
        if found[1] in plain or found[1] in words_too:
            for span in _name_at(text, *found.span(), is_name):
                if not _is_famous(text, span):
                    yield span


def _name_at(text: str, start: int, end: int, is_name: Callable[[list[str]], bool]) -> Iterator[Span]:
    """The name as far as its words can be one, without its title; nothing where they cannot."""
    words = _POSSESSIVE.sub("", text[start:end]).split(" ")
    while words and re.fullmatch(_TITLE, words[0]):
        start += len(words.pop(0)) + 1
    kept = list(itertools.takewhile(_can_be_a_name, words))
    while kept and re.fullmatch(_PART, kept[-1]):
        kept.pop()
    end = start + len(" ".join(kept))
    if end - start > 1 and is_name(kept):
        yield Span(start, end, "person")


def _can_be_a_name(word: str) -> bool:
    bare = word.strip(".,")
    return bare not in NOT_NAMES and not (len(bare) > 1 and bare.isupper())


def _is_famous(text: str, span: Span) -> bool:
    """Whether a question of general knowledge is about the person, as far as the words around tell."""
    before = text[max(0, span.start - 40) : span.start]
    if text[span.start : span.end].split(" ")[-1] in famous() and not _PRIVATE.search(before):
        return True
    return bool(_GENERAL.search(before) or _LEARNED.match(text[span.end : span.end + 40]))
