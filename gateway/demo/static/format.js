const LOCALE = "en-GB";
const numbers = new Intl.NumberFormat(LOCALE);

export const number = (value) => numbers.format(value);

/** Amounts are decimals sent as text; a shop page shows them in their own currency. */
export function money(value) {
  const style = { style: "currency", currency: value.currencyCode, currencyDisplay: "narrowSymbol" };
  const text = new Intl.NumberFormat(LOCALE, style).format(Number(value.amount));
  // Several currencies share the dollar sign, so those that are not US dollars say which they are.
  return text.startsWith("$") && value.currencyCode !== "USD" ? `${text} ${value.currencyCode}` : text;
}

/** Calendar dates stay the same day everywhere, hence UTC. */
export function date(value) {
  const style = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(LOCALE, style).format(new Date(value));
}

export function interval({ count, unit }) {
  const word = unit.toLowerCase();
  return count === 1 ? `Every ${word}` : `Every ${count} ${word}s`;
}

export function discount({ type, value }, currencyCode) {
  if (type === "PERCENTAGE") return `${Number(value)} % off`;
  return type === "SHIPPING" ? "Free shipping" : `${money({ amount: value, currencyCode })} off`;
}

export const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

/**
 * A product's name out of its picture's address. The portal document asks for a choice's variant, whose title is
 * only its size; the file is named after the product.
 */
export function nameFromPicture(url) {
  const file = (url ?? "").split("/").pop().replace(/(_\d+x\d+)?\.\w+$/, "");
  return file.split("-").filter(Boolean).map((word) => word[0].toUpperCase() + word.slice(1)).join(" ");
}
