import type { Gateway, Trace } from "./ask";

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;

/** The endpoint of the host that served this script, for elements that name none. */
export const DEFAULT_ENDPOINT = new URL("/graphql", script).href;

/** Attributes that every widget has; see widgets/README.md. */
export const GATEWAY_ATTRIBUTES = ["endpoint", "shop", "token", "documents", "explain"] as const;

export function gatewayOf(attribute: (name: (typeof GATEWAY_ATTRIBUTES)[number]) => string | null): Gateway {
  return {
    endpoint: attribute("endpoint") ?? DEFAULT_ENDPOINT,
    shop: attribute("shop") ?? "",
    token: attribute("token") || undefined,
    byId: attribute("documents") === "trusted",
    explain: attribute("explain") !== null,
  };
}

/** Give a shadow root its styles. Constructed sheets pass a Content-Security-Policy that forbids inline ones. */
export function adopt(root: ShadowRoot, ...sheets: readonly string[]): void {
  root.adoptedStyleSheets = sheets.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

/** Tell the page something; it may listen on the element or anywhere above it. */
export function tell(element: HTMLElement, name: `rc-${string}`, detail: unknown): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

/** How a request went, and that the session has ended when it has. */
export function report(element: HTMLElement, trace: Trace): void {
  tell(element, "rc-answer", trace);
  if (trace.status === 401) tell(element, "rc-session-ended", {});
}

/** The language that the element stands in. */
export function localeOf(element: HTMLElement): string {
  return element.closest("[lang]")?.getAttribute("lang") || navigator.language;
}
