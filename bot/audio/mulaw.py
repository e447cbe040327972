"""G.711 µ-law, bit-exact with ITU-T G.191's reference and Python's former audioop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_BIAS = 33
_CLIP = 8_159


def _decoded() -> npt.NDArray[np.int16]:
    """The 256 values of table 2a of G.711, in 16-bit scale."""
    inverted = ~np.arange(256) & 0xFF
    exponent, mantissa = (inverted >> 4) & 7, inverted & 0xF
    magnitude = (((mantissa << 3) + (_BIAS << 2)) << exponent) - (_BIAS << 2)
    return np.where(inverted & 0x80, -magnitude, magnitude).astype(np.int16)


_DECODED = _decoded()


def encode(samples: npt.NDArray[np.int16]) -> bytes:
    """16-bit samples as µ-law, one byte each."""
    linear = samples.astype(np.int32) >> 2
    sign = np.where(linear < 0, 0x7F, 0xFF)
    magnitude = np.minimum(np.abs(linear), _CLIP) + _BIAS
    exponent = np.frexp(magnitude)[1] - 6
    code = np.where(exponent > 7, 0x7F, (exponent << 4) | ((magnitude >> (exponent + 1)) & 0xF))
    return ((code ^ sign) & 0xFF).astype(np.uint8).tobytes()


def decode(coded: bytes) -> npt.NDArray[np.int16]:
    """µ-law bytes as 16-bit samples."""
    return _DECODED[np.frombuffer(coded, np.uint8)]
