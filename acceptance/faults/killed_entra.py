"""`python -m acceptance.faults.killed_entra FOLDER FAULT`: a local Entra that kills itself at a fault."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from eptura_scim.local_entra import Fault, LocalEntra


async def _kill(_seconds: float) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve until the fault is met."""
    with LocalEntra.start(state_dir=Path(sys.argv[1]), sleep=_kill) as entra:
        entra.faults.add(Fault.model_validate_json(sys.argv[2]))
        print("ready", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
