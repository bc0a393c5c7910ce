"""HTTP in: any schema, any resolvers, handed in by whoever composes the application."""
