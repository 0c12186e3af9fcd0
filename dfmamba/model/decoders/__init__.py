"""Decoders: from a backbone's maps to hands."""
