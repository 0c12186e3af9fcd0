"""Faster runners of one network: the DF-Mamba backbone under the heatmap decoder."""
