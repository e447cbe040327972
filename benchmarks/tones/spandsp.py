"""libspandsp's DTMF receiver (Debian's libspandsp2, LGPL-2.1), for comparison."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from bot.audio.files import Samples

_CHUNK = 160


class Spandsp:
    """The receiver with its default settings. Raises OSError if the library is not installed."""

    def __init__(self) -> None:
        self._library: Any = ctypes.CDLL("libspandsp.so.2")
        self._library.dtmf_rx_init.restype = ctypes.c_void_p
        self._library.dtmf_rx_init.argtypes = [ctypes.c_void_p] * 3
        self._library.dtmf_rx.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
        self._library.dtmf_rx_get.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self._library.dtmf_rx_free.argtypes = [ctypes.c_void_p]

    def keys(self, samples: Samples) -> str:
        """The keys in 8 kHz audio, without A to D, which we do not use."""
        state = self._library.dtmf_rx_init(None, None, None)
        found = ""
        held = ctypes.create_string_buffer(129)
        try:
            for start in range(0, len(samples), _CHUNK):
                chunk = np.ascontiguousarray(samples[start : start + _CHUNK], np.int16)
                self._library.dtmf_rx(state, chunk.ctypes.data, len(chunk))
                count = self._library.dtmf_rx_get(state, held, 128)
                found += held.raw[:count].decode("ascii")
        finally:
            self._library.dtmf_rx_free(state)
        return "".join(key for key in found if key not in "ABCD")
