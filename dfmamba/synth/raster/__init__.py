"""From triangles to pixels: the nearest surface, cast shadows, which joints are seen."""
