// Apollo Server with a RESTDataSource a backend, whose requests go over undici's keep-alive pool.
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { RESTDataSource } from "@apollo/datasource-rest";
import { Agent, fetch } from "undici";
import { typeDefs } from "./shared/schema.mjs";
import { contextOf, resolvers } from "./shared/resolvers.mjs";
import { shops } from "./shared/shops.mjs";

const agent = new Agent({ connections: 100, pipelining: 1 });
const fetcher = (url, init) => fetch(url, { ...init, dispatcher: agent });

class Backend extends RESTDataSource {
  baseURL = process.env.BACKEND_URL;

  constructor(cache, header) {
    super({ cache, fetch: fetcher });
    this.header = header;
  }

  willSendRequest(_path, request) {
    Object.assign(request.headers, this.header);
  }
}

const server = new ApolloServer({ typeDefs, resolvers, introspection: false });
await startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT), host: "127.0.0.1" },
  context: async ({ req }) => {
    const backends = {};
    const get = (name, shop, path) => {
      const { token } = shops[shop];
      backends[name] ??= new Backend(
        server.cache,
        name === "loyalty" ? { authorization: `Bearer ${token}` } : { "x-recharge-access-token": token },
      );
      return backends[name].get(path);
    };
    return contextOf(req.headers.authorization, get);
  },
});
