"""Builders of small SRGS grammars, and a folder with one beside two that it may reference."""

from __future__ import annotations

from pathlib import Path

from bot.grammar import Grammars

NS = "http://www.w3.org/2001/06/grammar"
DOCTYPE = (
    '<!DOCTYPE grammar PUBLIC "-//W3C//DTD GRAMMAR 1.0//EN"'
    ' "http://www.w3.org/TR/speech-grammar/grammar.dtd">'
)
KEYS = f'<grammar xmlns="{NS}" version="1.0" mode="dtmf" root="r"><rule id="r">1</rule></grammar>'
SHARED = f"""<grammar xmlns="{NS}" version="1.0" xml:lang="en-US">
  <rule id="open" scope="public">shared</rule>
  <rule id="closed">hidden</rule>
</grammar>"""
OTHER = f"""<grammar xmlns="{NS}" version="1.0" xml:lang="en-US" root="main">
  <rule id="main">other root</rule>
  <rule id="open" scope="public">other open</rule>
</grammar>"""


def grammar(rules: str, attributes: str = 'root="r"', head: str = "") -> str:
    """A voice grammar in US English."""
    return (
        f'{head}<grammar xmlns="{NS}" version="1.0" xml:lang="en-US" {attributes}>{rules}</grammar>'
    )


def rule(body: str, more: str = "", **attributes: str) -> str:
    """A voice grammar whose root rule has this body."""
    extra = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return grammar(f'<rule id="r">{body}</rule>{more}', f'root="r" {extra}')


def tagged(body: str, more: str = "") -> str:
    return rule(body, more, tag_format="semantics/1.0")


def keys(body: str, attributes: str = "") -> str:
    return (
        f'<grammar xmlns="{NS}" version="1.0" mode="dtmf" root="r" {attributes}>'
        f'<rule id="r">{body}</rule></grammar>'
    )


D = '<rule id="d">day</rule>'
PAIR = "<item>a</item><item>b</item>"


def load(folder: Path, voice: str, keyed: str = KEYS) -> Grammars:
    files = {"g.grxml": voice, "g.dtmf.grxml": keyed, "shared.grxml": SHARED, "other.grxml": OTHER}
    for name, source in files.items():
        latin = "ISO-8859-1" in source
        (folder / name).write_text(source, encoding="latin-1" if latin else "utf-8")
    (folder / "other.dtmf.grxml").write_text(KEYS)
    return Grammars.load(folder)
