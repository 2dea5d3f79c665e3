"""Alerts that are off cost no import."""

from __future__ import annotations

import subprocess
import sys


def test_alerts_that_are_off_load_nothing_of_azure_native() -> None:
    code = (
        "import sys, eptura_scim.component, eptura_scim.alerts as a;"
        "a.declare_alerts('eptura', service_principal_object_id='', client_id='');"
        "print([name for name in sys.modules if name.startswith('pulumi_azure_native')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
