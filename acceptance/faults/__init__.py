"""What every fault at every step of every operation comes to, from real runs: `python -m acceptance.faults`.

A *step* is one kind of call to the local Entra (who asks, method, path), found in the log of a run without faults. A
*cell* is one operation with one fault at one step: what the user sees, and that a rerun converges with nothing doubled,
lost or left running. The engine, our plugin and the program are the real ones; azuread is its stand-in, Entra the local
one. Plugins run in their own quick time (`acceptance.quick`).

    steps        what an operation asks for
    faults       what can go wrong at a step, or all along
    sandbox        a stack and a local Entra that can be put back, and runs in it
    operations   up, a change, preview, refresh, import, destroy
    snapshot     what is there after a run, comparable
    cells        one cell, or many that one run may meet together
    checkpoint   the cells so far
    document     docs/faults.md
"""
