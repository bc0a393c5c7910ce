import { Format, times } from "../../client/src/format";
import type { Purchase } from "../../subscription-picker/src/SubscriptionPicker";
import { byId, el, picture } from "./dom";

interface Kept extends Purchase {
  readonly handle: string;
}

const KEY = "aurora-cart";
const format = new Format("en");

/** The cart: what widgets put into it, kept in this browser. */
export function startCart(): void {
  const dialog = byId("cart") as HTMLDialogElement;
  document.addEventListener("rc-add-to-cart", (event) => {
    const handle = location.pathname.split("/").at(-1) || "yirgacheffe-aricha";
    keep(added(kept(), { ...(event as CustomEvent<Purchase>).detail, handle }));
    dialog.showModal();
  });
  byId("cart-button").addEventListener("click", () => dialog.showModal());
  byId("cart-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  show(kept());
}

function added(lines: readonly Kept[], one: Kept): Kept[] {
  const same = (each: Kept) =>
    each.line.merchandiseId === one.line.merchandiseId && each.line.sellingPlanId === one.line.sellingPlanId;
  const before = lines.find(same)?.line.quantity ?? 0;
  return [...lines.filter((each) => !same(each)), { ...one, line: { ...one.line, quantity: before + one.line.quantity } }];
}

function kept(): Kept[] {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as Kept[];
}

function keep(lines: readonly Kept[]): void {
  sessionStorage.setItem(KEY, JSON.stringify(lines));
  show(lines);
}

function show(lines: readonly Kept[]): void {
  byId("cart-count").textContent = String(lines.reduce((sum, each) => sum + each.line.quantity, 0));
  const rows = lines.map((each) =>
    el("li", {},
      picture(each.handle, 72),
      el("span", { class: "name" }, each.title),
      el("strong", {}, format.money(times(each.price, each.line.quantity))),
      el("span", { class: "quiet" }, [`${each.line.quantity} ×`, each.variantTitle, each.planTitle && `· ${each.planTitle}`].filter(Boolean).join(" ")),
      el("button", { type: "button", class: "text-button", onclick: () => keep(lines.filter((other) => other !== each)) },
        "Remove", el("span", { class: "sr" }, ` ${each.title}`))));
  byId("cart-lines").replaceChildren(...(rows.length ? rows : [el("li", { class: "none" }, "Nothing in it yet.")]));
}
