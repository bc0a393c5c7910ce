import { byId } from "./dom";

/** What the server says of the page. */
export interface Page {
  readonly shop: string;
  readonly token: string | null;
  readonly shopper: number | null;
  readonly shoppers: readonly { readonly id: number; readonly name: string }[];
}

export const page = JSON.parse(byId("page").textContent ?? "") as Page;

/** Be somebody else, or nobody, from the next page on: this one is loaded anew. */
export function become(shopper: string): void {
  document.cookie = `demo_shopper=${shopper}; path=/; max-age=86400; samesite=lax`;
  location.reload();
}
