"""Arrays on their devices: what the layers compute with, and the machine needs."""
