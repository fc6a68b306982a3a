"""The agencies' outbox: what was said is kept on the agency's own disk until the bus has receipted it."""
