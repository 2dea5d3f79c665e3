"""Taking over an application that was made by hand: found, read, said in settings, imported. Entra is only read."""
