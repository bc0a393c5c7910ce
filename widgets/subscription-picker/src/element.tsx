import { createRoot, type Root } from "react-dom/client";
import { adopt, gatewayOf, GATEWAY_ATTRIBUTES, localeOf, report, tell } from "../../client/src/element";
import base from "../../client/src/base.css?inline";
import { Format } from "../../client/src/format";
import styles from "./picker.css?inline";
import { SubscriptionPicker } from "./SubscriptionPicker";
import type { CountryCode, LanguageCode } from "./generated/graphql";

/**
 * `<rc-subscription-picker shop product-id [country] [language]>`: how to buy a product, once or by subscription.
 * Dispatches `rc-add-to-cart` with a `Purchase`; the store's page puts it into its cart.
 */
export class SubscriptionPickerElement extends HTMLElement {
  static readonly observedAttributes = [...GATEWAY_ATTRIBUTES, "product-id", "country", "language", "lang"];

  #root: Root | undefined;
  #turn = 0;
  #isDue = false;

  connectedCallback(): void {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    adopt(shadow, base, styles);
    this.#root = createRoot(shadow);
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#root?.unmount();
    this.#root = undefined;
  }

  attributeChangedCallback(): void {
    // Several attributes that are set in one go are one change, and one request.
    if (!this.#root || this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  /** Ask again; what is shown stays until the answer is there. */
  refresh(): void {
    this.#turn += 1;
    this.#draw();
  }

  #draw(): void {
    const country = this.getAttribute("country") as CountryCode | null;
    const language = this.getAttribute("language") as LanguageCode | null;
    this.#root?.render(
      <SubscriptionPicker
        gateway={this.#gateway()}
        // An unset variable is the store's own market: it is left out rather than sent empty.
        variables={{
          productId: this.getAttribute("product-id") ?? "",
          ...(country ? { country } : {}),
          ...(language ? { language } : {}),
        }}
        format={new Format(localeOf(this))}
        turn={this.#turn}
        onTrace={(trace) => report(this, trace)}
        onPurchase={(purchase) => tell(this, "rc-add-to-cart", purchase)}
        onRetry={() => this.refresh()}
      />,
    );
  }

  /** The same for every visitor, hence asked without a session; only to see the REST calls it takes one that may. */
  #gateway(): ReturnType<typeof gatewayOf> {
    const gateway = gatewayOf((name) => this.getAttribute(name));
    return gateway.explain ? gateway : { ...gateway, token: undefined };
  }
}

customElements.define("rc-subscription-picker", SubscriptionPickerElement);
