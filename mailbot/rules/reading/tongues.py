"""What the command words are called in the desk's languages, beside English, which every desk understands.

Data: the first name is the one that `help` shows. Each is a single word that nobody begins a sentence to a customer
with, and none is a label that stands in mails by itself (`Betreff:`, `Kunde:`). Only the built-in words are here: a
company's own are called as its process file says.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

#: Language -> English word -> what it is called.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "help": "hilfe",
        "status": "stand",
        "reopen": "wiedereröffnen wiederöffnen",
        "close": "schließen schliessen abschließen",
        "confirm": "bestätigen",
        "approve": "genehmigen freigegeben",
        "decline": "ablehnen",
        "escalate": "eskalieren",
        "unwatch": "abmelden",
        "take": "übernehmen",
        "assign": "zuweisen",
        "handover": "übergeben",
        "priority": "priorität",
        "type": "typ",
        "subject": "umbenennen",
        "tag": "schlagwort",
        "note": "notiz",
        "consult": "konsultieren",
        "hold": "zurückstellen",
        "snooze": "wiedervorlage",
        "why": "warum",
        "release": "freigeben",
        "redact": "schwärzen",
        "admit": "zulassen",
        "quarantine": "quarantäne",
        "for": "für",
        "fwd": "weitergeleitet",
        "undo": "rückgängig zurücknehmen",
        "merge": "zusammenführen",
        "unmerge": "herauslösen",
        "split": "aufteilen",
        "link": "verknüpfen",
        "clone": "klonen",
        "list": "liste",
        "show": "zeigen",
        "search": "suchen",
        "report": "bericht",
        "mute": "stummschalten",
        "away": "abwesend",
        "digest": "tagesmail",
        "use": "verwenden",
    },
    "et": {
        "help": "abi",
        "status": "seis",
        "reopen": "taasava",
        "close": "sulge",
        "confirm": "kinnita",
        "approve": "kinnitan-hinna heakskiit",
        "decline": "keeldu",
        "escalate": "eskaleeri",
        "unwatch": "loobu",
        "take": "võta",
        "assign": "määra",
        "handover": "anna-üle",
        "priority": "prioriteet",
        "type": "liik",
        "subject": "nimeta",
        "tag": "silt",
        "note": "märkus",
        "consult": "konsulteeri",
        "hold": "ootele",
        "snooze": "edasilükka",
        "why": "miks",
        "release": "vabasta",
        "redact": "eemalda",
        "admit": "lase-sisse",
        "quarantine": "karantiin",
        "fwd": "edastatud",
        "undo": "tühista",
        "merge": "ühenda",
        "unmerge": "lahuta",
        "split": "jaga",
        "link": "seo",
        "clone": "kopeeri",
        "list": "loend",
        "show": "näita",
        "search": "otsi",
        "report": "aruanne",
        "mute": "vaigista",
        "away": "eemal",
        "digest": "päevakiri",
        "use": "kasuta",
    },
    "fr": {
        "help": "aide",
        "status": "état",
        "reopen": "rouvrir",
        "close": "fermer clore",
        "confirm": "confirmer",
        "approve": "approuver",
        "decline": "refuser",
        "escalate": "escalader",
        "unwatch": "quitter",
        "take": "prendre",
        "assign": "attribuer assigner",
        "handover": "transmettre",
        "priority": "priorité",
        "subject": "renommer",
        "tag": "étiquette",
        "consult": "consulter",
        "hold": "suspendre",
        "snooze": "reporter",
        "why": "pourquoi",
        "release": "libérer",
        "redact": "masquer",
        "admit": "admettre",
        "quarantine": "quarantaine",
        "for": "pour",
        "fwd": "transmis",
        "undo": "annuler",
        "merge": "fusionner",
        "unmerge": "dissocier",
        "split": "scinder",
        "link": "lier",
        "clone": "dupliquer",
        "list": "liste",
        "show": "afficher",
        "search": "chercher",
        "report": "rapport",
        "mute": "taire",
        "away": "absent absente",
        "digest": "récapitulatif",
        "use": "utiliser",
    },
    "es": {
        "help": "ayuda",
        "status": "estado",
        "reopen": "reabrir",
        "close": "cerrar",
        "confirm": "confirmar",
        "approve": "aprobar",
        "decline": "rechazar",
        "escalate": "escalar",
        "unwatch": "abandonar",
        "take": "tomar",
        "assign": "asignar",
        "handover": "traspasar",
        "priority": "prioridad",
        "type": "tipo",
        "subject": "renombrar",
        "tag": "etiqueta",
        "note": "nota",
        "consult": "consultar",
        "hold": "aplazar",
        "snooze": "posponer",
        "why": "porqué",
        "release": "liberar",
        "redact": "tachar",
        "admit": "admitir",
        "quarantine": "cuarentena",
        "for": "para",
        "fwd": "reenviado",
        "undo": "deshacer",
        "merge": "fusionar",
        "unmerge": "separar",
        "split": "dividir",
        "link": "enlazar",
        "clone": "clonar",
        "list": "lista",
        "show": "mostrar",
        "search": "buscar",
        "report": "informe",
        "mute": "silenciar",
        "away": "ausente",
        "digest": "resumen",
        "use": "usar",
    },
}
#: Language -> what stands behind a word -> its English: `zurückstellen bis 2026-04-01`.
_BEHIND: Mapping[str, Mapping[str, str]] = {
    "de": {"bis": "until", "hinzufügen": "add", "entfernen": "remove", "priorität": "priority", "typ": "type"},
    "et": {"kuni": "until", "lisa": "add", "eemalda": "remove", "prioriteet": "priority", "liik": "type"},
    "fr": {"jusqu'au": "until", "ajouter": "add", "retirer": "remove", "priorité": "priority"},
    "es": {"hasta": "until", "añadir": "add", "quitar": "remove", "prioridad": "priority", "tipo": "type"},
}
#: Language -> what `help` writes where something is to be put in.
_PLACES: Mapping[str, Mapping[str, str]] = {
    "de": {
        "ADDRESS": "ADRESSE", "DATE": "DATUM", "INSTANT": "ZEITPUNKT", "KIND": "ART", "NAME": "NAME",
        "NUMBER": "NUMMER", "REASON": "GRUND", "TEAM": "TEAM", "TEXT": "TEXT", "WORD": "WORT", "WORDS": "WÖRTER",
        "or": "oder",
    },
    "et": {
        "ADDRESS": "AADRESS", "DATE": "KUUPÄEV", "INSTANT": "HETK", "KIND": "LIIK", "NAME": "NIMI",
        "NUMBER": "NUMBER", "REASON": "PÕHJUS", "TEAM": "MEESKOND", "TEXT": "TEKST", "WORD": "SÕNA",
        "WORDS": "SÕNAD", "or": "või",
    },
    "fr": {
        "ADDRESS": "ADRESSE", "DATE": "DATE", "INSTANT": "INSTANT", "KIND": "GENRE", "NAME": "NOM",
        "NUMBER": "NUMÉRO", "REASON": "MOTIF", "TEAM": "ÉQUIPE", "TEXT": "TEXTE", "WORD": "MOT", "WORDS": "MOTS",
        "or": "ou",
    },
    "es": {
        "ADDRESS": "DIRECCIÓN", "DATE": "FECHA", "INSTANT": "INSTANTE", "KIND": "CLASE", "NAME": "NOMBRE",
        "NUMBER": "NÚMERO", "REASON": "MOTIVO", "TEAM": "EQUIPO", "TEXT": "TEXTO", "WORD": "PALABRA",
        "WORDS": "PALABRAS", "or": "o",
    },
}  # fmt: skip
#: What people write who have no such letters: `uebernehmen`, `bestaetigen`.
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PIECE = re.compile(r"[^\W\d_][\w-]*")


@lru_cache(maxsize=64)
def called(languages: tuple[str, ...]) -> Mapping[str, str]:
    """Return what the words are called in these languages, also spelt without accents, with their English ones."""
    return _english(_WORDS, languages)


def names_of(word: str) -> tuple[str, ...]:
    """Return every name of an English word, its own first, in all languages and spellings."""
    return (word, *(name for name, meant in called(tuple(_WORDS)).items() if meant == word))


def any_name(*words: str) -> str:
    """Return a regular expression for every name of these words: for what is looked up before the grammar reads.

    It finds at least what the grammar will, whichever languages the desk takes words in; a line too many costs a look.
    """
    names = {name for word in words for name in names_of(word)}
    spelt = names | {unicodedata.normalize("NFD", name) for name in names}
    return "|".join(map(re.escape, sorted(spelt, key=lambda name: (-len(name), name))))


@lru_cache(maxsize=64)
def _behind(languages: tuple[str, ...]) -> Mapping[str, str]:
    return _english(_BEHIND, languages)


def behind(text: str) -> str:
    """Return what stands behind a word with its beginning in English: `bis 2026-04-01` is `until 2026-04-01`."""
    first, space, rest = text.partition(" ")
    return f"{_behind(tuple(_BEHIND)).get(first.lower(), first)}{space}{rest}"


def spoken(language: str, languages: Iterable[str]) -> Mapping[str, str]:
    """Return how each word is called towards a reader of a language; empty where the desk does not take it in that."""
    return {word: names.split()[0] for word, names in _words(language, languages).items()}


def usage(text: str, language: str, languages: Iterable[str]) -> str:
    """Return how a word is written in a language, its English in brackets: `schließen: GRUND (close)`."""
    words, english = spoken(language, languages), text.partition(",")[0].split()[0].rstrip(":")
    if english not in words:
        return text
    places = {**_PLACES[language], **{value: key for key, value in _BEHIND[language].items()}, english: words[english]}
    return f"{_PIECE.sub(lambda piece: places.get(piece[0], piece[0]), text)} ({english})"


def _words(language: str, languages: Iterable[str]) -> Mapping[str, str]:
    return _WORDS.get(language, {}) if language in languages else {}


def _english(table: Mapping[str, Mapping[str, str]], languages: Iterable[str]) -> Mapping[str, str]:
    """Return every name of every language and its spellings, with the English."""
    found: dict[str, str] = {}
    for language in languages:
        for english, names in table.get(language, {}).items():
            meant, many = (english, names.split()) if table is _WORDS else (names, [english])
            for name in many:
                for written in (name, name.translate(_SPELT), _without_accents(name)):
                    found.setdefault(written, meant)
    return found


def _without_accents(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))
