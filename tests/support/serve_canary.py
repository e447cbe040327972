"""`elms-ivr serve` with all that libraries can log in a file: the first argument is that file, the
others are the command's."""

from __future__ import annotations

import logging
import sys

from bot.__main__ import main

if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, filename=sys.argv[1])
    for name in ("uvicorn", "uvicorn.error", "websockets", "websockets.server", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    del sys.argv[1]
    main()
