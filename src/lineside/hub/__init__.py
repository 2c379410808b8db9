"""What a cluster of factories sees of itself, from what its members release and without their raw data."""

__all__ = []
