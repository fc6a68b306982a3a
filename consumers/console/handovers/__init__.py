"""The board of handovers: every clock, by unit, rule and field; the calendar of due days; exports."""
