"""Products, plans and incentives: tables and endpoints that a service mounts."""
