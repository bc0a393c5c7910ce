"""HTTP in, HTTP out: everything of the gateway that is not commerce."""
