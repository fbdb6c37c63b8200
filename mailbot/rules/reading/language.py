"""In which language a customer writes: what the mail says of itself, else what its small words tell.

Deterministic, and silent in doubt: it knows the languages that mailbot has sentences for, by words that stand in nearly
every sentence of one of them and in none of the others. Words of their neighbours (Finnish, Portuguese, Italian, Dutch,
Swedish, Polish) speak for none of them.
"""

import re

from mailbot.mail import Mail

#: Words of a language that no other of them has.
_WORDS = {
    "en": "the and you your have has please this that with are our my can cannot could would when what there "
    "from thanks thank hello hi regards it's don't doesn't i'm we're do does how been were after but they "
    "it any",
    "de": "der das und nicht ich wir sie ist ein eine einen einem mit für auf dem bitte wie kann können auch "
    "nach wird werden sich guten hallo danke vielen dank grüße grüßen unser unsere ihr ihre mein meine "
    "habe haben wenn bei zum zur seit kein keine oder aber noch mir uns freundlichen über hilfe um geht",
    "et": "see palun tere aga kas meie teie mul meil saab oleme tänan pole ning või kuidas veel ka mis aitäh "
    "sest nagu midagi juba praegu enam lugupidamisega tervitades minu mulle meile peale kõik kui sisse "
    "õnnestu tööta päeva hommikust pärast ega siin selle seda teile tervist",
    "fr": "le les est pas je nous vous une avec pour sur du des bonjour merci ce cette qui dans au aux ne mon "
    "notre votre cordialement mais nos vos avons suis depuis quand aussi être fait lorsque impossible "
    "peut pouvez j'ai c'est n'est bonsoir salutations toujours",
    "es": "el los y usted ustedes hola gracias buenos buenas días saludos pero cuando hay muy nuestro nuestra "
    "tengo tenemos puedo puede pueden podemos hemos desde hace hasta también esto ahora ayuda necesito "
    "necesitamos estimados estimado atentamente cordial porque sigue las están quiero quisiera mañana "
    "saludo tardes aparece",
    "": "não uma com obrigado obrigada você vocês olá che per non grazie sono della questo het een niet voor "
    "van met wij että ovat mutta kun kiitos hei olen hej och inte det är som jeg ikke og nie się jest "
    "proszę",
}
_KNOWN = {word: tag for tag, words in _WORDS.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
#: Characters that are looked at.
_LOOKED_AT = 4_000
#: Words of a language that must be there, at least one in so many, and so many times as many as of any other.
_FEWEST, _ONE_IN, _TIMES = 2, 10, 3


def written_in(mail: Mail) -> str:
    """Return the language of a mail as a tag such as `de` or `de-at`, "" where nothing tells it for sure.

    Its Content-Language counts (RFC 3282). Where that says English, or names several, the text may know better:
    programs that nobody told otherwise write `en-US` above whatever is written in them.
    """
    named = [tag for tag in mail.languages if _TAG.fullmatch(tag)]
    told = told_by(f"{mail.subject}\n{mail.new_text or mail.text}")
    if not named:
        return told
    vague = len(named) > 1 or named[0].partition("-")[0] == "en"
    return told if vague and told else named[0]


def told_by(text: str) -> str:
    """Return the language that the words of a text tell, "" in doubt."""
    words = _WORD.findall(text[:_LOOKED_AT].lower().replace("\u2019", "'"))
    counts = dict.fromkeys(_WORDS, 0)
    for word in words:
        if tag := _KNOWN.get(word):
            counts[tag] += 1
    first, second, *_ = sorted(counts, key=lambda tag: -counts[tag])
    sure = counts[first] >= max(_FEWEST, len(words) / _ONE_IN, counts[second] * _TIMES)
    return first if sure else ""
