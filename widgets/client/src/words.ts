import type { Failure } from "./ask";

/** What a shopper reads when there is no answer; the caller says what it is that cannot be shown. */
export const FAILURES: Readonly<Record<Failure, string>> = {
  unreachable: "The shop does not answer at the moment. Check your connection, then try again.",
  busy: "The shop is very busy at the moment. Try again in a few seconds.",
  "signed-out": "Your session has ended. Sign in again to see it.",
  refused: "This part of the page is set up wrongly, and the shop has refused it.",
};
