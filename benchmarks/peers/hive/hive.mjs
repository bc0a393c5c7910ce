// Hive Gateway over REST by Mesh: the backends are a subgraph of raw rows, additional resolvers shape it into the graph,
// and look-ups by key are batched by the subgraph's SDK. The token is checked by Hive's own plugin.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createGatewayRuntime, createInlineSigningKeyProvider, useJWT } from "@graphql-hive/gateway";
import { getComposedSchemaFromConfig } from "@graphql-mesh/compose-cli";
import * as graph from "../shared/graph.mjs";
import { shops } from "../shared/shops.mjs";
import { sourceHandler } from "./rest.mjs";

const logger = { child: () => logger, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error };
const supergraph = await getComposedSchemaFromConfig({ subgraphs: [{ sourceHandler }] }, logger);

const settingsByShop = new Map();
const productsByShop = new Map(Object.keys(shops).map((shop) => [shop, new Map()]));

const who = ({ jwt }) => ({
  shop: jwt.payload.shop,
  id: jwt.payload.sub,
  token: shops[jwt.payload.shop].token,
  currency: shops[jwt.payload.shop].currency,
});

const ask = (field, args, selectionSet) => (root, context, info) =>
  context.Rest.Query[field]({ root, context, info, args, selectionSet });

const CUSTOMER = "{ customer { email has_payment_method_in_dunning } }";
const SUBSCRIPTIONS = `{ next_cursor subscriptions { id address_id status product_title variant_title quantity price
  presentment_currency next_charge_scheduled_at is_skippable is_swappable order_interval_unit order_interval_frequency
  external_product_id { ecommerce } } }`;
const CHARGES = `{ charges { id scheduled_at total_price currency
  line_items { purchase_item_id title quantity offer_attributes { type } } } }`;
const SELECTIONS = `{ bundle_selections { id purchase_item_id charge_id order_id
  items { quantity external_product_id external_variant_id } } }`;
const ADDRESSES = "{ addresses { id address1 city zip } }";
const PRODUCTS = `{ products { external_product_id title images { large } plans { id title sort_order deleted_at }
  variants { external_variant_id title image { large } } } }`;
const SETTINGS = `{ settings { customer_portal { subscription { skip_scheduled_order cancel_subscription change_product
  change_quantity edit_scheduled_date reactivate_subscription cancellation_reason_optional } } } }`;

// One record a request, whichever fields ask.
const records = new WeakMap();
async function record(root, context, info) {
  if (!records.has(context)) {
    const { id, token } = who(context);
    records.set(context, ask("rest_customer", { id, token }, CUSTOMER)(root, context, info));
  }
  return (await records.get(context)).customer;
}

const byKey = (field, key, selectionSet, valuesFromResults) => (root, _args, context, info) =>
  context.Rest.Query[field]({
    root,
    context,
    info,
    key: String(key(root)),
    argsFromKeys: (keys) => ({ token: who(context).token, ids: [...new Set(keys)].join(",") }),
    selectionSet,
    valuesFromResults,
  });

function productsFrom(answer, keys, kept) {
  for (const row of answer.products) kept.set(row.external_product_id, graph.product(row));
  return keys.map((key) => kept.get(key) ?? null);
}

function product(number, root, context, info) {
  const { shop, token } = who(context);
  const kept = productsByShop.get(shop);
  return (
    kept.get(number) ??
    context.Rest.Query.rest_products({
      root,
      context,
      info,
      key: number,
      argsFromKeys: (keys) => ({ token, ids: [...new Set(keys)].join(",") }),
      selectionSet: PRODUCTS,
      valuesFromResults: (answer, keys) => productsFrom(answer, keys, kept),
    })
  );
}

const additionalResolvers = {
  Query: {
    shop: () => ({}),
    customer: (_root, _args, context) => ({ id: graph.gid("recharge", "Customer", who(context).id) }),
  },
  Shop: {
    customerPortal: async (root, _args, context, info) => {
      const { shop, token } = who(context);
      if (!settingsByShop.has(shop)) {
        const { settings } = await ask("rest_settings", { token }, SETTINGS)(root, context, info);
        settingsByShop.set(shop, graph.portalSettings(settings.customer_portal.subscription));
      }
      return settingsByShop.get(shop);
    },
  },
  Customer: {
    email: async (root, _args, context, info) => (await record(root, context, info)).email,
    hasPaymentMethodInDunning: async (root, _args, context, info) =>
      (await record(root, context, info)).has_payment_method_in_dunning,
    subscriptions: async (root, { first, reverse }, context, info) => {
      const { id, token, currency } = who(context);
      const args = { id, token, limit: String(first ?? 20), sort: reverse ? "id-desc" : "id-asc" };
      return graph.connection(await ask("rest_subscriptions", args, SUBSCRIPTIONS)(root, context, info), currency);
    },
    credit: async (root, _args, context, info) => {
      const { id, token } = who(context);
      const selected = "{ credit_summary { total_available_balance currency_code } }";
      return graph.credit((await ask("rest_credit", { id, token }, selected)(root, context, info)).credit_summary);
    },
    loyalty: async (root, _args, context, info) => {
      const { email } = await record(root, context, info);
      const args = { email: encodeURIComponent(email), token: who(context).token };
      const selected = "{ customers { points_balance vip_status { vip_tier { name } } } }";
      const { customers } = await ask("rest_members", args, selected)(root, context, info);
      return customers.length ? graph.member(customers[0]) : null;
    },
  },
  SubscriptionContract: {
    product: (root, _args, context, info) => product(root.productId, root, context, info),
    address: byKey("rest_addresses", (root) => root.addressId, ADDRESSES, ({ addresses }, keys) => {
      const byId = new Map(addresses.map((row) => [row.id, graph.address(row)]));
      return keys.map((key) => byId.get(key) ?? null);
    }),
    upcomingCharge: byKey("rest_charges", (root) => root.number, CHARGES, ({ charges }, keys) => {
      const bySubscription = new Map();
      for (const row of charges) {
        const charge = graph.charge(row);
        for (const line of row.line_items) {
          if (!bySubscription.has(line.purchase_item_id)) bySubscription.set(line.purchase_item_id, charge);
        }
      }
      return keys.map((key) => bySubscription.get(key) ?? null);
    }),
    bundleSelection: byKey("rest_selections", (root) => root.number, SELECTIONS, (answer, keys) => {
      const open = answer.bundle_selections.filter((row) => row.charge_id === null && row.order_id === null);
      const bySubscription = new Map(open.map((row) => [row.purchase_item_id, graph.selection(row)]));
      return keys.map((key) => bySubscription.get(key) ?? null);
    }),
  },
  BundleSelectionItem: {
    productVariant: async (root, _args, context, info) =>
      (await product(root.productNumber, root, context, info))?.variantsById.get(root.variantNumber) ?? null,
  },
};

const gateway = createGatewayRuntime({
  supergraph,
  additionalTypeDefs: readFileSync(new URL("graph.graphql", import.meta.url), "utf8"),
  additionalResolvers,
  plugins: () => [useJWT({ signingKeyProviders: [createInlineSigningKeyProvider(process.env.SESSION_SECRET)] })],
  logging: false,
  landingPage: false,
  graphiql: false,
});
createServer(gateway).listen(Number(process.env.PORT), "127.0.0.1");
