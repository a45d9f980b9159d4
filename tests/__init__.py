"""The tests, folder by folder as the package has them."""
