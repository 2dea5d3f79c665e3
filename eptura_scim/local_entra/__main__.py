"""`python -m eptura_scim.local_entra`: a local Entra in the foreground, for `background.start_detached`."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from eptura_scim.local_entra.errors import LocalEntraError
from eptura_scim.local_entra.server import LocalEntra, serve


def main() -> int:
    """Serve until a signal; one line says where, or why not."""
    parser = argparse.ArgumentParser(prog="python -m eptura_scim.local_entra", description="A local Entra.")
    parser.add_argument("--state-dir", type=Path, help="folder that keeps the state; without it nothing is kept")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1; 0 means the folder's last, or any")
    parser.add_argument("--cycles", action="store_true", help="provision: run the cycles of jobs that are on")
    parser.add_argument("--users", type=int, default=0, help="fill the directory up to N users")
    parser.add_argument("--sample", action="store_true", help="add a small company to a directory that is new")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")

    def ready(entra: LocalEntra) -> None:
        print(f"ready {entra.url}", flush=True)

    try:
        serve(
            port=arguments.port,
            state_dir=arguments.state_dir,
            cycles=arguments.cycles,
            users=arguments.users,
            sample=arguments.sample,
            on_ready=ready,
        )
    except LocalEntraError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
