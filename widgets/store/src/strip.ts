import type { Trace } from "../../client/src/ask";
import { byId, el } from "./dom";
import { become, page } from "./page";

const SERVICES = ["subscriptions", "bundles", "loyalty"] as const;
const MODES = { well: "Well", slow: "Slow", failing: "Fails", hanging: "Hangs" } as const;
const OPEN = "aurora-strip";
const WIDGETS: Readonly<Record<string, string>> = {
  SubscriptionPicker: "<rc-subscription-picker>",
  LoyaltyPanel: "<rc-loyalty-panel>",
  Account: "account overview",
};

interface Watched {
  /** Ask everything on the page again. */
  readonly refresh: () => void;
  /** From now on, ask for the REST calls behind each answer too. */
  readonly explain: (explain: boolean) => void;
}

/** The strip at the foot of the page: who one is, how the backends do, and what each widget's answer took. */
export class Strip {
  readonly #traces = new Map<string, Trace>();
  readonly #list = el("div", { class: "traces", "aria-live": "polite" });
  readonly #last = el("p", { class: "last" });
  readonly #health = el("ul", { class: "health", "aria-label": "Backends" });
  readonly #modes = new Map(SERVICES.map((service) => [service, this.#modeOf(service)]));
  readonly #body: HTMLElement;
  readonly #toggle: HTMLElement;

  constructor(private readonly watched: Watched) {
    this.#body = el("div", { class: "strip-body", id: "strip-body" }, this.#controls(), el("div", {}, el("h2", {}, "REST calls behind each answer"), this.#list));
    this.#toggle = el("button", { type: "button", class: "strip-open", "aria-controls": "strip-body", onclick: () => this.#open(this.#body.hidden !== false) },
      "Behind the page ", el("span", { class: "chevron", "aria-hidden": true }, "▴"));
    byId("strip").append(el("div", { class: "strip-bar" }, this.#toggle, this.#health, this.#last), this.#body);
    this.#open(sessionStorage.getItem(OPEN) === "yes");
    void this.#look();
  }

  /** How a widget's request went. */
  saw(trace: Trace): void {
    this.#traces.set(trace.operation, trace);
    this.#list.replaceChildren(...[...this.#traces.values()].map((each) => this.#row(each)));
    const calls = trace.explain ? `, ${trace.explain.calls.length} REST calls` : "";
    this.#last.textContent = `${WIDGETS[trace.operation] ?? trace.operation}: ${trace.method} in ${ms(trace.durationMs)}${calls}`;
  }

  #open(isOpen: boolean): void {
    this.#body.hidden = !isOpen;
    this.#toggle.setAttribute("aria-expanded", String(isOpen));
    sessionStorage.setItem(OPEN, isOpen ? "yes" : "no");
    this.watched.explain(isOpen);
  }

  #controls(): HTMLElement {
    const select = el("select", { id: "shopper", onchange: () => become(select.value) },
      el("option", { value: "guest", selected: page.shopper === null }, "A visitor, not signed in"),
      page.shoppers.map(({ id, name }) => el("option", { value: id, selected: id === page.shopper }, name)));
    return el("div", {},
      el("div", { class: "field" }, el("label", { for: "shopper" }, "You are"), select),
      el("h2", {}, "How the backends do"),
      [...this.#modes.values()].map((each) => each.field),
      el("p", { class: "quiet" }, "The page asks again after each change. More in the ", el("a", { href: "/explorer" }, "explorer"), "."));
  }

  #modeOf(service: string): { readonly field: HTMLElement; readonly show: (mode: string) => void } {
    const said = el("p", { class: "said", role: "status" });
    const choices = Object.entries(MODES).map(([mode, word]) =>
      el("label", {}, el("input", { type: "radio", name: service, value: mode, onchange: () => void this.#tell(service, mode) }), el("span", {}, word)));
    const field = el("fieldset", { class: "modes", "data-service": service }, el("legend", {}, service), el("div", {}, choices), said);
    const show = (mode: string) => {
      for (const input of field.querySelectorAll("input")) input.checked = input.value === mode;
      said.textContent = mode === "gone" ? "Its process has ended: start the demo anew." : "";
    };
    return { field, show };
  }

  async #tell(service: string, mode: string): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    await fetch(`/demo/faults/${service}`, { method: "PUT", headers, body: JSON.stringify({ mode }) });
    await this.#look();
    this.watched.refresh();
  }

  async #look(): Promise<void> {
    const modes = (await (await fetch("/demo/faults")).json()) as Record<string, string>;
    for (const service of SERVICES) this.#modes.get(service)?.show(modes[service] ?? "gone");
    this.#health.replaceChildren(...SERVICES.map((service) => {
      const mode = modes[service] ?? "gone";
      return el("li", { "data-mode": mode }, el("span", { class: "dot", "aria-hidden": true }),
        service, el("span", { class: "word" }, mode === "well" ? "" : mode), mode === "well" && el("span", { class: "sr" }, " does well"));
    }));
  }

  #row(trace: Trace): HTMLElement {
    const calls = trace.explain?.calls ?? [];
    const end = Math.max(trace.explain?.durationMs ?? 0, ...calls.map((call) => call.startedMs + call.durationMs), 0.01);
    const percent = (value: number) => `${(value / end) * 100}%`;
    const failed = [...new Set(trace.errors.map((error) => error.extensions?.service ?? error.extensions?.code ?? error.message))];
    const fields = trace.errors.length === 1 ? "1 field is" : `${trace.errors.length} fields are`;
    return el("section", { class: "trace" },
      el("h3", {}, WIDGETS[trace.operation] ?? trace.operation, " ",
        el("span", {}, `${trace.method} /graphql · ${trace.status ?? "no answer"} · ${ms(trace.durationMs)}`)),
      failed.length > 0 && el("p", { class: "wrong" }, `${failed.join(" and ")} failed: ${fields} null, all others are there.`),
      trace.explain === null
        ? el("p", { class: "quiet" }, "Asked as any visitor does, without a session: nobody is told which calls were behind it. Choose a shopper to see them.")
        : el("ol", { class: "calls" }, calls.length === 0
          ? el("li", { class: "quiet" }, "No backend was asked.")
          : calls.map((call) =>
            el("li", { "data-service": call.service },
              el("span", { class: "call", title: `${call.service}: ${call.request}` }, call.request),
              el("span", { class: call.status === null || call.status >= 400 ? "bad" : null }, call.status === null ? "none" : String(call.status)),
              el("span", { class: "track", "aria-hidden": true }, el("span", { "--start": percent(call.startedMs), "--length": percent(call.durationMs) })),
              el("span", { class: "ms" }, ms(call.durationMs))))));
  }
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
