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
    "query SubscriptionPicker($productId: ID!, $country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n  shop {\n    currencyCode\n  }\n  product(id: $productId) {\n    id\n    title\n    requiresSellingPlan\n    plans {\n      id\n      title\n      type\n      sortOrder\n      sellingPlanId\n      deliveryInterval {\n        unit\n        count\n      }\n      discount {\n        type\n        value\n      }\n    }\n    variants {\n      id\n      title\n      availableForSale\n      price {\n        amount\n        currencyCode\n      }\n      compareAtPrice {\n        amount\n        currencyCode\n      }\n      planPrices {\n        plan {\n          id\n        }\n        price {\n          amount\n          currencyCode\n        }\n      }\n    }\n    bundle {\n      isCustomizable\n      priceRule\n      variants {\n        productVariantId\n        ranges {\n          min\n          max\n        }\n      }\n    }\n    tieredDiscounts {\n      id\n      tiers {\n        thresholdType\n        threshold\n        discount {\n          type\n          value\n        }\n      }\n    }\n  }\n  loyaltyProgram {\n    pointsLabel {\n      one\n      other\n    }\n    earningRules {\n      pointsPerAmount\n      perAmount {\n        amount\n        currencyCode\n      }\n    }\n  }\n}": typeof types.SubscriptionPickerDocument,
};
const documents: Documents = {
    "query SubscriptionPicker($productId: ID!, $country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n  shop {\n    currencyCode\n  }\n  product(id: $productId) {\n    id\n    title\n    requiresSellingPlan\n    plans {\n      id\n      title\n      type\n      sortOrder\n      sellingPlanId\n      deliveryInterval {\n        unit\n        count\n      }\n      discount {\n        type\n        value\n      }\n    }\n    variants {\n      id\n      title\n      availableForSale\n      price {\n        amount\n        currencyCode\n      }\n      compareAtPrice {\n        amount\n        currencyCode\n      }\n      planPrices {\n        plan {\n          id\n        }\n        price {\n          amount\n          currencyCode\n        }\n      }\n    }\n    bundle {\n      isCustomizable\n      priceRule\n      variants {\n        productVariantId\n        ranges {\n          min\n          max\n        }\n      }\n    }\n    tieredDiscounts {\n      id\n      tiers {\n        thresholdType\n        threshold\n        discount {\n          type\n          value\n        }\n      }\n    }\n  }\n  loyaltyProgram {\n    pointsLabel {\n      one\n      other\n    }\n    earningRules {\n      pointsPerAmount\n      perAmount {\n        amount\n        currencyCode\n      }\n    }\n  }\n}": types.SubscriptionPickerDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SubscriptionPicker($productId: ID!, $country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n  shop {\n    currencyCode\n  }\n  product(id: $productId) {\n    id\n    title\n    requiresSellingPlan\n    plans {\n      id\n      title\n      type\n      sortOrder\n      sellingPlanId\n      deliveryInterval {\n        unit\n        count\n      }\n      discount {\n        type\n        value\n      }\n    }\n    variants {\n      id\n      title\n      availableForSale\n      price {\n        amount\n        currencyCode\n      }\n      compareAtPrice {\n        amount\n        currencyCode\n      }\n      planPrices {\n        plan {\n          id\n        }\n        price {\n          amount\n          currencyCode\n        }\n      }\n    }\n    bundle {\n      isCustomizable\n      priceRule\n      variants {\n        productVariantId\n        ranges {\n          min\n          max\n        }\n      }\n    }\n    tieredDiscounts {\n      id\n      tiers {\n        thresholdType\n        threshold\n        discount {\n          type\n          value\n        }\n      }\n    }\n  }\n  loyaltyProgram {\n    pointsLabel {\n      one\n      other\n    }\n    earningRules {\n      pointsPerAmount\n      perAmount {\n        amount\n        currencyCode\n      }\n    }\n  }\n}"): typeof import('./graphql').SubscriptionPickerDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
