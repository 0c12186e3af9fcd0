"""Operators with a plain torch reference beside each fast implementation."""
