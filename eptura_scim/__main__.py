"""`python -m eptura_scim`: the command line."""

from eptura_scim.cli import main

if __name__ == "__main__":
    main()
