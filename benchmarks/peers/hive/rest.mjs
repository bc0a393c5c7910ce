// The backends as Mesh's JSON Schema handler reads them: an operation a path, typed by a sample of what is needed.
import { loadJSONSchemaSubgraph } from "@omnigraph/json-schema";

const operation = (field, path, responseSample, headers = { "X-Recharge-Access-Token": "{args.token}" }) => ({
  type: "Query",
  field,
  path,
  method: "GET",
  responseSample,
  responseTypeName: `${field}_answer`,
  headers,
});
const external = { ecommerce: "text" };
// Ids are typed as text: they are longer than GraphQL's Int.
const allowed = {
  skip_scheduled_order: true,
  cancel_subscription: true,
  change_product: true,
  change_quantity: true,
  edit_scheduled_date: true,
  reactivate_subscription: true,
  cancellation_reason_optional: true,
};
const subscription = {
  id: "text",
  address_id: "text",
  status: "text",
  product_title: "text",
  variant_title: "text",
  quantity: 1,
  price: "text",
  presentment_currency: "text",
  next_charge_scheduled_at: "text",
  is_skippable: true,
  is_swappable: true,
  order_interval_unit: "text",
  order_interval_frequency: 1,
  external_product_id: external,
};
const charge = {
  id: "text",
  scheduled_at: "text",
  total_price: "text",
  currency: "text",
  line_items: [{ purchase_item_id: "text", title: "text", quantity: 1, offer_attributes: { type: "text" } }],
};
const selection = {
  id: "text",
  purchase_item_id: "text",
  charge_id: "text",
  order_id: "text",
  items: [{ quantity: 1, external_product_id: "text", external_variant_id: "text" }],
};
const product = {
  external_product_id: "text",
  title: "text",
  images: [{ large: "text" }],
  plans: [{ id: "text", title: "text", sort_order: 1, deleted_at: "text" }],
  variants: [{ external_variant_id: "text", title: "text", image: { large: "text" } }],
};
const member = { points_balance: 1, vip_status: { vip_tier: { name: "text" } } };

export const sourceHandler = loadJSONSchemaSubgraph("Rest", {
  endpoint: process.env.BACKEND_URL,
  operations: [
    operation("rest_settings", "/shop/settings?_={args.token}", {
      settings: { customer_portal: { subscription: allowed } },
    }),
    operation("rest_customer", "/customers/{args.id}?include=referral_info", {
      customer: { email: "text", has_payment_method_in_dunning: true },
    }),
    operation("rest_credit", "/customers/{args.id}/credit_summary?include=credit_details", {
      credit_summary: { total_available_balance: "text", currency_code: "text" },
    }),
    operation(
      "rest_subscriptions",
      "/subscriptions?customer_id={args.id}&status=active&sort_by={args.sort}&limit={args.limit}",
      { next_cursor: "text", subscriptions: [subscription] },
    ),
    operation("rest_charges", "/charges?purchase_item_ids={args.ids}&status=queued&sort_by=scheduled_at-asc&limit=250", {
      charges: [charge],
    }),
    operation("rest_selections", "/bundle_selections?purchase_item_ids={args.ids}&sort_by=updated_at-desc&limit=250", {
      bundle_selections: [selection],
    }),
    operation("rest_addresses", "/addresses?ids={args.ids}&limit=250", {
      addresses: [{ id: "text", address1: "text", city: "text", zip: "text" }],
    }),
    operation("rest_products", "/product_search?external_product_ids={args.ids}&format_version=2022-06&limit=250", {
      products: [product],
    }),
    operation(
      "rest_members",
      "/v1/customers?email={args.email}&include=vip_status.vip_tier,vip_status.next_vip_tier&limit=250",
      { customers: [member] },
      { Authorization: "Bearer {args.token}" },
    ),
  ],
});
