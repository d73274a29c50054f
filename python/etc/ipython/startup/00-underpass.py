# Runs at the start of every IPython: announces the SQL cells of underpass, which is imported when the first
# one runs. It must never keep a kernel from starting, and it leaves no names behind.
try:

    def _announce(manager):
        for name in ("sql", "underpass"):
            if name not in manager.magics["cell"] and name not in manager.lazy_magics:
                manager.register_lazy(name, "underpass")

    _announce(get_ipython().magics_manager)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    del _announce
except Exception:
    pass
