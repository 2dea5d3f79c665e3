"""What every kind of edit by hand comes to, from real runs: `python -m acceptance.drift`.

Each kind begins at a stack that is up and in line with Entra: the test edits Entra, `pulumi preview` has to name
exactly that, `pulumi up` has to repair it, and the next preview has to be clean. What this stack does not
manage has to show nothing, and to survive an up. The engine, our plugin and the program are the real ones; azuread is
its stand-in, Entra the local one.

    kinds      the edits, and what a preview has to name
    runs       one kind, run
    document   docs/drift.md
"""
