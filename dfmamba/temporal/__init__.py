"""What the pipeline does over time, measured on video: jitter against lag, flips, losses."""
