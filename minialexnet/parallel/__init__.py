"""Networks that compute on several threads or devices at once."""
