"""For security administrators: units and their access, rules and calendar, and what waits for a second person."""
