// The REST calls behind the portal over keep-alive pools, as undici's documentation has them. What is public (settings,
// products) is asked for once a shop and kept.
import { Pool } from "undici";
import * as graph from "./graph.mjs";
import { shops } from "./shops.mjs";

const pool = () => new Pool(process.env.BACKEND_URL, { connections: 100, pipelining: 1 });
const pools = { subscriptions: pool(), bundles: pool(), loyalty: pool() };
const settingsByShop = new Map();
const productsByShop = new Map(Object.keys(shops).map((shop) => [shop, new Map()]));

async function undiciGet(backend, shop, path) {
  const { token } = shops[shop];
  const headers =
    backend === "loyalty" ? { authorization: `Bearer ${token}` } : { "x-recharge-access-token": token };
  const { statusCode, body } = await pools[backend].request({ method: "GET", path, headers });
  if (statusCode !== 200) throw new Error(`${backend} answered ${statusCode}`);
  return body.json();
}

export class Rest {
  constructor(session, get = undiciGet) {
    this.shop = session.shop;
    this.customerId = session.customerId;
    this.currency = shops[session.shop].currency;
    this.send = get;
  }

  get(backend, path) {
    return this.send(backend, this.shop, path);
  }

  // One record a request, whichever fields ask.
  customer() {
    return (this.record ??= this.get("subscriptions", `/customers/${this.customerId}?include=referral_info`).then(
      ({ customer }) => customer,
    ));
  }

  async credit() {
    const path = `/customers/${this.customerId}/credit_summary?include=credit_details`;
    return graph.credit((await this.get("subscriptions", path)).credit_summary);
  }

  async subscriptions({ first = 20, reverse = false }) {
    const order = reverse ? "id-desc" : "id-asc";
    const path = `/subscriptions?customer_id=${this.customerId}&status=active&sort_by=${order}&limit=${first ?? 20}`;
    return graph.connection(await this.get("subscriptions", path), this.currency);
  }

  async member() {
    const { email } = await this.customer();
    const include = "vip_status.vip_tier,vip_status.next_vip_tier";
    const path = `/v1/customers?email=${encodeURIComponent(email)}&include=${include}&limit=250`;
    const { customers } = await this.get("loyalty", path);
    return customers.length ? graph.member(customers[0]) : null;
  }

  // The batches below take keys as a field's siblings ask for them, and answer in that order.

  async charges(subscriptions) {
    const ids = [...new Set(subscriptions)].join(",");
    const path = `/charges?purchase_item_ids=${ids}&status=queued&sort_by=scheduled_at-asc&limit=250`;
    const bySubscription = new Map();
    for (const row of (await this.get("subscriptions", path)).charges) {
      const charge = graph.charge(row);
      for (const line of row.line_items) {
        if (!bySubscription.has(line.purchase_item_id)) bySubscription.set(line.purchase_item_id, charge);
      }
    }
    return subscriptions.map((id) => bySubscription.get(id) ?? null);
  }

  async selections(subscriptions) {
    const ids = [...new Set(subscriptions)].join(",");
    const path = `/bundle_selections?purchase_item_ids=${ids}&sort_by=updated_at-desc&limit=250`;
    const bySubscription = new Map();
    for (const row of (await this.get("bundles", path)).bundle_selections) {
      if (row.charge_id === null && row.order_id === null) {
        bySubscription.set(row.purchase_item_id, graph.selection(row));
      }
    }
    return subscriptions.map((id) => bySubscription.get(id) ?? null);
  }

  async addresses(numbers) {
    const ids = [...new Set(numbers)].join(",");
    const { addresses } = await this.get("subscriptions", `/addresses?ids=${ids}&limit=250`);
    const byId = new Map(addresses.map((row) => [row.id, graph.address(row)]));
    return numbers.map((id) => byId.get(id) ?? null);
  }

  async products(numbers) {
    const kept = productsByShop.get(this.shop);
    const missing = [...new Set(numbers)].filter((id) => !kept.has(id));
    if (missing.length) {
      const path = `/product_search?external_product_ids=${missing.join(",")}&format_version=2022-06&limit=250`;
      const { products } = await this.get("subscriptions", path);
      for (const row of products) kept.set(row.external_product_id, graph.product(row));
    }
    return numbers.map((id) => kept.get(id) ?? null);
  }

  // Undefined where it has to be asked for.
  keptProduct(number) {
    return productsByShop.get(this.shop).get(number);
  }

  settings() {
    let settings = settingsByShop.get(this.shop);
    if (settings === undefined) {
      settings = this.get("subscriptions", "/shop/settings").then(({ settings }) =>
        graph.portalSettings(settings.customer_portal.subscription),
      );
      settingsByShop.set(this.shop, settings);
    }
    return settings;
  }
}
