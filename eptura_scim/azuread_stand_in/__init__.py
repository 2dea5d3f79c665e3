"""A stand-in for the azuread Pulumi plugin, for machines that cannot download it. It serves the local Entra only.

It covers what this project's program uses of azuread, sends the Graph calls that the real plugin sends (recorded in
`tests/fixtures/azuread-plugin-6.9.1`) and gives resources the ids, inputs and outputs that the real plugin gives them,
so that a stack may change from one to the other.

What differs from the real plugin:

- After a create or a delete the real plugin polls until five reads, 5 s apart, agree. One read that confirms it is
  enough here; until then it polls faster and gives up after half a minute. A service principal that is not to be found
  yet is waited for as long; the real plugin would create one.
- Throttling and server errors are repeated five times instead of sixteen. As in the real plugin a POST is repeated too,
  so that one whose answer was lost (504) makes two objects, 403 and 409 answers of synchronization jobs are repeated
  for more than four minutes, and a call that was cut, or whose answer was, ends the run.
- A service principal is taken over (`useExisting`), never created.
- An input that the program does not set is not compared, also not when an earlier run had set it. The real plugin
  takes that as a wish for the field's default. `owners` that are not set and not ignored are removed here too.
- Deleting an assignment that is gone already is not an error; of an application or a job it is, as in the real plugin.
- Credentials: a client secret, from the ARM_* environment. Not the plugin's configuration (`azuread:…`).
- Other resources and functions of azuread do not exist here.
"""
