def pytest_configure(config):
    """OmegaConf's classes derive from typing.MutableMapping, which beartype warns about."""
    warning = "beartype.roar.BeartypeDecorHintPep585DeprecationWarning"
    config.addinivalue_line("filterwarnings", f"ignore::{warning}")
