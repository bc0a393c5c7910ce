// Resolvers over a DataLoader a request, as GraphQL's own documentation has it. `context.rest` is the shopper's.
import DataLoader from "dataloader";
import { gid } from "./graph.mjs";
import { Rest } from "./rest.mjs";
import { sessionOf } from "./session.mjs";

export function contextOf(authorization, get) {
  const rest = new Rest(sessionOf(authorization), get);
  return {
    rest,
    loaders: {
      product: new DataLoader((ids) => rest.products(ids)),
      address: new DataLoader((ids) => rest.addresses(ids)),
      charge: new DataLoader((ids) => rest.charges(ids)),
      selection: new DataLoader((ids) => rest.selections(ids)),
    },
  };
}

const productOf = (number, { rest, loaders }) => rest.keptProduct(number) ?? loaders.product.load(number);

export const roots = {
  Query: {
    shop: () => ({}),
    customer: (_root, _args, { rest }) => ({ id: gid("recharge", "Customer", rest.customerId) }),
  },
  Shop: { customerPortal: (_shop, _args, { rest }) => rest.settings() },
  Customer: {
    email: async (_customer, _args, { rest }) => (await rest.customer()).email,
    hasPaymentMethodInDunning: async (_customer, _args, { rest }) =>
      (await rest.customer()).has_payment_method_in_dunning,
    subscriptions: (_customer, args, { rest }) => rest.subscriptions(args),
    loyalty: (_customer, _args, { rest }) => rest.member(),
    credit: (_customer, _args, { rest }) => rest.credit(),
  },
};

export const resolvers = {
  ...roots,
  SubscriptionContract: {
    product: ({ productId }, _args, context) => productOf(productId, context),
    address: ({ addressId }, _args, { loaders }) => loaders.address.load(addressId),
    upcomingCharge: ({ number }, _args, { loaders }) => loaders.charge.load(number),
    bundleSelection: ({ number }, _args, { loaders }) => loaders.selection.load(number),
  },
  BundleSelectionItem: {
    productVariant: async ({ productNumber, variantNumber }, _args, context) =>
      (await productOf(productNumber, context))?.variantsById.get(variantNumber) ?? null,
  },
};
