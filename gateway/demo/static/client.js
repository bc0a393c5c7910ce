const CONFIG = "/demo/config.json";
const KEPT = "storefront-gateway-demo-config";
const CONFIG_HELP =
  "The lists of shoppers and products come from the subscriptions and bundles backends, and one of them does not answer: start the demo anew, then press Run.";
const tokens = new Map();

/** The gateway could not be asked, or what it answered is not an answer. */
export class Unreachable extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * What the page offers to choose from. The lists come from two backends, so the last ones seen serve when the reader
 * has stopped one of those and loads the page again.
 */
export async function loadConfig() {
  try {
    const config = await readJson(await get(CONFIG));
    sessionStorage.setItem(KEPT, JSON.stringify(config));
    return config;
  } catch (error) {
    const kept = sessionStorage.getItem(KEPT);
    if (kept) return JSON.parse(kept);
    throw error.status ? new Unreachable(CONFIG_HELP) : error;
  }
}

/** Send a request as a widget would, as that customer. */
export async function ask(request, customer, signal) {
  let answer = await post(request, await tokenOf(customer), signal);
  if (answer.status === 401) {
    // Starting the demo anew makes a new signing key; the page's tokens are then of the old one.
    tokens.delete(customer);
    answer = await post(request, await tokenOf(customer), signal);
  }
  return answer;
}

export function curlOf(request, token) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  return [
    `curl -s ${quoted(`${location.origin}/graphql`)}`,
    "-H 'Content-Type: application/json'",
    "-H 'X-Explain: 1'",
    `-H ${quoted(`Authorization: Bearer ${token}`)}`,
    `-d ${quoted(JSON.stringify(request))}`,
  ].join(" \\\n  ");
}

async function tokenOf(customer) {
  if (!tokens.has(customer)) {
    const { token } = await readJson(await get(`/demo/session?customer=${encodeURIComponent(customer)}`));
    tokens.set(customer, token);
  }
  return tokens.get(customer);
}

async function post(request, token, signal) {
  const began = performance.now();
  const response = await send("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}`, "X-Explain": "1" },
    body: JSON.stringify(request),
    signal,
  });
  const text = await response.text().catch((error) => fail(error));
  return { status: response.status, body: parsed(text, response), token, roundTripMs: performance.now() - began };
}

async function get(path) {
  const response = await send(path, {});
  if (!response.ok) throw new Unreachable(`${path} answered with status ${response.status}.`, response.status);
  return response;
}

const send = (path, options) => fetch(path, options).catch((error) => fail(error));

const readJson = async (response) => parsed(await response.text().catch((error) => fail(error)), response);

function parsed(text, response) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreachable(`The answer has status ${response.status} and is not JSON.`);
  }
}

function fail(error) {
  // A request that a newer one replaced is no failure: the caller drops it.
  if (error.name === "AbortError") throw error;
  throw new Unreachable("Nothing answers at this address. Check that storefront-gateway demo still runs in its terminal, then press Run.");
}
