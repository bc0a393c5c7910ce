// Mercurius with JIT and its own loaders, on Fastify.
import Fastify from "fastify";
import mercurius from "mercurius";
import { typeDefs } from "./shared/schema.mjs";
import { roots } from "./shared/resolvers.mjs";
import { Rest } from "./shared/rest.mjs";
import { sessionOf } from "./shared/session.mjs";

// Without the loaders' own cache, which would key each row by its JSON; the batches ask for a key once all the same.
const batch = (load) => ({ loader: (queries, context) => load(context.rest, queries.map(({ obj }) => obj)), opts: { cache: false } });

const loaders = {
  SubscriptionContract: {
    product: batch((rest, rows) => rest.products(rows.map((row) => row.productId))),
    address: batch((rest, rows) => rest.addresses(rows.map((row) => row.addressId))),
    upcomingCharge: batch((rest, rows) => rest.charges(rows.map((row) => row.number))),
    bundleSelection: batch((rest, rows) => rest.selections(rows.map((row) => row.number))),
  },
  BundleSelectionItem: {
    productVariant: batch(async (rest, items) => {
      const products = await rest.products(items.map((item) => item.productNumber));
      return items.map((item, at) => products[at]?.variantsById.get(item.variantNumber) ?? null);
    }),
  },
};

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers: roots,
  loaders,
  jit: 1,
  context: (request) => ({ rest: new Rest(sessionOf(request.headers.authorization)) }),
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
