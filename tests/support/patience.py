"""How long tests wait for what has to happen, on a machine that is busy with other things too."""

from __future__ import annotations

import os

SCALE = float(os.environ.get("ELMS_TEST_TIMEOUT_S", "60")) / 60
"""How much longer than usual this machine may take for a test (docs/testing.md)."""

PATIENCE_S = 300 * SCALE
"""The end of a wait that normally takes moments: reaching it is a failure."""
