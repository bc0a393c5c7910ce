import { defineCustomElement } from "vue";
import base from "../../client/src/base.css?inline";
import { adopt } from "../../client/src/element";
import LoyaltyPanel from "./LoyaltyPanel.vue";
import styles from "./panel.css?inline";

/**
 * `<rc-loyalty-panel shop [token] [login-url]>`: points, the way to the next level, rewards, what earns points.
 * Its `refresh()` asks again; what is shown stays until the answer is there.
 */
export class LoyaltyPanelElement extends defineCustomElement(LoyaltyPanel) {
  override connectedCallback(): void {
    if (this.shadowRoot) adopt(this.shadowRoot, base, styles);
    super.connectedCallback();
  }
}

customElements.define("rc-loyalty-panel", LoyaltyPanelElement);
