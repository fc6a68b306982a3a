"""What speaks on the bus: the publisher for programs and the gateway for HTTP."""
