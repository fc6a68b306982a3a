"""What readers see: queries scoped to the unit that asks, and the routes that serve them."""
