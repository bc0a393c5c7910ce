import { ask, failedService, type Answer, type Gateway, type Trace } from "../../client/src/ask";
import { DEFAULT_ENDPOINT } from "../../client/src/element";
import { Format, interval } from "../../client/src/format";
import { FAILURES } from "../../client/src/words";
import { el, handleOf, picture } from "./dom";
import { AccountDocument, type AccountQuery } from "./generated/graphql";
import { page } from "./page";

type Customer = NonNullable<AccountQuery["customer"]>;
type Subscription = NonNullable<Customer["subscriptions"]>["nodes"][number];

const SHOWN = 5;
const format = new Format("en");

/** The account's overview: asks once, and again when told; does nothing on other pages. */
export class Account {
  #isOpen = false;
  #explain = false;
  #asking = new AbortController();

  constructor(private readonly onTrace: (trace: Trace) => void) {}

  set explain(explain: boolean) {
    this.#explain = explain;
  }

  async refresh(): Promise<void> {
    const place = document.getElementById("overview");
    if (!place || page.token === null) return;
    this.#asking.abort();
    this.#asking = new AbortController();
    place.setAttribute("aria-busy", "true");
    const gateway: Gateway = { endpoint: DEFAULT_ENDPOINT, shop: page.shop, token: page.token, explain: this.#explain };
    try {
      const { trace, ...outcome } = await ask(gateway, AccountDocument, {}, this.#asking.signal);
      place.setAttribute("aria-busy", "false");
      place.replaceChildren(...(outcome.answer ? this.#view(outcome.answer) : [sorry(FAILURES[outcome.failure], () => void this.refresh())]));
      this.onTrace(trace);
    } catch {
      // A newer request took this one's place.
    }
  }

  #view(answer: Answer<AccountQuery>): Node[] {
    const { customer } = answer.data;
    if (!customer) return [sorry("The shop does not know you any more.", () => location.reload())];
    return [
      customer.hasPaymentMethodInDunning ? el("p", { class: "notice" }, "A payment failed, and is tried again. Check your card, so that nothing is held back.") : null,
      nextDelivery(customer, answer),
      facts(customer, answer),
      this.#subscriptions(customer, answer),
    ].filter((each) => each !== null);
  }

  #subscriptions({ subscriptions }: Customer, answer: Answer<AccountQuery>): Node {
    const title = el("h2", {}, "Your subscriptions");
    if (!subscriptions) return el("section", {}, title, sorry("They can’t be shown at the moment. Nothing is lost: they go on as planned.", () => void this.refresh()));
    const { nodes, pageInfo } = subscriptions;
    if (!nodes.length) return el("section", {}, title, el("p", { class: "quiet" }, "You have none yet. Choose “Subscribe and save” with any coffee."));
    const cards = nodes.map((node, index) => card(node, answer, index));
    const shown = this.#isOpen ? cards : cards.slice(0, SHOWN);
    const rest = cards.slice(shown.length);
    const list = el("ul", { class: "subscriptions" }, shown);
    const more = rest.length > 0 && el("button", { type: "button", class: "text-button more-button", onclick: () => {
      this.#isOpen = true;
      list.append(...rest);
      (rest[0]?.querySelector("summary, button") as HTMLElement | null)?.focus();
      (more as HTMLElement).remove();
    } }, `Show ${rest.length}${pageInfo.hasNextPage ? "+" : ""} more`);
    return el("section", { class: "fresh" }, title, list, more);
  }
}

function nextDelivery(customer: Customer, answer: Answer<AccountQuery>): HTMLElement | null {
  const charge = customer.upcomingCharge;
  if (!charge) {
    const isMissing = failedService(answer, "customer", "upcomingCharge");
    return isMissing ? el("p", { class: "notice" }, "Your next delivery can’t be shown at the moment. It is on its way as planned.") : null;
  }
  const { address, lineItems } = charge;
  return el("section", { class: "next fresh" },
    el("div", { class: "next-head" },
      el("h2", {}, "Next delivery"),
      el("p", { class: "when" }, format.date(charge.scheduledDate, { weekday: "long", day: "numeric", month: "long" }))),
    // A long list scrolls sideways, which the keyboard must reach too.
    el("ul", { class: "next-lines", tabindex: 0, "aria-label": "In this delivery" },
      lineItems.map((line) => {
        const image = picture(handleOf(line.image?.url), 76);
        image.alt = `${line.quantity} × ${line.title}`;
        image.title = image.alt;
        return el("li", {}, image);
      })),
    el("p", { class: "next-total" },
      el("span", {}, `${lineItems.length} ${lineItems.length === 1 ? "item" : "items"}${address ? `, to ${address.address1}, ${address.city}` : ""}`),
      el("strong", {}, format.money(charge.totalPrice))));
}

function facts({ credit, loyalty }: Customer, answer: Answer<AccountQuery>): HTMLElement {
  const row = (name: string, ...value: Parameters<typeof el>[2][]) => el("div", {}, el("dt", {}, name), el("dd", {}, ...value));
  const gap = (words: string, ...place: string[]) => (failedService(answer, ...place) ? el("span", { class: "gap" }, "Not to be had now") : words);
  return el("dl", { class: "facts fresh" },
    row("Store credit", credit ? format.money(credit.totalAvailable) : gap("None", "customer", "credit"),
      credit?.appliesToNextCharge ? el("small", {}, " goes to the next order") : null),
    row("Points", loyalty ? format.number(loyalty.pointsBalance) : gap("None yet", "customer", "loyalty"),
      loyalty?.tierStatus?.tier ? el("small", {}, ` ${loyalty.tierStatus.tier.name}`) : null));
}

function card(node: Subscription, answer: Answer<AccountQuery>, index: number): HTMLElement {
  const place = ["customer", "subscriptions", "nodes", index] as const;
  const every = node.deliveryInterval ? `Every ${interval(node.deliveryInterval)}` : "";
  const variant = node.variantTitle === "Default Title" ? null : node.variantTitle;
  return el("li", { class: "subscription" },
    picture(node.product?.handle, 80),
    el("div", {},
      el("h3", {}, node.productTitle),
      el("p", { class: "quiet" }, [node.quantity > 1 ? `${node.quantity} ×` : null, variant, every && (variant ? `· ${every.toLowerCase()}` : every)].filter(Boolean).join(" "))),
    el("p", { class: "money" }, format.money(node.price)),
    el("div", { class: "actions" },
      el("span", { class: "next-date" }, node.nextChargeDate ? `Next on ${format.date(node.nextChargeDate)}` : "Nothing planned")),
    box(node, Boolean(failedService(answer, ...place, "bundleSelection"))));
}

function box({ bundleSelection, productTitle }: Subscription, isMissing: boolean): HTMLElement | null {
  if (isMissing) return el("p", { class: "gap actions" }, "What is in the box can’t be shown at the moment.");
  if (!bundleSelection) return null;
  const count = bundleSelection.items.reduce((sum, item) => sum + item.quantity, 0);
  return el("details", {},
    el("summary", {}, `${count} in the box`, el("span", { class: "sr" }, ` ${productTitle}`)),
    el("ul", { class: "in-box" }, bundleSelection.items.map(({ quantity, productVariant }) =>
      el("li", {},
        picture(handleOf(productVariant?.image?.url), 40),
        el("span", {}, `${quantity} × ${productVariant?.image?.altText ?? "No longer sold"}`)))));
}

function sorry(words: string, retry: () => void): HTMLElement {
  return el("div", { class: "sorry", role: "status" }, el("p", {}, words), el("button", { type: "button", class: "button", onclick: retry }, "Try again"));
}

/** On a guest's account page: being one of the shoppers. */
export function startSignIn(become: (shopper: string) => void): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-shopper]")) {
    button.addEventListener("click", () => become(button.dataset["shopper"] ?? ""));
  }
}

