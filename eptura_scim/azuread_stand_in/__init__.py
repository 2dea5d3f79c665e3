"""A stand-in for the azuread Pulumi plugin, for machines that cannot download it. It serves the local Entra only.

It covers what this project's program uses of azuread, sends the Graph calls that the real plugin sends (recorded in
`tests/fixtures/azuread-plugin-6.9.1`) and gives resources the ids, inputs and outputs that the real plugin gives them,
so that a stack may change from one to the other.

What differs from the real plugin:

- After a create or a delete the real plugin polls until five reads, 5 s apart, agree. One read that confirms it is
  enough here; until then it polls faster and gives up after half a minute. A service principal that is not to be found
  yet is waited for as long; the real plugin would create one.
- Throttling and server errors are retried five times instead of sixteen, a POST only where it was surely not carried
  out (429, 503). 403 and 409 answers of synchronization jobs are not retried.
- A service principal is taken over (`useExisting`), never created.
- An input that the program does not set is not compared, also not when an earlier run had set it. The real plugin
  takes that as a wish for the field's default.
- Deleting an application or an assignment that is gone already is no error.
- Credentials: a client secret, from the ARM_* environment. Not the plugin's configuration (`azuread:…`).
- Other resources and functions of azuread do not exist here.
"""
