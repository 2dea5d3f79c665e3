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
    "provider/live_configuration.py",
    "provider/base.py",
    "mapping/rules.py",
)
"""Decide about order, scope, start, restart or externalId, or which job and mappings these are; below eptura_scim/."""

OTHERS = re.compile(
    r"_Session|GraphResource\.api$|"
    r"sealing_key|_https|_one_line|_unsealed|preprocess_inputs|_check_login|_client_id|settings$|_template_id|_warn_about"
)
"""Functions in them that decide about something else: the token, the login, what the settings are read from."""

TESTS = (
    "tests/outcomes",
    "tests/unit/mapping/test_rules.py",
    "tests/unit/provider",
    "tests/unit/test_component.py",
    "tests/unit/test_component_order.py",
    "tests/integration/provider",
)
"""Files and folders of the tests that have to notice."""

TOO_SLOW = {
    "tests/outcomes/program_changes/test_changes_of_a_running_stack.py",
    "tests/outcomes/interruptions/test_faults_at_every_call.py",
    "tests/unit/provider/test_schema_edit_properties.py",
}
"""What tries examples is left out: a rule that matters has a test with a name."""

EQUIVALENT = {
    (
        "provider/job_state.py",
        "SynchronizationJobState._stop_others: undeclared -> True",
    ): "Where no job is undeclared none is stopped: the return saves a call.",
    (
        "provider/job_state.py",
        "SynchronizationJobState.read.look: jobs.get(ref.job) -> left out",
    ): "The job in the list is the one that is read by its id: the list saves a read.",
    (
        "provider/configuration.py",
        "_removes: new is UNKNOWN -> left out",
    ): "The text that stands for an unknown value contains no digest of an assignment: it removes them all as well.",
    (
        "provider/schema.py",
        "SynchronizationSchema.problems: None -> left out",
    ): "A filter that is removed names no attribute: the condition saves a read.",
    (
        "provider/secrets.py",
        "SynchronizationSecrets.read.look: not last_inputs -> left out",
    ): "An import compares with nothing: a second read gives the same connection.",
    (
        "provider/secrets.py",
        "SynchronizationSecrets.equivalent: path == ('secretTokenFingerprint',) -> True",
    ): "No other value is `imported`, and both values of a property have one type: their texts are equal as they are.",
    (
        "provider/schema.py",
        "SynchronizationSchema.read: not last_inputs -> left out",
    ): "An import compares with nothing: a second read gives the same mappings.",
    (
        "provider/schema.py",
        "SynchronizationSchema._undefined_attributes: mapping.needs_template(live, wanted) -> True",
    ): "Where the template is not needed no attribute is undefined, with it or without: the condition saves a read.",
}
"""Mutants that behave as the program does, by module and text, with the reason."""
