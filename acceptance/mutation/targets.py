"""What is broken, and which tests have to notice."""

from __future__ import annotations

import re

__all__ = ["EQUIVALENT", "MODULES", "OTHERS", "TESTS", "TOO_SLOW"]

MODULES = (
    "provider/synchronization_job.py",
    "provider/job_state.py",
    "provider/configuration.py",
    "provider/paused_changes.py",
    "component.py",
    "provider/secrets.py",
    "mapping/external_id.py",
    "provider/schema.py",
)
"""Decide about order, scope, start, restart or externalId; below eptura_scim/."""

OTHERS = re.compile(
    r"sealing_key|_https|_one_line|_unsealed|preprocess_inputs|_check_login|_client_id|settings$|_template_id|_warn_about"
)
"""Functions in them that decide about something else: the token, the login, what the settings are read from."""

TESTS = (
    "tests/outcomes",
    "tests/unit/provider/test_external_ids.py",
    "tests/unit/provider/test_job_identity.py",
    "tests/unit/provider/test_job_state_changes.py",
    "tests/unit/provider/test_owed_restarts.py",
    "tests/unit/provider/test_preprocess_inputs.py",
    "tests/unit/provider/test_preview_warnings.py",
    "tests/unit/provider/test_replaced_resources.py",
    "tests/unit/test_component.py",
    "tests/integration/provider",
)
"""Files and folders of the tests that have to notice."""

TOO_SLOW = {
    "tests/outcomes/program_changes/test_changes_of_a_running_stack.py",
    "tests/outcomes/interruptions/test_faults_at_every_call.py",
}
"""What tries examples is left out: a rule that matters has a test with a name."""

EQUIVALENT = {
    (
        "provider/job_state.py",
        "SynchronizationJobState._stop_others: undeclared -> True",
    ): "Where no job is undeclared none is stopped: the return saves a call.",
}
"""Mutants that behave as the program does, by module and text, with the reason."""
