"""The hub of a cluster of factories: compares, classifies, supports and oversees without their raw data."""

__all__: list[str] = []
