"""Office import: events from the sheets that agencies keep anyway, checked row by row."""
