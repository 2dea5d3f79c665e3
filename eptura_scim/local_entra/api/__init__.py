"""Graph's endpoints and the token endpoint over HTTP: requests in, documented answers and errors out."""
