"""What a check of a directory can find: stable codes, how bad each is, what it means and what to do.

Pipelines and pages rely on the codes: codes are added, never renamed or given another meaning.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["FINDINGS", "SEVERITIES", "Code", "FindingInfo", "Severity"]

Severity = Literal["error", "warning", "info"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From bad to harmless."""

Code = Literal[
    "quarantine",
    "nothing-seen",
    "nothing-in-scope",
    "file-not-read",
    "pages-missing",
    "required-not-in-source",
    "account-enabled-unknown",
    "type-name-not-value",
    "mandatory-not-mapped",
    "mandatory-empty",
    "username-not-unique",
    "externalid-not-unique",
    "matching-collision",
    "matching-empty",
    "expression-fails",
    "filter-fails",
    "value-not-boolean",
    "unreadable",
    "group-name-not-unique",
    "nested-group",
    "nested-not-provisioned",
    "matching-special-characters",
    "phone-not-rfc3966",
    "phone-not-sent",
    "email-not-valid",
    "expression-gives-nothing",
    "attribute-not-in-source",
    "not-judged",
    "column-twice",
    "filter-not-anchored",
    "phone-without-tel",
    "left-out-by-filter",
    "not-assigned",
    "left-out-by-expression",
    "disabled",
    "guest",
]


class FindingInfo(NamedTuple):
    """What a code stands for."""

    severity: Severity
    title: str
    meaning: str
    remedy: str
    counted: str = ""
    """What is counted, where it is not users or groups."""
    hints_at_export: bool = False
    """Whether another export would put it right."""


