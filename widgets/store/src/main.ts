import type { Trace } from "../../client/src/ask";
import { Account, startSignIn } from "./account";
import { startCart } from "./cart";
import { become } from "./page";
import { Strip } from "./strip";

type Widget = HTMLElement & { refresh?: () => void };

const widgets = (): Widget[] => [...document.querySelectorAll<Widget>("rc-subscription-picker, rc-loyalty-panel")];

startCart();
startSignIn(become);
let strip: Strip | undefined;
const account = new Account((trace) => strip?.saw(trace));
document.addEventListener("rc-answer", (event) => strip?.saw((event as CustomEvent<Trace>).detail));
strip = new Strip({
  refresh: () => {
    for (const widget of widgets()) widget.refresh?.();
    void account.refresh();
  },
  explain: (explain) => {
    // A widget asks anew by itself when the attribute comes or goes.
    for (const widget of widgets()) widget.toggleAttribute("explain", explain);
    account.explain = explain;
    if (strip) void account.refresh();
  },
});
void account.refresh();
