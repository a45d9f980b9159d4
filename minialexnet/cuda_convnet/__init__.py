"""Networks from the 2012 code's own layer files."""

from .build import MAX_PARAMETERS, CfgError, Learning, Network, load

__all__ = ["MAX_PARAMETERS", "CfgError", "Learning", "Network", "load"]
