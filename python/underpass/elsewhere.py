"""Kernels that a Jupyter server has running on another machine: tunnels and secrets are not there."""

from __future__ import annotations

import os

from .failure import fail

#: Set by the Jupyter server where it knows that a kernel runs elsewhere; says who starts it there.
NOTICE = "KERNEL_UNDERPASS_NOTICE"


def require_here() -> None:
    """
    Raises:
        UnderpassError: ``kernel-elsewhere``. A service started here would know no integration, and its
            tunnels would not be those of the server.
    """
    if starter := os.environ.get(NOTICE):
        raise fail(
            "kernel-elsewhere",
            "request",
            f"This kernel runs on another machine than the Jupyter server: it was started by {starter}. "
            "Integrations and their tunnels are on the server's machine, and can not be used from here.",
            "Choose a kernel that runs on the server's machine. If this machine has integrations of its own, "
            f"use those: %env {NOTICE}=",
        )
