"""Going through a file at will: the playhead, what was decoded and found, comparing weights."""
