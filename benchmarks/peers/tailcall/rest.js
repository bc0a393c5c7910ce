// What Tailcall's templates cannot do, in its own JavaScript: claims of the verified token, a row by its key, and keeping
// what is public for a shop. It knows no modules, so `shops` and the functions of ../shared/graph.mjs stand before this
// file. A function of a request gets and gives objects, any other JSON as text. Those of requests and the others run in two
// separate worlds, so whatever is kept belongs to requests. Lists travel between steps as text, which is cheaper than values.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map(Array.from(LETTERS, (letter, value) => [letter, value]));
const settingsByToken = new Map();
const productsByToken = new Map(Object.values(shops).map(({ token }) => [token, new Map()]));

const tokenOf = ({ headers }) => headers["x-recharge-access-token"];
const answer = (value) => ({ response: { status: 200, headers: {}, body: JSON.stringify(value) } });
const listed = (ids) => [...new Set(ids)].join(",");

// Claims are ASCII.
function base64UrlDecoded(text) {
  let bits = 0;
  let count = 0;
  let found = "";
  for (const letter of text) {
    bits = ((bits << 6) | VALUES.get(letter)) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      found += String.fromCharCode((bits >> count) & 0xff);
    }
  }
  return found;
}

// Tailcall has verified the token before.
function session({ request }) {
  const { shop, sub } = JSON.parse(base64UrlDecoded(request.headers.authorization.split(".")[1]));
  const { token, currency } = shops[shop];
  return answer({ number: sub, token, currency });
}

function asShop(request) {
  delete request.headers.authorization;
  return { request };
}

function asLoyalty({ request }) {
  request.headers.authorization = `Bearer ${tokenOf(request)}`;
  delete request.headers["x-recharge-access-token"];
  return { request };
}

function firstMember(text) {
  const [first] = JSON.parse(text).customers;
  return JSON.stringify(first ? member(first) : null);
}

function keptSettings({ request }) {
  const kept = settingsByToken.get(tokenOf(request));
  return kept === undefined ? asShop(request) : answer({ kept });
}

function settings(text) {
  const { settings, kept } = JSON.parse(text);
  return JSON.stringify(kept ?? portalSettings(settings.customer_portal.subscription));
}

// The last step of Shop.customerPortal.
function keepSettings({ request }) {
  const settings = JSON.parse(request.body);
  settingsByToken.set(tokenOf(request), settings);
  return answer(settings);
}

function sorted({ request }) {
  const { first, after, reverse, ...query } = request.uri.query;
  request.uri.query = {
    ...query,
    sort_by: reverse === "true" ? "id-desc" : "id-asc",
    limit: first || "20",
    ...(after ? { cursor: after } : {}),
  };
  return asShop(request);
}

function page(text) {
  const { subscriptions, next_cursor } = JSON.parse(text);
  const last = subscriptions.at(-1);
  return JSON.stringify({
    ids: listed(subscriptions.map((row) => row.id)),
    addressIds: listed(subscriptions.map((row) => row.address_id)),
    productIds: listed(subscriptions.map((row) => row.external_product_id.ecommerce)),
    rows: JSON.stringify(subscriptions.map((row) => subscription(row, null))),
    pageInfo: { hasNextPage: next_cursor !== null, endCursor: next_cursor ?? (last ? String(last.id) : null) },
  });
}

// Asks for those only that are not kept yet.
function missingProducts({ request }) {
  const kept = productsByToken.get(tokenOf(request));
  const { query } = request.uri;
  const missing = query.external_product_ids.split(",").filter((id) => id && !kept.has(id));
  if (!missing.length) return answer({ products: [] });
  query.external_product_ids = missing.join(",");
  return asShop(request);
}

function charges(text) {
  const charges = JSON.parse(text).charges.map((row) => ({
    numbers: row.line_items.map((line) => line.purchase_item_id),
    charge: charge(row),
  }));
  return JSON.stringify({ charges: JSON.stringify(charges) });
}

function addresses(text) {
  const addresses = JSON.parse(text).addresses.map((row) => ({ number: row.id, ...address(row) }));
  return JSON.stringify({ addresses: JSON.stringify(addresses) });
}

function selections(text) {
  const open = JSON.parse(text).bundle_selections.filter((row) => row.charge_id === null && row.order_id === null);
  return JSON.stringify({
    boxProductIds: listed(open.flatMap((row) => row.items.map((item) => item.external_product_id))),
    selections: JSON.stringify(open.map((row) => ({ number: row.purchase_item_id, ...selection(row) }))),
  });
}

// The last step of Customer.subscriptions: what the others have found, row by row.
function joined({ request }) {
  const { currency, products, belongings } = JSON.parse(request.body);
  const { page, charges, addresses, selections } = belongings;
  const kept = productsByToken.get(tokenOf(request));
  for (const row of [...belongings.products, ...products]) kept.set(row.external_product_id, product(row));
  const charged = new Map();
  for (const { numbers, charge } of JSON.parse(charges)) {
    for (const number of numbers) if (!charged.has(number)) charged.set(number, charge);
  }
  const addressed = new Map(JSON.parse(addresses).map(({ number, ...address }) => [number, address]));
  const selected = new Map(JSON.parse(selections).map(({ number, ...box }) => [number, filled(box, kept)]));
  const nodes = JSON.parse(page.rows).map(({ number, addressId, productId, price, ...row }) => ({
    ...row,
    price: money(price.amount, price.currencyCode ?? currency),
    product: kept.get(productId) ?? null,
    address: addressed.get(addressId) ?? null,
    upcomingCharge: charged.get(number) ?? null,
    bundleSelection: selected.get(number) ?? null,
  }));
  return answer({ nodes, pageInfo: page.pageInfo });
}

const filled = ({ id, items }, products) => ({
  id,
  items: items.map(({ quantity, productNumber, variantNumber }) => ({
    quantity,
    productVariant: products.get(productNumber)?.variantsById.get(variantNumber) ?? null,
  })),
});
