"""Data sets: labelled pictures, who labelled them, what is kept from training, packs of crops."""
