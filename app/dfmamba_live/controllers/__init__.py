"""What the window commands do: cameras, files, capture, playback, exports."""
