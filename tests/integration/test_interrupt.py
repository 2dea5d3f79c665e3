"""What an interrupt does to the program: the engine sends one when a resource has failed."""

from __future__ import annotations

import signal
import subprocess
import sys

PROGRAM = """
import os, signal, threading
from eptura_scim.pulumi_internals import end_silently_when_interrupted
{call}
os.kill(os.getpid(), signal.SIGINT)
print("not ended")
"""
IN_A_THREAD = "t = threading.Thread(target=end_silently_when_interrupted); t.start(); t.join()"


def ended(call: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(call=call)], capture_output=True, text=True, check=False
    )


def test_an_interrupted_program_ends_without_a_traceback() -> None:
    done = ended("end_silently_when_interrupted()")
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_program_in_a_thread_keeps_the_usual_signal_handling() -> None:
    assert "KeyboardInterrupt" in ended(IN_A_THREAD).stderr
