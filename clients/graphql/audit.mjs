// The audit of GraphQL over HTTP, against one endpoint; prints how each audit went as JSON.
//   node audit.mjs 'http://127.0.0.1:8000/graphql?shop=…'
import { serverAudits } from 'graphql-http';

const found = [];
for (const audit of serverAudits({ url: process.argv[2], fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  found.push({ id: audit.id, name: audit.name, status, reason: reason ?? null });
}
console.log(JSON.stringify(found));
