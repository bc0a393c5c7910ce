import { ask, curlOf, loadConfig, Unreachable } from "./client.js";
import { byId, el } from "./dom.js";
import { errorList, showCost } from "./explain.js";
import { milliseconds, plural } from "./format.js";
import { failureView, loyaltyView, plainView, portalView, productView } from "./views.js";

const OWN = "own";
const SKELETON_AFTER_MS = 150;
const COPIED_MS = 1500;
const VIEWS = { CustomerPortal: portalView, ProductSubscriptionWidget: productView, LoyaltyPanel: loyaltyView };
const OWN_QUERY = `query Mine($first: Int) {
  customer {
    firstName
    loyalty { pointsBalance }
    subscriptions(first: $first) {
      nodes { productTitle nextChargeDate }
    }
  }
}`;

const tabs = [...document.querySelectorAll("[role=tab]")];
const state = { config: null, tab: tabs[0].dataset.tab, shown: null, running: null };

start();

function start() {
  byId("query").value = OWN_QUERY;
  byId("variables").value = '{ "first": 3 }';
  const fromAddress = tabs.find((tab) => `#${tab.dataset.tab}` === location.hash);
  select(fromAddress?.dataset.tab ?? state.tab);
  showSkeleton();
  showCost(null);
  listen();
  run();
}

function listen() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => change(tab.dataset.tab));
    tab.addEventListener("keydown", moveBetweenTabs);
  }
  byId("controls").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  byId("controls").addEventListener("change", (event) => {
    if (event.target.matches("select") && state.tab !== OWN) run();
  });
  for (const area of document.querySelectorAll("textarea")) area.addEventListener("keydown", runOnEnter);
  for (const button of document.querySelectorAll(".copy")) button.addEventListener("click", () => copy(button));
}

/* Choosing */

function select(name) {
  state.tab = name;
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab.dataset.tab === name);
    // One stop in the tab order for all tabs; arrows move between them.
    tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
  }
  byId("panel").setAttribute("aria-labelledby", `tab-${name}`);
  for (const part of document.querySelectorAll("[data-only]")) part.hidden = part.dataset.only !== name;
}

function change(name) {
  if (name === state.tab) return;
  select(name);
  history.replaceState(null, "", `#${name}`);
  run();
}

function moveBetweenTabs(event) {
  const index = tabs.indexOf(event.target);
  const targets = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 };
  if (!(event.key in targets)) return;
  event.preventDefault();
  const tab = tabs.at(targets[event.key] % tabs.length);
  tab.focus();
  change(tab.dataset.tab);
}

function runOnEnter(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    byId("controls").requestSubmit();
  }
}

function fillChoices({ shop, customers, products }) {
  const options = (rows, words) => rows.map((row) => el("option", { value: row.id }, words(row)));
  byId("shop").textContent = shop;
  byId("customer").replaceChildren(...options(customers, (row) => row.name));
  const sorted = [...products].sort((one, other) => one.title.localeCompare(other.title));
  byId("product").replaceChildren(...options(sorted, (row) => row.title));
}

/** The request that the controls describe. */
function requestOf(tab) {
  if (tab === OWN) return { query: byId("query").value, variables: ownVariables() };
  const request = { query: state.config.documents[tab], operationName: tab, variables: {} };
  if (tab === "ProductSubscriptionWidget") {
    const chosen = { productId: byId("product").value, country: byId("country").value, language: byId("language").value };
    // An unset variable is the store's own market: it is left out rather than sent empty.
    request.variables = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
  }
  return request;
}

/** @throws {SyntaxError} The variables are not a JSON object. */
function ownVariables() {
  const text = byId("variables").value.trim();
  const variables = text ? JSON.parse(text) : {};
  if (variables === null || typeof variables !== "object" || Array.isArray(variables)) {
    throw new SyntaxError("write an object, such as { \"first\": 3 }");
  }
  return variables;
}

/* Running */

async function run() {
  state.running?.abort();
  const running = (state.running = new AbortController());
  const { tab } = state;
  const late = setTimeout(() => showWaiting(tab), SKELETON_AFTER_MS);
  setBusy(true);
  try {
    if (!state.config) fillChoices((state.config = await loadConfig()));
    const request = checked(tab);
    if (!request) return;
    const answer = await ask(request, byId("customer").value, running.signal);
    if (state.running === running) show(tab, request, answer);
  } catch (error) {
    if (state.running === running) showFailure(error);
  } finally {
    clearTimeout(late);
    if (state.running === running) setBusy(false);
  }
}

/** The request, or nothing when the reader's variables cannot be sent; the field then says why. */
function checked(tab) {
  const [field, words] = [byId("variables"), byId("variables-error")];
  try {
    const request = requestOf(tab);
    field.removeAttribute("aria-invalid");
    words.textContent = "";
    return request;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    field.setAttribute("aria-invalid", "true");
    words.textContent = `These variables cannot be sent: ${error.message}`;
    byId("status").textContent = "Not sent.";
    return null;
  }
}

function setBusy(isBusy) {
  byId("result").setAttribute("aria-busy", isBusy);
}

/* Showing */

function show(tab, request, answer) {
  const { data, errors = [] } = answer.body;
  const parts = errors.length ? [errorList(errors, Boolean(data))] : [];
  if (data) parts.push(viewOf(tab, data, errors));
  byId("result").replaceChildren(...parts);
  state.shown = tab;
  showCost(answer);
  showSources(request, answer);
  const calls = answer.body.extensions?.explain?.calls.length ?? 0;
  byId("status").textContent =
    `Answered in ${milliseconds(answer.roundTripMs)}: ${plural(calls, "REST call")}, ${errors.length ? plural(errors.length, "error") : "no errors"}.`;
}

function viewOf(tab, data, errors) {
  const shopper = byId("customer").selectedOptions[0]?.textContent ?? "Shopper";
  return tab === OWN ? plainView(data) : VIEWS[tab](data, errors, { shopper });
}

function showSources(request, answer) {
  byId("raw").textContent = JSON.stringify(answer.body, null, 2);
  byId("document").textContent = request.query;
  byId("sent-variables").textContent = `Variables: ${JSON.stringify(request.variables, null, 2)}`;
  byId("curl").textContent = curlOf(request, answer.token);
}

/** A slow answer: the view of the same document stays, dimmed; another document's makes room. */
function showWaiting(tab) {
  byId("status").textContent = "Waiting for the answer…";
  if (state.shown === tab) return;
  showSkeleton();
  showCost(null);
}

function showSkeleton() {
  byId("result").replaceChildren(byId("skeleton").content.cloneNode(true));
  state.shown = null;
}

function showFailure(error) {
  // Anything but a missing gateway is a mistake of this page, and belongs into the console.
  if (!(error instanceof Unreachable)) console.error(error);
  byId("result").replaceChildren(failureView(error));
  state.shown = null;
  showCost(null);
  byId("raw").textContent = "";
  byId("status").textContent = "No answer.";
}

async function copy(button) {
  const source = byId(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    // Without permission the text is selected, so that the reader's own keys copy it.
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
}
