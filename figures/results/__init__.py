"""The recorded results, found by `minialexnet.files.recorded.recorded`."""
