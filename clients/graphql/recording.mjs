// A `fetch` that remembers what a client sent, as far as it matters which document was meant.
export function recording() {
  const sent = [];
  async function recorded(input, init = {}) {
    const url = new URL(input);
    const parameters = init.body ? JSON.parse(init.body) : Object.fromEntries(url.searchParams);
    const extensions = typeof parameters.extensions === 'string' ? JSON.parse(parameters.extensions) : parameters.extensions;
    const response = await fetch(input, init);
    sent.push({
      method: init.method ?? 'GET',
      text: Boolean(parameters.query),
      digest: extensions?.persistedQuery?.sha256Hash ?? null,
      documentId: parameters.documentId ?? null,
      status: response.status,
      type: response.headers.get('content-type'),
    });
    return response;
  }
  return { fetch: recorded, sent };
}
