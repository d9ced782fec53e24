"""One module per change, and its SQL beside it."""
