"""The hands that are drawn: bones, skin, poses, and how they are baked from hand models."""
