import type { Answer, Failure } from "./ask";

/** What a widget shows. An answer stays while a newer one is fetched. */
export type State<Data> =
  | { readonly phase: "loading" }
  | { readonly phase: "ready"; readonly answer: Answer<Data>; readonly isRefreshing: boolean }
  | { readonly phase: "failed"; readonly failure: Failure };

export const LOADING = { phase: "loading" } as const;

/** The state when a request goes out: another product starts anew, the same one keeps what it shows. */
export function asking<Data>(before: State<Data>, isSame: boolean): State<Data> {
  return isSame && before.phase === "ready" ? { ...before, isRefreshing: true } : LOADING;
}
