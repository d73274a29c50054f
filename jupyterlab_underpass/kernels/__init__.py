"""Variables of connected integrations in kernels: at their start, while they run, and not elsewhere."""

from .elsewhere import KernelsHandler, Whereabouts
from .start import KernelEnvironment

__all__ = ["KernelEnvironment", "KernelsHandler", "Whereabouts"]
