"""Opening verbs, phrases and example prompts of each task type; written for this package."""

from __future__ import annotations

COURTESY = (
    r"(?:\W|(?:please|kindly|now|hi|hello|hey|bitte|s'il vous plaît|пожалуйста|请|"
    r"(?:can|could|would|will) you(?: please)?|i (?:want|need|would like) you to|i'd like you to|"
    r"help me(?: to)?|"
    r"you (?:need|have) to|your task is to|i need to|task:|instruction:|q:|question:)\b)*"
)
"""What may stand before the verb, in lower case."""

# fmt: off
# fmt: off
OPENINGS: dict[str, str] = {
    "translation": (
        r"translate\b|übersetz|tradu(?:is|ire|isez|ce|cir|zir)\b|перевед|перевод|翻译|将.{0,12}翻译|"
        r"把.{0,12}翻译|how (?:do|would) (?:you|i) say\b"
    ),
    "summarisation": (
        r"summari[sz]e\b|(?:write|give|provide|create|generate|make)(?: me)? (?:a |an |"
        r"the )?(?:\w+[ -]){0,3}summary\b|condense\b|tl;?dr|fass(?:en|e)?\b.{0,60}zusammen|"
        r"zusammenfass|résume[rz]?\b|кратко|总结|概括|摘要"
    ),
    "rewriting": (
        r"re-?write\b|rephrase\b|paraphrase\b|reword\b|edit\b|proofread\b|revise\b|correct\b|"
        r"fix the (?:grammar|spelling|sentence|punctuation)|improve the\b|simplify th|shorten\b|"
        r"expand (?:on )?th|transform the|convert the (?:following )?(?:sentence|text|paragraph|"
        r"passage)|change the (?:\w+ ){0,4}(?:tense|voice|tone|sentence)|replace the|rearrange|reorder|"
        r"re-?arrange|combine (?:the|these)|make the (?:following )?(?:sentence|text)|"
        r"schreib\w* .{0,40}\bum\b|(?:ver)?ändere\b|bearbeite\b|korrigier|ersetze\b|formulier|réécri|"
        r"reformule|перепиши|改写|重写|修改|编辑以下|润色|将.{0,12}改|把.{0,12}改"
    ),
    "extraction": (
        r"extract\b|pull out|(?:find|identify|list|underline|highlight) (?:all |the |every |any |"
        r"each )+(?:\w+ ){0,3}(?:in|from|mentioned|within|of the (?:following|given)?\s?(?:text|"
        r"sentence|passage))\b|identify (?:the|all|any) (?:\w+ )?(?:noun|verb|adjective|subject|entit|"
        r"name|keyword|key ?word|error)|which (?:\w+ ){0,3}(?:are|is) mentioned|extrahier|extrai[st]|"
        r"извлеки|提取|抽取|找出"
    ),
    "classification": (
        r"classif|categori[sz]e\b|label (?:the|each|this)|determine (?:if|whether|"
        r"the (?:\w+ )?(?:sentiment|type|category|class|topic|genre|tone|mood))|(?:is|are) (?:the|this|"
        r"these) (?:\w+ ){0,4}(?:positive|negative|spam|true|fact)|decide (?:if|whether)|rate the|"
        r"detect (?:if|whether|the)|sort (?:the|these) (?:\w+ ){0,4}into|group the|tell me (?:if|"
        r"whether)|predict (?:the )?(?:sentiment|category|label|rating)|which (?:category|class|"
        r"section|topic|kind)|identify (?:if|whether|which|the (?:sentiment|tone|type|genre|category|"
        r"part of speech))|klassifizier|ordne\b|class(?:e[rz]?|ifie\w*)\b|классифицируй|определи|分类|"
        r"判断|归类"
    ),
    "brainstorming": (
        r"brainstorm|(?:list|name) (?:the |some |\w+ )?(?:\w+ )?(?:advantages|disadvantages|benefits|"
        r"ways|reasons|uses|pros|tips|examples|countries|items|things|features|characteristics)\b|"
        r"suggest\b|recommend\b|come up with|propose\b|think of|(?:give|list|name|provide|generate|"
        r"tell|write|create|make|offer|share|find|identify|state)(?: me| us)?(?: up to| at least|"
        r" about)? (?:\d+|a (?:list|few|couple)|some|two|three|four|five|six|seven|eight|nine|ten|"
        r"twenty|several|ideas?)\b|what are (?:some|\d+|three|five|good)\b|nenne\b|schlag\b|liste\b|"
        r"finde (?:drei|fünf|zehn)|erfinde\b|donne[rz]?(?:-moi)? (?:des|une liste|\w+ (?:idées|"
        r"exemples))|propose[rz]?\b|suggère|предлож|придумай|назови|перечисли|列出|说出|列举|提出|建议|"
        r"推荐|给出.{0,4}[个种条]"
    ),
    "code": (
        r"(?:write|create|implement|develop|design|build|make|generate|code|construct|give|provide|"
        r"edit|modify|fix|debug|optimi[sz]e|refactor|rewrite|complete|add|show|produce|define|convert|"
        r"use|find|correct|improve|update|change)(?: me)?(?: an?| the| this| some| your)? (?:\w+[ -]|"
        r"[^ ]{1,14} ){0,5}?(?:function|program|script|code|class|quer(?:y|ies)|regex|"
        r"regular expression|algorithm|snippet|api|html|css|sql|python|java\w*|c\+\+|c#|react|webpage|"
        r"web page|website|command|loop|method|compiler|app|application|database|stored procedure|"
        r"json)\b|implement\b|debug\b|refactor\b|编写|写一个?.{0,12}(?:函数|程序|代码|脚本)|实现"
    ),
    "math": (
        r"calculate\b|compute\b|solve\b|evaluate the (?:expression|integral|sum)|"
        r"simplify the (?:expression|fraction)|find the (?:value|sum|product|area|perimeter|volume|"
        r"square root|derivative|integral|mean|median|mode|average|greatest common|least common|gcd|"
        r"lcm|roots?|slope|number|probability)|what is (?:the )?(?:value|sum|product|square root|area|"
        r"\d)|convert \d|how (?:many|much) .{0,60}\d|factori[sz]e\b|multiply\b|divide\b|add \d|"
        r"subtract|round \d|if \w+ (?:has|have|had|buys?) \d|berechne|löse\b|"
        r"konstruier\w* .{0,10}gleichung|calcule[rz]?\b|résou|вычисли|посчитай|реши|计算|求解|求出|"
        r"解方程"
    ),
    "role play": (
        r"role-?play|pretend\b|act as\b|acting as\b|imagine (?:you|that you|yourself)|you are\b|"
        r"as an? (?:[\w'-]+ ){1,4}?[\w'-]+, |assume the role|speak (?:as|like)|talk (?:as|like)|"
        r"from the (?:perspective|point of view) of|take on the role|play the role|i want you to act|"
        r"spiel\b|du bist\b|stell dir vor|imagine[rz]? que (?:tu|vous)|tu es\b|représente|представь|"
        r"ты —|假设你|假装|扮演|你是一|你现在是"
    ),
    "writing": (
        r"(?:write|compose|draft|create|craft|generate|produce|make up|tell|prepare|author|pen|"
        r"construct|develop|design|make|give|continue|complete|finish|begin|start|invent|form)(?: me|"
        r" us)?(?: an?| the| this| your| out)? (?:[\w'-]+[ ,]+){0,5}?(?:story|stories|poem|haiku|"
        r"sonnet|limerick|essay|letter|e-?mail|article|blog|post|paragraph|speech|guide|tutorial|"
        r"instructions|meme|song|lyrics|verse|rap|dialogue|conversation|script|scene|slogan|tagline|"
        r"headline|title|tweet|caption|review|report|description|biography|bio|obituary|advert\w*|ad|"
        r"announcement|invitation|note|message|press release|product|resume|cover|sentences?|joke|"
        r"riddle|metaphor|simile|analogy|quote|memo|fable|tale|narrative|monologue|plot|introduction|"
        r"conclusion|proposal|recipe|plan|schedule|itinerary|outline|argument|persona|profile|"
        r"character|statement|presentation|thank you)\b|write about|schreib|verfass|erstell|erzähl|"
        r"verwende .{0,60}(?:gedicht|geschichte)|écri[stvr]|rédige|compose[rz]?\b|напиши|сочини|"
        r"составь|写一|撰写|创作|编写一[个篇段]|生成一|续写"
    ),
    "question answering": (
        r"what|who|whom|whose|which|when|where|why|how|is\b|are\b|was\b|were\b|do\b|does|did|explain|"
        r"describe|define|tell me|compare|contrast|discuss|answer\b|name the|name an?\b|state the|"
        r"give (?:an|the) (?:example|definition|meaning)|elaborate|analy[sz]e|outline|"
        r"provide (?:an? )?(?:explanation|definition|example|information|details)|clarify|should|was\b|"
        r"wer\b|wie\b|wo\b|wann\b|warum|welche|erklär|beschreib|definier|vergleich|qu'est|quel|qui\b|"
        r"que\b|comment\b|pourquoi|où\b|quand\b|explique|décri|défini|что|кто|где|когда|почему|как|"
        r"объясни|опиши|什么|谁|为什么|如何|怎么|解释|描述|说明|比较|介绍|请问|哪"
    ),
}
"""Task to a pattern of openings, in lower case; an opening counts for the first that fits."""

