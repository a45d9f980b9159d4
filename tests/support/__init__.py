"""What several tests need: geometries, and stand-ins for CuPy."""
