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
    "query LoyaltyPanel {\n  loyaltyProgram {\n    pointsLabel {\n      one\n      other\n    }\n    tiers {\n      id\n      name\n      milestone\n      perks\n    }\n    earningRules {\n      id\n      name\n      actionText\n      actionUrl\n      pointsFixed\n      pointsPerAmount\n      perAmount {\n        amount\n        currencyCode\n      }\n      limit {\n        type\n        max\n      }\n    }\n  }\n  customer {\n    id\n    firstName\n    loyalty {\n      id\n      status\n      pointsBalance\n      tierStatus {\n        tier {\n          id\n          name\n        }\n        nextTier {\n          id\n          name\n          milestone\n        }\n        progress\n        deltaToNextTier\n        expiresAt\n      }\n      availableRewards {\n        isRedeemable\n        pointsMissing\n        reward {\n          id\n          name\n          exchangeType\n          exchangeDescription\n          pointsPrice\n          pointsStep\n          pointsMin\n        }\n      }\n      redemptions(first: 10, usageStatus: UNUSED) {\n        nodes {\n          id\n          name\n          code\n          expiresAt\n        }\n      }\n      activity(first: 6) {\n        nodes {\n          id\n          pointsChange\n          description\n          createdAt\n        }\n      }\n    }\n  }\n}": typeof types.LoyaltyPanelDocument,
};
const documents: Documents = {
    "query LoyaltyPanel {\n  loyaltyProgram {\n    pointsLabel {\n      one\n      other\n    }\n    tiers {\n      id\n      name\n      milestone\n      perks\n    }\n    earningRules {\n      id\n      name\n      actionText\n      actionUrl\n      pointsFixed\n      pointsPerAmount\n      perAmount {\n        amount\n        currencyCode\n      }\n      limit {\n        type\n        max\n      }\n    }\n  }\n  customer {\n    id\n    firstName\n    loyalty {\n      id\n      status\n      pointsBalance\n      tierStatus {\n        tier {\n          id\n          name\n        }\n        nextTier {\n          id\n          name\n          milestone\n        }\n        progress\n        deltaToNextTier\n        expiresAt\n      }\n      availableRewards {\n        isRedeemable\n        pointsMissing\n        reward {\n          id\n          name\n          exchangeType\n          exchangeDescription\n          pointsPrice\n          pointsStep\n          pointsMin\n        }\n      }\n      redemptions(first: 10, usageStatus: UNUSED) {\n        nodes {\n          id\n          name\n          code\n          expiresAt\n        }\n      }\n      activity(first: 6) {\n        nodes {\n          id\n          pointsChange\n          description\n          createdAt\n        }\n      }\n    }\n  }\n}": types.LoyaltyPanelDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query LoyaltyPanel {\n  loyaltyProgram {\n    pointsLabel {\n      one\n      other\n    }\n    tiers {\n      id\n      name\n      milestone\n      perks\n    }\n    earningRules {\n      id\n      name\n      actionText\n      actionUrl\n      pointsFixed\n      pointsPerAmount\n      perAmount {\n        amount\n        currencyCode\n      }\n      limit {\n        type\n        max\n      }\n    }\n  }\n  customer {\n    id\n    firstName\n    loyalty {\n      id\n      status\n      pointsBalance\n      tierStatus {\n        tier {\n          id\n          name\n        }\n        nextTier {\n          id\n          name\n          milestone\n        }\n        progress\n        deltaToNextTier\n        expiresAt\n      }\n      availableRewards {\n        isRedeemable\n        pointsMissing\n        reward {\n          id\n          name\n          exchangeType\n          exchangeDescription\n          pointsPrice\n          pointsStep\n          pointsMin\n        }\n      }\n      redemptions(first: 10, usageStatus: UNUSED) {\n        nodes {\n          id\n          name\n          code\n          expiresAt\n        }\n      }\n      activity(first: 6) {\n        nodes {\n          id\n          pointsChange\n          description\n          createdAt\n        }\n      }\n    }\n  }\n}"): typeof import('./graphql').LoyaltyPanelDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
