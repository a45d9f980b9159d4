"""What several tests need: oracles, geometries, and stand-ins for CuPy."""
