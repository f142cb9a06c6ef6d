"""A corpus to look at, in a browser on the same machine. Reads only."""
