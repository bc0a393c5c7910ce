// Apollo Client 4 with automatic persisted queries, by POST and by GET; prints what it got and what it sent as JSON.
//   node apollo.mjs '{"url": "http://127.0.0.1:8000/graphql?shop=…", "token": "…"}'
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { recording } from './recording.mjs';

const given = JSON.parse(process.argv[2]);
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

function client({ get, token }) {
  const recorded = recording();
  const link = ApolloLink.from([
    new PersistedQueryLink({ sha256, useGETForHashedQueries: get }),
    new HttpLink({ uri: given.url, fetch: recorded.fetch, headers: token ? { authorization: `Bearer ${token}` } : {} }),
  ]);
  return { client: new ApolloClient({ link, cache: new InMemoryCache() }), sent: recorded.sent };
}

async function asked({ client, sent }, query, variables) {
  try {
    const { data } = await client.query({ query, variables, fetchPolicy: 'no-cache' });
    return { data, sent };
  } catch (error) {
    if (CombinedGraphQLErrors.is(error)) return { data: error.data ?? null, codes: error.errors.map((each) => each.extensions?.code), sent };
    return { kind: ServerError.is(error) ? `ServerError ${error.statusCode}` : `${error}`, sent };
  }
}

const found = {};
for (const get of [false, true]) {
  // Each client learns anew; the gateway knows the digest from the first one.
  const query = gql(`query ${get ? 'ByGet' : 'ByPost'} { shop { domain } }`);
  const name = get ? 'get' : 'post';
  found[name] = { first: await asked(client({ get }), query), second: await asked(client({ get }), query) };
}
const portal = gql('query Mine($count: Int!) { customer { id subscriptions(first: $count) { nodes { id } } } }');
found.shopper = await asked(client({ get: false, token: given.token }), portal, { count: 2 });
found.gap = await asked(client({ get: false }), gql('query Gap { shop { domain } loyaltyProgram { pointsLabel { one } } }'));
found.refused = await asked(client({ get: false, token: 'nobody' }), gql('query Refused { shop { domain } }'));
const cached = client({ get: true });
const product = gql('query Product($id: ID!) { product(id: $id) { id title variants { id title } } }');
await cached.client.query({ query: product, variables: { id: given.product } });
await cached.client.query({ query: product, variables: { id: given.product } });
found.cache = { entries: Object.keys(cached.client.cache.extract()).filter((key) => key !== 'ROOT_QUERY').sort(), sent: cached.sent };
console.log(JSON.stringify(found));
