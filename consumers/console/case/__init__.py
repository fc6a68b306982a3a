"""The case page: one timeline over all streams, the state, the clocks as bars, who looked."""
