"""The gradient check: whether a backward is the derivative of its forward."""

from .check import ArrayCheck, GradientError, Report, check_function, check_layer

__all__ = ["ArrayCheck", "GradientError", "Report", "check_function", "check_layer"]
