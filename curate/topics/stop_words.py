"""Words that name no topic, in several languages; written for this package."""

from __future__ import annotations

_ENGLISH = """
the and for are was were been being have has had having does did doing done will would shall should can
could may might must not nor but yet its it's this that these those there here where when while what
which who whom whose why how with without within into onto from about above below over under again
further then once all any both each few more most other others another some such only own same than too
very just also even still ever never always often you your yours yourself she her hers herself him his
himself they them their theirs themselves our ours ourselves one two three first second last next many
much less least lot lots every everyone everything something someone anything anyone nothing nobody
because since until unless although though however therefore thus hence whether either neither per via
upon among between through during before after off out down like get gets got getting give gives given
giving make makes made making take takes took taken let lets use uses used using see seen say says said
tell told know known want wants wanted need needs needed try tries tried going goes went gone come comes
came put set don doesn didn isn aren wasn weren won wouldn couldn shouldn hasn haven hadn ain yes okay
please thanks thank sure following follow follows based provide provides provided include includes
including included example examples way ways thing things kind sort types bit etc really actually maybe
perhaps quite rather well good great best better new old able might within along across around against
toward towards instead rest per unto don't can't i'm i've lrb rrb endoftext http https www com nbsp
write create generate describe explain list name find answer question questions sentence sentences text
word words user assistant system human output input instruction response prompt task able keep show help
helps work works
"""
_GERMAN = """
der die das den dem des ein eine einer eines einem einen und oder aber nicht kein keine ist sind war
waren wird werden wurde wurden hat haben hatte sein seine seinen seiner ihr ihre ihren ihrer sie ich wir
uns mich mir dich dir für mit von vom zum zur aus bei nach über unter auf auch als wie was wer wenn dass
weil durch kann können soll sollte muss noch nur sehr mehr man sich diese dieser dieses diesen einige
alle dann hier schon ohne gegen zwischen folgende folgenden geben gib erstellen schreiben schreibe
beschreiben erklären satz frage antwort beispiel verwenden
"""
_FRENCH = """
les des une aux que qui quoi dont est sont était être avoir ont été avec sans pour par sur sous dans
entre mais donc car pas plus moins très bien tout tous toute toutes cette ces son ses leur leurs nous
vous ils elles elle mon mes ton tes votre vos notre nos comme ainsi aussi peut peuvent faire fait même
autre autres quel quelle quels quelles si oui non ne se ce cet lui leur y afin lors chaque suivante
suivant écrivez donnez phrase question réponse exemple
"""
_SPANISH = """
los las una unos unas que quien como para por con sin sobre entre pero más menos muy todo todos toda
todas este esta estos estas ese esa eso son era fue ser han hay sus nos les del cuando donde porque
también puede pueden hacer cada otro otra otros otras desde hasta siguiente frase pregunta respuesta
ejemplo
"""
_ITALIAN_PORTUGUESE_DUTCH = """
gli che chi non con per una uno del della delle dei degli nel nella sono era essere come più anche
questo questa questi queste quando dove perché ogni altro altri tra fra dal dalla alla alle suo sua loro
não uma umas uns dos das nos nas pelo pela com sem para mais muito também ser são foi tem seu sua seus
suas ele ela eles elas isso isto esse essa quando onde porque cada outro outra het een van voor met
zonder over onder uit door naar bij dat die dit deze wat wie waar wanneer hoe niet geen ook maar want
zijn was waren wordt worden heeft hebben had kan kunnen moet hun haar hij zij wij jullie als dan nog
"""
_RUSSIAN = """
это как что кто где когда почему или для при про над под без его её них ему она они оно мне меня тебя
тебе нас вас был была были быть есть нет так там тут уже ещё еще тоже также чтобы если может можно нужно
надо все всё всех весь этот эта эти этого этом том тот той между через после перед более очень только
свой свои своих один два предложение вопрос ответ пример напиши напишите
"""
_SIGNS = """
的是 一个 是一 我们 你们 他们 这个 那个 可以 如果 因为 所以 但是 什么 怎么 如何 这些
那些 以及 进行 使用 以下 下面 给出 需要 能够 并且 或者 没有 不是 就是 还是 这是 有一
在这 一种 通过 可能 例如 一下 请写 个句 你可 我可 们可 之间 です ます する した して
いる ある こと もの この その です。 ありま 하는 있는 입니 니다 합니 그리
"""

STOP_WORDS = frozenset(
    " ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN_PORTUGUESE_DUTCH, _RUSSIAN, _SIGNS)).split()
)
