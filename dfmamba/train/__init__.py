"""Training: the loss, the resumable loop and its command."""
