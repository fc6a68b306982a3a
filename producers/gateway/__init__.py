"""`POST /v1/events`: events over HTTP, receipted once the broker has them."""
