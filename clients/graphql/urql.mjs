// urql with automatic persisted queries; prints what it got and what it sent as JSON.
//   node urql.mjs '{"url": "http://127.0.0.1:8000/graphql?shop=…", "token": "…"}'
import { Client, fetchExchange, gql } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { recording } from './recording.mjs';

const given = JSON.parse(process.argv[2]);

function client({ get, token }) {
  const recorded = recording();
  const exchanges = [persistedExchange({ preferGetForPersistedQueries: get, enableForMutation: true }), fetchExchange];
  const fetchOptions = token ? { headers: { authorization: `Bearer ${token}` } } : {};
  // POST unless the exchange says otherwise: what is asked with a session is nobody else's.
  return { client: new Client({ url: given.url, exchanges, fetch: recorded.fetch, fetchOptions, preferGetMethod: false }), sent: recorded.sent };
}

async function asked({ client, sent }, query, variables = {}) {
  const { data, error } = await client.query(query, variables).toPromise();
  return {
    data: data ?? null,
    codes: error ? error.graphQLErrors.map((each) => each.extensions?.code) : [],
    network: error?.networkError ? `${error.networkError}` : null,
    sent,
  };
}

const found = {};
for (const get of [false, true]) {
  const query = gql(`query ${get ? 'UrqlByGet' : 'UrqlByPost'} { shop { domain } }`);
  found[get ? 'get' : 'post'] = { first: await asked(client({ get }), query), second: await asked(client({ get }), query) };
}
const portal = gql('query UrqlMine($count: Int!) { customer { id subscriptions(first: $count) { nodes { id } } } }');
found.shopper = await asked(client({ get: false, token: given.token }), portal, { count: 2 });
found.gap = await asked(client({ get: false }), gql('query UrqlGap { shop { domain } loyaltyProgram { pointsLabel { one } } }'));
found.refused = await asked(client({ get: false, token: 'nobody' }), gql('query UrqlRefused { shop { domain } }'));
console.log(JSON.stringify(found));
