"""Sample users, or a whole directory, through the mappings: what would arrive at Eptura, and what would go wrong.

Graph is read, nothing is written; the local Entra is not needed.
"""
