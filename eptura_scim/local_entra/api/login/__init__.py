"""The login side: cloud metadata, OpenID discovery, and access tokens.

Sources: Microsoft identity platform, "OAuth 2.0 client credentials flow" and its error codes; the azuread plugin's
recorded calls (metadata, token).
"""
