// Relay's runtime with persisted documents: it knows ids, and no texts; prints what it got and what it sent as JSON.
//   node relay.mjs '{"url": "http://127.0.0.1:8000/graphql?shop=…", "token": "…", "artifacts": "/…/__generated__"}'
import { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery } from 'relay-runtime';
import { recording } from './recording.mjs';

const given = JSON.parse(process.argv[2]);
const { fetch, sent } = recording();
const artifact = async (name) => (await import(`${given.artifacts}/${name}.graphql.js`)).default;

async function send({ id, text }, variables) {
  if (text !== null) throw new Error('a persisted document has no text');
  const response = await fetch(given.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization: `Bearer ${given.token}` },
    body: JSON.stringify({ documentId: id, variables }),
  });
  return response.json();
}

const environment = new Environment({ network: Network.create(send), store: new Store(new RecordSource()) });
const [query, more] = [await artifact('PortalQuery'), await artifact('PortalPaginationQuery')];
const first = await fetchQuery(environment, query, { count: 2 }).toPromise();
environment.retain(createOperationDescriptor(query, { count: 2 }));

// The connection as Relay keeps it, by the key of `@connection`.
function kept() {
  const records = environment.getStore().getSource();
  const key = `client:${first.customer.id}:__Portal_subscriptions_connection`;
  const edges = records.get(key).edges.__refs.map((ref) => records.get(ref).node.__ref);
  return { edges, cursor: records.get(records.get(key).pageInfo.__ref).endCursor };
}

const before = kept();
await fetchQuery(environment, more, { count: 2, after: before.cursor, id: first.customer.id }).toPromise();
console.log(JSON.stringify({ first, before: before.edges, after: kept().edges, sent }));
