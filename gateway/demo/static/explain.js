import { el, byId } from "./dom.js";
import { milliseconds, plural } from "./format.js";

/** The services behind the gateway, and what each of them knows. */
const SERVICES = {
  subscriptions: { title: "Subscriptions", brings: "Shopper, products, charges, credit" },
  bundles: { title: "Bundles", brings: "What is in a box" },
  loyalty: { title: "Loyalty", brings: "Points, tiers, rewards" },
};

/** A small mark that says which service a piece of the page came from. */
export const from = (service) => el("span", { className: "from", "data-service": service }, titleOf(service));

export const titleOf = (service) => SERVICES[service]?.title ?? service;

export const downServices = (errors) =>
  [...new Set(errors.map((error) => error.extensions?.service).filter(Boolean))];

/** Everything about what the answer cost; without an answer, the same frames with dashes, so that nothing moves. */
export function showCost(answer) {
  const explain = answer?.body.extensions?.explain;
  const calls = explain?.calls ?? [];
  showFlow(calls, answer ? downServices(answer.body.errors ?? []) : [], Boolean(explain));
  showFacts([
    ["Round trip", answer ? milliseconds(answer.roundTripMs) : "–", "as this browser measured it"],
    ["In the gateway", explain ? milliseconds(explain.durationMs) : "–", "as the gateway measured it"],
    ["REST calls", explain ? String(calls.length) : "–", "made by the gateway, none by the browser"],
  ]);
  const end = Math.max(explain?.durationMs ?? 0, ...calls.map((call) => call.startedMs + call.durationMs), 0.01);
  byId("calls").replaceChildren(...(calls.length ? calls.map((call) => callRow(call, end)) : [noCalls(answer)]));
}

function noCalls(answer) {
  return el("li", { className: "quiet" }, answer ? "No backend was asked." : "They come with the answer.");
}

function showFacts(rows) {
  byId("facts").replaceChildren(...rows.map(([term, value, hint]) =>
    el("div", { title: `${term}, ${hint}` }, el("dt", {}, term), el("dd", {}, value))));
}

function showFlow(calls, down, isAnswered) {
  const query = el("li", { className: "query" }, el("strong", {}, "1 query"), el("span", {}, "POST /graphql"));
  byId("flow").replaceChildren(query, ...Object.keys(SERVICES).map((service) => {
    const own = calls.filter((call) => call.service === service);
    const state = serviceState(own, down.includes(service), isAnswered);
    return el("li", { className: "service", "data-service": service, "data-state": state.name },
      el("strong", {}, SERVICES[service].title),
      el("span", { className: "brings" }, SERVICES[service].brings),
      el("span", { className: "state" }, state.text));
  }));
}

function serviceState(calls, isDown, isAnswered) {
  if (isDown) return { name: "down", text: calls.some((call) => call.status === 200) ? "Partly failed" : "Unavailable" };
  if (calls.length) return { name: "up", text: plural(calls.length, "call") };
  return { name: "idle", text: isAnswered ? "Not asked" : "–" };
}

/** One call: a bar on the answer's own time line; opening it shows the whole request. */
function callRow(call, end) {
  const [method, address] = call.request.split(" ");
  const [path, parameters] = address.split("?");
  const isFailed = call.status === null || call.status >= 400;
  const percent = (value) => `${(value / end) * 100}%`;
  const bar = el("span", { className: "bar", vars: { start: percent(call.startedMs), length: percent(call.durationMs) } });
  const times = `at ${milliseconds(call.startedMs)}, took ${milliseconds(call.durationMs)}`;
  const summary = el("summary", {},
    el("span", { className: "line" },
      from(call.service),
      el("span", { className: "path" }, path, parameters ? "?…" : ""),
      el("span", { className: isFailed ? "code failed" : "code" }, call.status === null ? "no answer" : String(call.status))),
    el("span", { className: "track", "aria-hidden": "true" }, bar),
    el("span", { className: "times" }, times));
  const whole = parameters ? parameters.split("&").map((part, index) => `\n${index ? "&" : "?"}${part}`).join("") : "";
  return el("li", { "data-service": call.service }, el("details", {}, summary, el("pre", {}, `${method} ${path}${whole}`)));
}

/** The answer's errors: equal ones together, each with the places of the answer that it left empty. */
export function errorList(errors, hasData) {
  const groups = new Map();
  for (const error of errors) groups.set(keyOf(error), [...(groups.get(keyOf(error)) ?? []), error]);
  const down = downServices(errors).map(titleOf);
  return el("section", { className: "errors", "aria-labelledby": "errors-title" },
    el("h2", { id: "errors-title" }, headline(errors, down, hasData)),
    el("ul", {}, [...groups.values()].map(errorGroup)));
}

const keyOf = ({ message, extensions }) => JSON.stringify([message, extensions?.code, extensions?.service]);

function headline(errors, down, hasData) {
  if (!down.length) return hasData ? `${plural(errors.length, "error")}; the rest is below` : "The gateway refused this request";
  const names = down.join(" and ");
  return `${names} ${down.length === 1 ? "is" : "are"} unavailable${hasData ? "; what the others know is below" : ""}`;
}

function errorGroup(group) {
  const { message, extensions = {} } = group[0];
  const places = group.map(placeOf).filter(Boolean);
  return el("li", {},
    el("span", { className: "error-head" },
      el("code", {}, extensions.code ?? "no code"),
      extensions.service ? from(extensions.service) : null,
      group.length > 1 ? el("span", { className: "count" }, `${group.length} times`) : null),
    el("span", {}, message),
    places.length > 3 ? el("details", {}, el("summary", {}, `At ${places.length} places`), placeList(places)) : placeList(places));
}

const placeList = (places) => (places.length ? el("ul", { className: "places" }, places.map((place) => el("li", {}, place))) : null);

function placeOf({ path, locations }) {
  if (path) return path.join(".");
  return locations ? `line ${locations[0].line}, column ${locations[0].column}` : null;
}
