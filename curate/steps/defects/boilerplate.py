"""Phrases of an assistant that talks about itself: being an AI, its cut-off, another maker."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts

_SELF = re.compile(
    r"\bas an? (?:ai|a\.i\.|artificial intelligence|large language model|language model|virtual assistant|"
    r"chatbot|text-based)\b|"
    r"\bi(?:'|’| a)m (?:just |only |merely |simply )?an? (?:ai|a\.i\.|artificial intelligence|large "
    r"language model|language model|"
    r"virtual assistant|computer program|chatbot)\b|"
    r"\b(?:als (?:eine? )?(?:ki|künstliche intelligenz|(?:ki-)?sprachmodell)|ich bin (?:nur )?(?:eine? "
    r")?(?:ki|künstliche intelligenz|sprachmodell))\b|"
    r"\ben tant qu(?:['’]|e )(?:une? )?(?:ia|intelligence artificielle|(?:grand )?modèle (?:de langage|"
    r"linguistique)|assistant virtuel)\b|"
    r"\bje suis (?:juste |seulement )?une? (?:ia|intelligence artificielle|modèle de langage)\b|"
    r"\b(?:como|soy) (?:un |una )?(?:modelo de (?:lenguaje|linguagem)|inteligencia artificial|ia\b|"
    r"asistente virtual)|"
    r"作为(?:一个|一名|一款|一种)?(?:ai|人工智能|大型?语言模型|语言模型|聊天机器人)|我(?:只)?是(?:一个|一名|"
    r"一款)?(?:ai|人工智能|大型?语言模型|语言模型)|"
    r"(?:ai|人工知能|大規模言語モデル|言語モデル)(?:アシスタント|モデル|言語モデル)?として|私は(?:ai|"
    r"人工知能|言語モデル)|"
    r"(?:ai|인공지능|언어)(?: 언어)?(?: ?모델| 어시스턴트)?(?:로서|이기 때문|이므로|입니다)|"
    r"\b(?:как|я[ ,—-]+(?:всего лишь )?) ?(?:(?:большая )?языковая модель|искусственный интеллект|ии\b|"
    r"нейросеть)|"
    r"(?:بصفتي|باعتباري|كوني|كنموذج|أنا (?:مجرد )?)(?: ?(?:نموذج|ذكاء|لغ|مساعد))",
)
_ABOUT_AI = re.compile(
    r"language model|\bAIs?\b|artificial intelligence|chat ?bot|\bwho are you|\bare you\b|your name|robot|"
    r"chatgpt|"
    r"人工智能|你是|AI|人工知能|인공지능|искусственн|KI\b|\bIA\b",
)
_CUTOFF = re.compile(
    r"\b(?:my|the model['’]s) (?:knowledge|training)(?: data)? (?:cut-?off|ends|only (?:goes|extends)|is "
    r"(?:limited|current|up to date)|stops|was last)|"
    r"\bknowledge cut-?off|\btraining cut-?off|\b(?:as of|up (?:to|until)|since|at the time of) my (?:last|"
    r"latest|most recent|knowledge|training)\b|"
    r"\bmy (?:last|latest|most recent) (?:knowledge |training )?(?:update|training)\b|"
    r"\bi (?:only )?(?:have|was trained on) (?:knowledge|information|data) (?:only )?(?:up to|until) \w+|"
    r"\bas of (?:\w+ )?20[12]\d, (?:which is )?(?:my|the (?:last|latest) (?:date|update) (?:of|in) my)|"
    r"\bi (?:do not|don['’]t|cannot|can['’]t) have (?:access to )?(?:real-time|current|live|up-to-date) "
    r"(?:information|data|news|access)|"
    r"\b(?:mein(?:em)? (?:letztes update|wissensstand|kenntnisstand|letzten update)|wissensstichtag)|"
    r"\b(?:ma dernière mise à jour|mes connaissances s['’]arrêtent|date limite de mes connaissances)|"
    r"\b(?:mi última actualización|mi fecha de corte|mi conocimiento (?:llega|está limitado))|"
    r"(?:截至|截止(?:到|至)?|直到)[^。，\n]{0,12}(?:我的|知识|训练)|我的(?:知识|训练数据|"
    r"数据)(?:库)?(?:截止|截至|只)|知识截止|"
    r"(?:私の)?(?:知識|学習データ|最終更新)(?:は|の)[^。\n]{0,16}(?:まで|時点|カットオフ)|"
    r"(?:제 (?:지식|학습 데이터)|마지막 업데이트)[^.\n]{0,20}(?:까지|기준)|"
    r"\b(?:мо(?:и|их|ё|е) (?:знани\w+|последн\w+ обновлени\w+|данные обучения)|последнего обновления моих)|"
    r"(?:آخر تحديث لي|تاريخ آخر تحديث|معرفتي (?:تقتصر|محدودة|حتى))",
)
_NAMES = (
    r"chat ?gpt|gpt-?[345]\w*|claude|gemini|bard|bing chat|(?:microsoft )?copilot|llama|alpaca|vicuna|moss|"
    r"open ?assistant|qwen|"
    r"tongyi|deepseek|ernie(?: bot)?|chatglm|glm-\d|kimi|grok|mistral|mixtral|doubao|baichuan|falcon|phi-\d|"
    r"palm ?2?|lamda|dolly|koala|stablelm"
)
_MAKERS = (
    r"open ?ai|anthropic|google(?: deepmind| ai| brain)?|deepmind|meta(?: ai)?|facebook|microsoft|"
    r"alibaba(?: cloud)?|"
    r"deepseek|mistral ?ai|moonshot(?: ai)?|baidu|zhipu(?: ai)?|xai|cohere|tencent|bytedance|laion|"
    r"databricks|stability ai|fudan\w*|huggingface"
)
_IDENTITY = re.compile(
    rf"\bi(?:'|’| a)m (?:called |named )?(?:{_NAMES})\b(?!['’]s)|\bmy name is (?:chat ?gpt|open ?assistant|"
    rf"qwen|deepseek|moss|vicuna|chatglm)\b|"
    rf"\bi (?:was|am|have been)[^.\n]{{0,30}}\b(?:trained|created|developed|made|built|designed|released) "
    rf"by (?:{_MAKERS})\b|"
    rf"\b(?:language model|ai|assistant|chatbot)(?: model)?,? (?:\w+ )?(?:that (?:was|is) )?(?:trained|"
    rf"created|developed|made|built|designed) by (?:{_MAKERS})\b|"
    rf"\b(?:ich bin|je suis|soy|sono|я(?: —| -)?|eu sou) (?:{_NAMES})\b|"
    r"我(?:是|叫)(?:由[^。，]{0,12}(?:开发|训练|研发)的)?(?:chatgpt|通义千问|文心一言|讯飞星火|kimi|豆包|"
    r"deepseek|智谱|claude|qwen|moss|"
    r"chatglm)|"
    r"(?:由|被)(?:openai|百度|阿里|腾讯|智谱|复旦大学|深度求索|anthropic|谷歌|google)[^。，\n]{0,12}(?:开发|"
    r"训练|研发|创建|创造)|"
    rf"私は(?:{_NAMES})|저는 (?:{_NAMES})|أنا (?:{_NAMES}|شات جي بي تي)",
)


def _self_reference(pair: Pair) -> str | None:
    found = _SELF.search(pair.lower)
    if not found or _ABOUT_AI.search(pair.prompt) or pair.asks_script:
        return None
    return excerpt(pair.response, max(found.start() - 10, 0))


def _cutoff(pair: Pair) -> str | None:
    found = _CUTOFF.search(pair.lower)
    if not found or "cutoff" in pair.prompt_lower or "cut-off" in pair.prompt_lower:
        return None
    return excerpt(pair.response, max(found.start() - 20, 0))


def _identity(pair: Pair) -> str | None:
    found = _IDENTITY.search(pair.lower)
    return excerpt(pair.response, max(found.start() - 10, 0)) if found else None


SIGNALS = (
    Signal(
        "ai_self_reference",
        "The answer talks about being an AI.",
        "AlpacaDataCleaned and ShareGPT cleaning scripts: 'as an AI language model'",
        False,
        _self_reference,
        texts(
            "as an ai¦as an a.i¦m an ai¦just an ai¦only an ai¦an artificial intelligence¦"
            "language model¦chatbot¦virtual assistant¦computer program¦text-based¦"
            "künstliche intelligenz¦sprachmodell¦ ki ¦ ki,¦en tant qu¦intelligence artificielle¦"
            "modèle de langage¦modelo de l¦inteligencia artificial¦como ia¦soy una ia¦人工智能¦语言模型¦"
            "作为ai¦"
            "作为一个ai¦是一个ai¦是ai¦人工知能¦言語モデル¦aiとして¦aiアシスタントとして¦인공지능¦언어 모델¦"
            "ai로서¦ai 모델¦языковая модель¦"
            "искусственный интеллект¦как ии¦нейросеть¦بصفتي¦باعتباري¦كوني¦كنموذج¦أنا نموذج¦أنا مجرد"
        ),
    ),
    Signal(
        "knowledge_cutoff",
        "The answer talks about its own knowledge cut-off.",
        "open-instruct filter_cutoff_date",
        False,
        _cutoff,
        texts(
            "knowledge cut¦knowledge is¦knowledge only¦knowledge ends¦knowledge stops¦my knowledge¦training "
            "cut¦my training¦my last¦my latest¦my most recent¦real-time¦up-to-date information¦"
            "i was trained on¦i have data¦i have information¦current information¦wissensstand¦"
            "kenntnisstand¦letztes update¦letzten update¦wissensstichtag¦mise à jour¦"
            "mes connaissances¦última actualización¦fecha de corte¦mi conocimiento¦截至¦截止¦我的知识¦"
            "我的训练¦"
            "知識は¦学習データ¦最終更新¦제 지식¦학습 데이터¦마지막 업데이트¦мои знани¦моих знани¦последнего "
            "обновлени¦آخر تحديث¦"
            "معرفتي"
        ),
    ),
    Signal(
        "foreign_identity",
        "The answer says that it is another company's assistant.",
        "Tulu 3 (Lambert et al. 2024), removal of other models' identities",
        False,
        _identity,
        texts(
            "chatgpt¦chat gpt¦gpt-¦claude¦gemini¦bard¦bing chat¦copilot¦llama¦alpaca¦vicuna¦moss¦"
            "openassistant¦open assistant¦qwen¦tongyi¦deepseek¦ernie¦chatglm¦glm-¦kimi¦grok¦mistral¦"
            "mixtral¦doubao¦baichuan¦falcon¦by openai¦by open ai¦by anthropic¦by google¦by meta¦"
            "by facebook¦by microsoft¦by alibaba¦by moonshot¦by baidu¦by zhipu¦by xai¦by cohere¦"
            "by tencent¦by bytedance¦by laion¦by databricks¦by stability¦by deepmind¦by fudan¦openai¦"
            "通义千问¦文心一言¦讯飞星火¦豆包¦智谱¦百度¦阿里¦腾讯¦复旦¦深度求索"
        ),
    ),
)
