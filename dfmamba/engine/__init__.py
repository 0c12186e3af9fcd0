"""The network as fast as a GPU runs it: fused layers, one graph, no copies in between."""
