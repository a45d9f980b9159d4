"""A run: what it is asked to be, its learning rates and its checkpoint."""
