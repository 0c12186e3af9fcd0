"""Backbones: from pictures to maps of several strides."""
