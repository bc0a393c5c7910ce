import { failureOf, type Failure, type Gateway } from "./ask";

/** A shopper's session, as widgets take it: set `token` on their elements. */
export interface Session {
  readonly token: string;
  readonly customerId: string;
  /** When it ends, as an instant of ISO 8601; nothing prolongs it, so begin another one then. */
  readonly expiresAt: string;
}

/** Who says which shopper it is; left out, Shopify's app proxy does, and `endpoint` is below `/apps/` of the shop's own domain. */
export type Voucher =
  /** What Recharge's storefront script has after a login, such as `recharge.auth.loginShopifyAppProxy()`. */
  | { readonly apiToken: string; readonly customerId: string | number }
  /** What Shopify gives extensions of checkout and of customer accounts: `await shopify.sessionToken.get()`. */
  | { readonly sessionToken: string };

/** `session` is null where nobody is logged in. A failure is never a session of somebody else's. */
export type Begun =
  | { readonly session: Session | null; readonly failure?: never }
  | { readonly session?: never; readonly failure: Failure };

const PATIENCE_MS = 12_000;

/** Begin a session of the gateway's own. What goes wrong is a value; only `signal` makes the promise reject. */
export async function beginSession(
  { endpoint, shop }: Pick<Gateway, "endpoint" | "shop">,
  voucher: Voucher | undefined,
  signal: AbortSignal,
): Promise<Begun> {
  try {
    const response = await fetch(addressOf(endpoint, shop), {
      method: "POST",
      headers: headersOf(voucher),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    if (!response.ok) return { failure: failureOf(response.status) };
    const { token, customerId, expiresAt } = (await response.json()) as { [Name in keyof Session]: string | null };
    return { session: token && customerId && expiresAt ? { token, customerId, expiresAt } : null };
  } catch {
    signal.throwIfAborted();
    return { failure: "unreachable" };
  }
}

/**
 * End the session of `gateway.token`, or all that its shopper has; whether it is over, so that a page does not say so in
 * vain. One that had ended is over too.
 */
export async function endSession(gateway: Gateway, { everywhere = false } = {}): Promise<boolean> {
  const url = addressOf(gateway.endpoint, gateway.shop);
  if (everywhere) url.searchParams.set("everywhere", "true");
  try {
    const headers = { Authorization: `Bearer ${gateway.token}` };
    const response = await fetch(url, { method: "DELETE", headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.ok || response.status === 401;
  } catch {
    return false;
  }
}

/** `/session` beside `/graphql`, at the gateway and below the app proxy alike. */
function addressOf(endpoint: string, shop: string): URL {
  const url = new URL("session", new URL(endpoint, globalThis.location?.href));
  url.searchParams.set("shop", shop);
  return url;
}

function headersOf(voucher: Voucher | undefined): Record<string, string> {
  if (voucher === undefined) return {};
  if ("sessionToken" in voucher) return { Authorization: `Bearer ${voucher.sessionToken}` };
  return { "X-Recharge-Access-Token": voucher.apiToken, "X-Recharge-Customer-Id": String(voucher.customerId) };
}