PHRASES: dict[str, tuple[str, ...]] = {
    "translation": (
        "translate", "translation", "übersetz", "traduire", "traduction", "翻译", "перевод",
        "переведи", "into french", "into spanish", "into german", "into english", "to french",
        "to spanish",
    ),
    "summarisation": (
        "summarize", "summarise", "summary", "main points", "main idea", "key points",
        "in one sentence", "tl;dr", "zusammenfass", "résumé de", "résumer", "总结", "概括", "摘要",
        "краткое",
    ),
    "rewriting": (
        "rewrite", "rephrase", "paraphrase", "grammar", "proofread", "more concise", "active voice",
        "passive voice", "past tense", "reword", "spelling", "改写", "重写", "перепиши", "reformule",
    ),
    "extraction": (
        "extract", "named entit", "from the text", "from the passage", "from the following text",
        "keywords", "mentioned in the", "span of", "提取", "抽取", "entities",
    ),
    "classification": (
        "classify", "categorize", "categorise", "sentiment", "positive or negative", "true or false",
        "yes or no", "spam", "which category", "which of the following", "choices:", "options:",
        "entail", "agree or disagree", "fact or opinion", "odd one out", "star rating", "is it true",
        "分类", "情感", "klassifizier", "classifi", "following categories", "multiple choice",
        "rating of",
    ),
    "brainstorming": (
        "brainstorm", "ideas", "suggestions", "come up with", "list of", "ways to", "tips for",
        "names for", "reasons why", "suggest", "建议", "ideen", "idées",
    ),
    "code": (
        "python", "javascript", "java ", "c++", "c#", "html", "css", "sql", "regex", "php", "ruby",
        "bash", "shell script", "function that", "source code", "code snippet", "algorithm to", "api ",
        "json", "django", "react", "typescript", "compile", "linux command", "代码", "函数", "编程",
        "программ", "```", "unit test", "pseudo", "node.js", "github", "array", "database",
    ),
    "math": (
        "calculate", "equation", "square root", "percent of", "solve for", "triangle", "probability",
        "arithmetic", "计算", "方程", "integral", "derivative", "average of", "sum of",
    ),
    "role play": (
        "role play", "roleplay", "role-play", "pretend", "act as", "you are a ", "you are an ",
        "imagine you", "in character", "persona", "扮演", "假设你",
    ),
    "writing": (
        "story", "poem", "essay", "letter", "email", "e-mail", "article", "blog post", "slogan",
        "haiku", "lyrics", "speech", "headline", "write a ", "paragraph about", "tweet",
        "cover letter", "gedicht", "geschichte", "histoire", "poème", "故事", "诗", "文章", "стих",
        "рассказ", "письмо", "advertisement", "dialogue",
    ),
    "conversation": (
        "how are you", "nice to meet you", "good morning", "what's up", "who are you", "your name",
        "tell me about yourself", "你好", "are you an ai", "how old are you", "are you a robot",
        "are you human", "i feel so", "i'm feeling", "thank you so much",
    ),
    "tool use": (
        "toolformer", "access to the following tools", "access to the following functions",
        "available tools", "<tool", "function call", "[calculator(", "use the tool", "you can call",
        "tools:", "plugins:",
    ),
}
"""Task to phrases in lower case; they count once, wherever they stand near the ends of the prompt."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "question answering": (
        "What is the capital of this country?", "Who invented the telephone?",
        "Explain how photosynthesis works.", "What is the difference between these two things?",
        "Why is the sky blue?", "Describe the causes of the war.", "Define this term.",
        "How do I reset my account?", "When was the company founded?",
        "What are the symptoms of the disease?", "Answer the question using the passage.",
    ),
    "writing": (
        "Write a short story about a lonely dragon.", "Compose a poem about autumn.",
        "Draft an email to my boss.", "Write a blog post about healthy eating.",
        "Create a slogan for our new product.", "Write a product review.",
        "Write an essay about freedom.", "Write song lyrics about love.",
        "Write a cover letter for this job.",
    ),
    "code": (
        "Write a Python function that reverses a string.",
        "Write an SQL query to select all customers.", "Fix the bug in this JavaScript code.",
        "Create an HTML page with a form.", "Implement a binary search tree.",
        "How do I sort an array in Java?", "Write a regular expression that matches an email address.",
        "Write a shell script that renames files.", "Explain what this code does.",
    ),
    "extraction": (
        "Extract the names and dates from the text.",
        "List all the companies mentioned in the article.", "Find the keywords in this paragraph.",
        "Identify the nouns in the sentence.", "Pull the phone number and address out of the email.",
    ),
    "classification": (
        "Classify the sentiment of this review as positive or negative.",
        "Is this message spam or not?", "Which category does this article belong to?",
        "Decide whether the statement is true or false.", "Categorize the following animals.",
        "Does the first sentence entail the second? Yes or no.",
    ),
    "summarisation": (
        "Summarize the article in three sentences.", "Give a short summary of the text.",
        "What are the main points of this passage?", "Condense this paragraph.",
    ),
    "translation": (
        "Translate this sentence into French.", "Translate the text from German to English.",
        "How do you say good morning in Spanish?",
    ),
    "rewriting": (
        "Rewrite the sentence in the passive voice.", "Paraphrase this paragraph.",
        "Correct the grammar mistakes.", "Make this text more formal.",
        "Edit the sentence to make it more concise.", "Proofread my essay.",
    ),
    "brainstorming": (
        "Give me ten ideas for a birthday party.", "Suggest names for a coffee shop.",
        "List five ways to save money.", "Brainstorm topics for a podcast.",
        "Recommend some good books.", "What are some tips for public speaking?",
    ),
    "math": (
        "Solve the equation 3x + 5 = 20.", "What is 15 percent of 80?",
        "Calculate the area of the triangle.",
        "Tom has 5 apples and buys 7 more. How many apples does he have?",
        "Find the derivative of the function.", "What is the probability of rolling two sixes?",
    ),
    "role play": (
        "Pretend you are a pirate captain.", "Act as a job interviewer.",
        "You are a wizard in a fantasy world.",
        "Imagine you are a detective and describe the crime scene.",
        "Roleplay as my personal trainer.",
    ),
    "conversation": (
        "Hi, how are you today?", "I feel lonely and want to talk.", "What do you think about me?",
        "Tell me a bit about yourself.", "Good morning!", "I had a terrible day at work.",
    ),
}
# fmt: on
"""Task to prompts of that kind."""
