"""The templates that applications are made from, and what they make."""
