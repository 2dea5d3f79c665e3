"""Microsoft Graph's synchronization API: client, login, models and errors. Import names from the modules."""
