"""One module per foreign file format."""
