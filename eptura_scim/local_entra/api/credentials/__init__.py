"""HTTP endpoints of client secrets, certificates and federated credentials."""
