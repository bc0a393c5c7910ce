/** Where a widget asks, and as whom. */
export interface Gateway {
  /** The GraphQL endpoint's URL. */
  readonly endpoint: string;
  /** The shop's domain on Shopify, such as `aurora-coffee.myshopify.com`. */
  readonly shop: string;
  /** A shopper's session. Without it only what is public is answered, by a GET that any cache may keep. */
  readonly token?: string | undefined;
  /** Send the document's hash instead of its text, for a gateway that has the widgets' persisted documents. */
  readonly byId?: boolean | undefined;
  /** Ask for the REST calls behind the answer too; a session without the scope `explain` gets none. */
  readonly explain?: boolean | undefined;
}

/** What graphql-codegen prints with `documentMode: "string"`. */
export interface TypedDocument<Data, Variables> {
  readonly __apiType?: ((variables: Variables) => Data) | undefined;
  readonly __meta__?: Readonly<Record<string, unknown>> | undefined;
  toString(): string;
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly service?: string; readonly retryAfter?: number };
}

export interface RestCall {
  readonly service: string;
  readonly request: string;
  readonly status: number | null;
  readonly startedMs: number;
  readonly durationMs: number;
}

export interface Answer<Data> {
  readonly data: Data;
  /** Fields that are null because something failed, each with its path and, where one is to blame, its service. */
  readonly errors: readonly AnswerError[];
}

/** Why there is no answer at all; each is something else for the shopper to do. */
export type Failure = "unreachable" | "signed-out" | "busy" | "refused";

/** How a request went, for whoever watches: no token, no data. */
export interface Trace {
  readonly operation: string;
  readonly method: "GET" | "POST";
  readonly status: number | null;
  readonly durationMs: number;
  readonly errors: readonly AnswerError[];
  readonly explain: { readonly durationMs: number; readonly calls: readonly RestCall[] } | null;
}

export type Outcome<Data> = { readonly trace: Trace } & (
  | { readonly answer: Answer<Data>; readonly failure?: never }
  | { readonly answer?: never; readonly failure: Failure }
);

interface Body<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly AnswerError[];
  readonly extensions?: { readonly explain?: Trace["explain"] };
}

const PATIENCE_MS = 12_000;
// The plain media type comes second: a request error then has a status of its own.
const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/**
 * Ask one operation. What goes wrong is a value; only `signal` makes the promise reject.
 *
 * A visitor's query is a GET with no header but `Accept`: browsers send no preflight, and caches may keep the answer.
 */
export async function ask<Data, Variables>(
  gateway: Gateway,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  signal: AbortSignal,
): Promise<Outcome<Data>> {
  const began = performance.now();
  const text = document.toString();
  const operation = /\b(?:query|mutation)\s+(\w+)/.exec(text)?.[1] ?? "";
  const method = gateway.token === undefined ? "GET" : "POST";
  const trace = (status: number | null, body: Body<Data> | null): Trace => ({
    operation,
    method,
    status,
    durationMs: performance.now() - began,
    errors: body?.errors ?? [],
    explain: body?.extensions?.explain ?? null,
  });
  const documentId = gateway.byId ? document.__meta__?.["documentId"] : undefined;
  const sent = documentId === undefined ? { query: text.replace(/\s+/g, " ").trim() } : { documentId: String(documentId) };
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const response = await fetch(...requestOf(gateway, sent, variables, limited));
    const body = (await response.json()) as Body<Data>;
    const seen = trace(response.status, body);
    if (body.data) return { answer: { data: body.data, errors: body.errors ?? [] }, trace: seen };
    return { failure: failureOf(response.status), trace: seen };
  } catch {
    signal.throwIfAborted();
    return { failure: "unreachable", trace: trace(null, null) };
  }
}

function requestOf(
  gateway: Gateway,
  sent: Readonly<Record<string, string>>,
  variables: unknown,
  signal: AbortSignal,
): [URL, RequestInit] {
  const url = new URL(gateway.endpoint, globalThis.location?.href);
  url.searchParams.set("shop", gateway.shop);
  if (gateway.token !== undefined) {
    const headers: Record<string, string> = {
      Accept: ACCEPT,
      Authorization: `Bearer ${gateway.token}`,
      "Content-Type": "application/json",
    };
    if (gateway.explain) headers["X-Explain"] = "1";
    return [url, { method: "POST", headers, body: JSON.stringify({ ...sent, variables }), signal }];
  }
  for (const [name, value] of Object.entries(sent)) url.searchParams.set(name, value);
  // Unset variables are left out, and an empty object too: equal requests have equal addresses.
  const json = JSON.stringify(variables);
  if (json !== "{}") url.searchParams.set("variables", json);
  return [url, { headers: { Accept: ACCEPT }, signal, credentials: "omit" }];
}

export function failureOf(status: number): Failure {
  if (status === 401) return "signed-out";
  if (status === 429 || status === 503) return "busy";
  return status >= 500 ? "unreachable" : "refused";
}

/**
 * The service whose failure emptied a place of an answer; undefined where null is simply the value.
 * The place may be deeper than the null: the error then stands above it.
 */
export function failedService(answer: Answer<unknown>, ...place: readonly (string | number)[]): string | undefined {
  const covers = ({ path }: AnswerError) =>
    path?.every((step, index) => index >= place.length || step === place[index]) ?? false;
  const error = answer.errors.find(covers);
  return error && (error.extensions?.service ?? "gateway");
}
