"""Client secrets, certificates and federated credentials of applications and service principals."""
