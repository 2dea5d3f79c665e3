"""HTTP endpoints below `/synchronization` of an application or a service principal."""
