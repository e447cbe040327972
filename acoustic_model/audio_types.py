"""The type of audio in the training chain: 8 kHz float32 samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000

Samples = NDArray[np.float32]
"""Shape (n,), full scale ±1."""
