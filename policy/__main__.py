"""The policy pack: the rules of rules.py on Pulumi's policy SDK.

pulumi preview --policy-pack policy
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError
from rules import RESOURCE_RULES, STACK_RULES, Resource, ResourceRule, StackRule


def _known(value: Any) -> Any:
    """A value as plain lists and dictionaries, without what is not known yet: reading that raises."""
    if isinstance(value, Mapping):
        return dict(_known_items(value, value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [item for _, item in _known_items(value, range(len(value)))]
    return value


def _known_items(container: Any, keys: Any) -> Any:
    for key in keys:
        try:
            yield key, _known(container[key])
        except UnknownValueError:
            continue


def _resource(found: ResourceValidationArgs | PolicyResource, dependencies: Sequence[PolicyResource] = ()) -> Resource:
    return Resource(
        type=found.resource_type,
        name=found.name,
        # Not pulumi.get_stack(): a pack that is an executable is not told its stack.
        stack=found.urn.split("::")[0].rpartition(":")[2],
        inputs=_known(found.props),
        protected=bool(found.opts.protect),
        urn=found.urn,
        dependencies=frozenset(one.urn for one in dependencies),
    )


def _level(rule: ResourceRule | StackRule) -> EnforcementLevel:
    return EnforcementLevel.MANDATORY if rule.mandatory else EnforcementLevel.ADVISORY


def _resource_policy(rule: ResourceRule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        for message in rule.check(_resource(args)):
            report_violation(message)

    return ResourceValidationPolicy(rule.name, rule.description, validate, _level(rule))


def _stack_policy(rule: StackRule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        resources = [_resource(one, one.dependencies) for one in args.resources]
        for resource, message in rule.check(resources):
            report_violation(message, resource.urn)

    return StackValidationPolicy(rule.name, rule.description, validate, _level(rule))


PolicyPack(
    "eptura-scim",
    policies=[*map(_resource_policy, RESOURCE_RULES), *map(_stack_policy, STACK_RULES)],
)
