"""Whether all is there that a run needs: tools, settings, login, permissions, Eptura's endpoint. Nothing is written."""
