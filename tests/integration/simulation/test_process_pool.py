"""Tasks in several processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eptura_scim.simulation.directory_check.process_pool import cores

ENDLESS = """
import threading
from eptura_scim.simulation.directory_check.process_pool import Processes

def task(_number):
    print("begun", flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    with Processes(1) as run:
        list(run(task, [1]))
"""


def test_no_process_outlives_a_command_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    running = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    running.kill()
    # The pipe ends with the last process that holds it.
    assert running.communicate(timeout=60)[0] == ""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to cores")
def test_only_the_cores_that_this_process_may_use_are_counted() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert cores() == len(before)
