// What a Relay application declares; the compiler reads it and prints the artifacts that relay.mjs runs.
import { graphql } from 'relay-runtime';

export const portal = graphql`
  query PortalQuery($count: Int!) {
    shop {
      domain
    }
    customer {
      id
      ...Portal_subscriptions @arguments(count: $count)
    }
  }
`;

export const subscriptions = graphql`
  fragment Portal_subscriptions on Customer
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, after: { type: "String" })
  @refetchable(queryName: "PortalPaginationQuery") {
    subscriptions(first: $count, after: $after) @connection(key: "Portal_subscriptions") {
      edges {
        node {
          id
        }
      }
    }
  }
`;