FINDINGS: dict[Code, FindingInfo] = {
    "quarantine": FindingInfo(
        "error",
        "The first cycle would end in quarantine",
        "So many objects would fail that Entra stops and tries again only rarely, and switches provisioning off after "
        "four weeks.",
        "Put the errors below right first, or begin with a scope that leaves those objects out.",
    ),
    "nothing-seen": FindingInfo(
        "error",
        "No user or group was seen",
        "The input holds no user and no group, so nothing was checked.",
        "An export may have a header only, or have failed: make it again. Of a tenant: see whether it is the right "
        "one, with `eptura-scim doctor`.",
        hints_at_export=True,
    ),
    "nothing-in-scope": FindingInfo(
        "error",
        "Nothing is in scope",
        "All users and groups are left out, so provisioning would create nothing.",
        "See below why they are left out: assignment, scoping filter, or mappings that are switched off.",
    ),
    "file-not-read": FindingInfo(
        "error",
        "A file of the folder was not read",
        "It is not an export of users or groups that can be understood. What is in it was not checked.",
        "Export it again, or move it out of the folder if it does not belong to the export.",
        counted="file",
        hints_at_export=True,
    ),
    "pages-missing": FindingInfo(
        "error",
        "The export ends before the last page",
        "Every page of the Graph list names a next page (@odata.nextLink), so the last page is missing.",
        "Follow @odata.nextLink to the end, or export with a command that does so.",
        counted="page",
        hints_at_export=True,
    ),
    "required-not-in-source": FindingInfo(
        "error",
        "The input lacks an attribute that the check cannot do without",
        "It is mandatory, matched by, or decides who is in scope. What depends on it was not judged.",
        "Export it as well, or check the tenant itself.",
        hints_at_export=True,
    ),
    "account-enabled-unknown": FindingInfo(
        "error",
        "The input does not say whether an account is enabled",
        "accountEnabled is empty or a word that is not understood. It decides who is created, and the value of active.",
        "Export accountEnabled (Get-MgUser leaves it empty unless -Property names it), as true or false.",
        hints_at_export=True,
    ),
    "type-name-not-value": FindingInfo(
        "error",
        "The export lost a value",
        "PowerShell wrote the name of a type, such as System.String[], in its place, or Excel an error (#NAME?) or a "
        "rounded number (4.98955E+11).",
        "Export as JSON. For CSV join the values of the attribute to one text, and keep Excel away from the file.",
        hints_at_export=True,
    ),
    "mandatory-not-mapped": FindingInfo(
        "error",
        "A mandatory attribute has no mapping",
        "The guide wants the attribute, and the mappings that were checked do not send it.",
        "Use the documented mappings: pulumi up writes them.",
    ),
    "mandatory-empty": FindingInfo(
        "error",
        "A mandatory attribute is empty",
        "Entra does not send empty attributes, and the guide calls this one mandatory: Eptura may refuse the object.",
        "Fill the attribute in Entra, or where it comes from, or leave these objects out by a scoping filter.",
    ),
    "username-not-unique": FindingInfo(
        "error",
        "Several users have one userName",
        "Eptura rejects a second user of the same userName (upper and lower case are one), or Entra matches both users "
        "with one account and overwrites it.",
        "Give each of them a userPrincipalName of its own.",
    ),
    "externalid-not-unique": FindingInfo(
        "error",
        "Several objects have one externalId",
        "A lookup by externalId finds another object, and Eptura never changes an externalId.",
        "Map externalId from [objectId], as the guide says.",
    ),
    "matching-collision": FindingInfo(
        "error",
        "Several objects have one value of a matching attribute",
        "Entra looks for an object at Eptura by this attribute, and finds the account of another object.",
        "Match by an attribute that no two objects share, or make the values differ.",
    ),
    "matching-empty": FindingInfo(
        "error",
        "No matching attribute has a value",
        "Entra needs a value to look for the object at Eptura; without one it fails.",
        "Fill the matching attribute in Entra, or leave these objects out by a scoping filter.",
    ),
    "expression-fails": FindingInfo(
        "error",
        "An expression has no result",
        "For these objects the expression ends in an error, and the object fails.",
        "Change the expression, or the values that it cannot work with.",
    ),
    "filter-fails": FindingInfo(
        "error",
        "A scoping filter cannot be judged",
        "For these objects the filter ends in an error, so it is not known whether they are in scope.",
        "Change the filter.",
    ),
    "value-not-boolean": FindingInfo(
        "error",
        "A value is neither true nor false",
        "The attribute is a boolean in SCIM (RFC 7643), and the expression gives another text.",
        "Let the expression give True or False.",
    ),
    "unreadable": FindingInfo(
        "error",
        "A part of the input cannot be read",
        "These parts hold no user or group that can be read; they were not checked.",
        "Export again, or correct the lines.",
        counted="object",
        hints_at_export=True,
    ),
    "group-name-not-unique": FindingInfo(
        "warning",
        "Several groups have one name",
        "Groups are also matched by displayName, so two groups of Entra can become one at Eptura, with the members of "
        "both in turn.",
        "Rename them, leave one out by a scoping filter, or set groupMatching to externalIdOnly.",
    ),
    "nested-group": FindingInfo(
        "warning",
        "A group is a member of a group",
        "Eptura has no groups in groups: it refuses the change that adds one, with all users in it. Entra does not "
        "read the members of the inner group for the outer one.",
        "Make the people direct members of the outer group, or leave it out by a scoping filter.",
    ),
    "nested-not-provisioned": FindingInfo(
        "warning",
        "An assigned group has a group as a member, whose users are not provisioned",
        "Entra provisions the direct members of an assigned group. It does not read the members of a group in it, so "
        "the users who are only in the inner group are left out.",
        "Assign the inner group as well (assignedGroups), or make the people direct members of the assigned group.",
        counted="user",
    ),
    "matching-special-characters": FindingInfo(
        "warning",
        "A value of a matching attribute has special characters",
        "Microsoft warns that Entra may not find objects by such values.",
        "Look at one of them first: eptura-scim provision-on-demand.",
    ),
    "phone-not-rfc3966": FindingInfo(
        "warning",
        "A telephone number is not sent as RFC 3966 wants it",
        "The guide says that telephone numbers must follow RFC 3966, as in tel:+1-425-555-0100. Whether Eptura refuses "
        "others is not documented.",
        "Choose the mode rfc3966, or correct the numbers in Entra.",
    ),
    "phone-not-sent": FindingInfo(
        "warning",
        "A telephone number is not sent",
        "The chosen mode cannot make a complete number of the value, so nothing is sent.",
        "Write the number with its country code: +1 425 555 0100.",
    ),
    "email-not-valid": FindingInfo(
        "warning",
        "A value is not an e-mail address",
        "Eptura may refuse the user.",
        "Correct the address in Entra.",
    ),
    "expression-gives-nothing": FindingInfo(
        "warning",
        "An expression turns a value into nothing",
        "The source attribute has a value, the expression makes nothing of it, and nothing is sent.",
        "See whether that is wanted; else change the expression.",
    ),
    "attribute-not-in-source": FindingInfo(
        "warning",
        "The input lacks an attribute",
        "The mappings, or the check, need it. What depends on it was not judged.",
        "Export it as well, or check the tenant itself.",
    ),
    "column-twice": FindingInfo(
        "warning",
        "Several columns hold one attribute",
        "In each row the first of these columns that has a value counts.",
        "Remove the columns that do not count.",
        counted="column",
    ),
    "not-judged": FindingInfo(
        "warning",
        "A mapping or a filter was not judged",
        "It has a function, a pattern or a group of conditions that this check does not know. Entra may know it: "
        "what it does to these objects was not checked.",
        "Try one of the objects: eptura-scim provision-on-demand.",
    ),
    "filter-not-anchored": FindingInfo(
        "warning",
        "A pattern of a scoping filter has no ^ or $ at its ends",
        "Microsoft does not say whether such a pattern has to match the whole value or a part of it.",
        "Write ^ and $ around it, with .* where more may stand.",
    ),
    "phone-without-tel": FindingInfo(
        "info",
        "A telephone number is sent in the form of E.164",
        "It is the number part of RFC 3966, +14255550100, without the tel: before it.",
        "Choose the mode rfc3966 if Eptura asks for tel:.",
    ),
    "left-out-by-filter": FindingInfo(
        "info", "Left out by the scoping filter", "They are not provisioned.", "Nothing, if that is wanted."
    ),
    "not-assigned": FindingInfo(
        "info",
        "Not assigned to the application",
        "Only assigned users and groups are provisioned, so these are not.",
        "Nothing, if that is wanted; else assign them, or set scope to all.",
    ),
    "left-out-by-expression": FindingInfo(
        "info",
        "Left out by an expression",
        "An expression gives IgnoreObjectFlow: the object is not provisioned.",
        "Nothing, if that is wanted.",
    ),
    "disabled": FindingInfo(
        "info",
        "Blocked from signing in, or deleted",
        "Entra does not create them at Eptura, and disables those that it had created.",
        "Nothing, if that is wanted.",
    ),
    "guest": FindingInfo(
        "info",
        "Guests",
        "They are provisioned like members; their userName is that of their home tenant, without #EXT#.",
        "Nothing, if that is wanted; else leave them out by a scoping filter or by assignment.",
    ),
}
