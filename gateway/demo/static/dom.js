/**
 * Make an element. Text goes in as text nodes only: nothing from data is ever parsed as HTML.
 * `vars` are CSS custom properties, set through the CSSOM, which a strict Content-Security-Policy allows.
 */
export function el(tag, { vars = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value);
  }
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(`--${name}`, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A description list from [term, ...definition] rows; rows without a definition are left out. */
export function facts(className, rows) {
  return el("dl", { className }, rows
    .filter(([, definition]) => definition !== null && definition !== undefined)
    .map(([term, ...definition]) => el("div", {}, el("dt", {}, term), el("dd", {}, ...definition))));
}

/** A square that stands in for a picture: the demo's picture host is a reserved name that does not resolve. */
export function swatch(name, className = "swatch") {
  const hue = [...name].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 360, 7);
  const initials = name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  return el("span", { className, "aria-hidden": "true", vars: { hue } }, initials);
}

/** The first rows of a list, the others behind a disclosure. */
export function firstOf(rows, shown, className, label) {
  const list = (part) => el("ul", { className }, part);
  if (rows.length <= shown + 1) return [list(rows)];
  const summary = el("summary", {}, label(rows.length - shown));
  return [list(rows.slice(0, shown)), el("details", { className: "more" }, summary, list(rows.slice(shown)))];
}
