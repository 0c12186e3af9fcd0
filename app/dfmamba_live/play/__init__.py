"""Playing a source: frames in, estimates out, in threads of their own."""
