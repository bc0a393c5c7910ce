// GraphQL Yoga on node:http, with its parse and validation caches, which are on by default.
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { typeDefs } from "./schema.mjs";
import { contextOf, resolvers } from "./resolvers.mjs";

export function serve(plugins) {
  const yoga = createYoga({
    schema: createSchema({ typeDefs, resolvers }),
    context: ({ request }) => contextOf(request.headers.get("authorization")),
    plugins,
    logging: false,
    graphiql: false,
    landingPage: false,
  });
  createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
}
