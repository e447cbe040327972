"""Where the project's own files are, whatever depth a test lives at."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
GRAMMAR_FILES = PROJECT / "grammars"
FIXTURES = PROJECT / "audio_fixtures"
DATA = PROJECT / "tests" / "data"
OIDC_PROVIDER = PROJECT / "tests" / "support" / "oidc_provider"
