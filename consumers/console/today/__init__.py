"""The working desk (工作台): what needs a person today, by the time left to a legal limit."""
