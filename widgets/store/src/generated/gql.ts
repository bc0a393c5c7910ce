/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query Account {\n  shop {\n    customerPortal {\n      canSkip\n    }\n  }\n  customer {\n    id\n    firstName\n    lastName\n    email\n    hasPaymentMethodInDunning\n    subscriptions(first: 20, status: ACTIVE) {\n      nodes {\n        id\n        productTitle\n        variantTitle\n        quantity\n        price {\n          amount\n          currencyCode\n        }\n        nextChargeDate\n        isSkippable\n        deliveryInterval {\n          unit\n          count\n        }\n        product {\n          id\n          handle\n        }\n        address {\n          id\n          city\n        }\n        upcomingCharge {\n          id\n          scheduledDate\n        }\n        bundleSelection {\n          id\n          items {\n            id\n            quantity\n            productVariant {\n              id\n              title\n              image {\n                url\n                altText\n              }\n            }\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    upcomingCharge {\n      id\n      scheduledDate\n      totalPrice {\n        amount\n        currencyCode\n      }\n      lineItems {\n        purchaseItemId\n        title\n        variantTitle\n        quantity\n        image {\n          url\n        }\n        totalPrice {\n          amount\n          currencyCode\n        }\n      }\n      address {\n        id\n        address1\n        city\n        zip\n      }\n    }\n    credit {\n      totalAvailable {\n        amount\n        currencyCode\n      }\n      appliesToNextCharge\n    }\n    loyalty {\n      id\n      pointsBalance\n      tierStatus {\n        tier {\n          id\n          name\n        }\n      }\n    }\n  }\n}": typeof types.AccountDocument,
};
const documents: Documents = {
    "query Account {\n  shop {\n    customerPortal {\n      canSkip\n    }\n  }\n  customer {\n    id\n    firstName\n    lastName\n    email\n    hasPaymentMethodInDunning\n    subscriptions(first: 20, status: ACTIVE) {\n      nodes {\n        id\n        productTitle\n        variantTitle\n        quantity\n        price {\n          amount\n          currencyCode\n        }\n        nextChargeDate\n        isSkippable\n        deliveryInterval {\n          unit\n          count\n        }\n        product {\n          id\n          handle\n        }\n        address {\n          id\n          city\n        }\n        upcomingCharge {\n          id\n          scheduledDate\n        }\n        bundleSelection {\n          id\n          items {\n            id\n            quantity\n            productVariant {\n              id\n              title\n              image {\n                url\n                altText\n              }\n            }\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    upcomingCharge {\n      id\n      scheduledDate\n      totalPrice {\n        amount\n        currencyCode\n      }\n      lineItems {\n        purchaseItemId\n        title\n        variantTitle\n        quantity\n        image {\n          url\n        }\n        totalPrice {\n          amount\n          currencyCode\n        }\n      }\n      address {\n        id\n        address1\n        city\n        zip\n      }\n    }\n    credit {\n      totalAvailable {\n        amount\n        currencyCode\n      }\n      appliesToNextCharge\n    }\n    loyalty {\n      id\n      pointsBalance\n      tierStatus {\n        tier {\n          id\n          name\n        }\n      }\n    }\n  }\n}": types.AccountDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Account {\n  shop {\n    customerPortal {\n      canSkip\n    }\n  }\n  customer {\n    id\n    firstName\n    lastName\n    email\n    hasPaymentMethodInDunning\n    subscriptions(first: 20, status: ACTIVE) {\n      nodes {\n        id\n        productTitle\n        variantTitle\n        quantity\n        price {\n          amount\n          currencyCode\n        }\n        nextChargeDate\n        isSkippable\n        deliveryInterval {\n          unit\n          count\n        }\n        product {\n          id\n          handle\n        }\n        address {\n          id\n          city\n        }\n        upcomingCharge {\n          id\n          scheduledDate\n        }\n        bundleSelection {\n          id\n          items {\n            id\n            quantity\n            productVariant {\n              id\n              title\n              image {\n                url\n                altText\n              }\n            }\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    upcomingCharge {\n      id\n      scheduledDate\n      totalPrice {\n        amount\n        currencyCode\n      }\n      lineItems {\n        purchaseItemId\n        title\n        variantTitle\n        quantity\n        image {\n          url\n        }\n        totalPrice {\n          amount\n          currencyCode\n        }\n      }\n      address {\n        id\n        address1\n        city\n        zip\n      }\n    }\n    credit {\n      totalAvailable {\n        amount\n        currencyCode\n      }\n      appliesToNextCharge\n    }\n    loyalty {\n      id\n      pointsBalance\n      tierStatus {\n        tier {\n          id\n          name\n        }\n      }\n    }\n  }\n}"): typeof import('./graphql').AccountDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
