"""The package vosk, imported without the HTTP client with which it could download models.

That client is most of what the import costs in every process that recognizes speech, and nothing
here downloads a model.
"""

from __future__ import annotations

import sys
from types import ModuleType

_CLIENT = "requests"
_loaded = sys.modules.get(_CLIENT)
sys.modules[_CLIENT] = _loaded or ModuleType(_CLIENT)

import vosk  # noqa: E402 - finds the client above

if _loaded is None:
    del sys.modules[_CLIENT]

__all__ = ["vosk"]
