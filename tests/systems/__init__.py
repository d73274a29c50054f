"""Every system through the bastion: types, parameters, limits, errors, Stop, catalog."""

import pytest

# Tests that several modules inherit.
pytest.register_assert_rewrite(f"{__name__}.mysql_family")
