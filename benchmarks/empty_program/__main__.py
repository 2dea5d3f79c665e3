"""No resources."""
