"""The gradient check: whether a backward is the derivative of its forward.

Begin with check.py (check_layer and check_function) and slopes.py (how a slope of
forward is measured, and with which step). elements.py says which elements are measured
and how far off each gradient is, contract.py what a layer must keep to besides, held.py
how it is put back, report.py what is told in the end.
"""

from .check import check_function, check_layer
from .report import ArrayCheck, GradientError, Report

__all__ = ["ArrayCheck", "GradientError", "Report", "check_function", "check_layer"]
