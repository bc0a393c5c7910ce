// From the backends' rows to the objects of the graph; what the documents of the benchmarks read, and no more.

export const gid = (owner, kind, number) => `gid://${owner}/${kind}/${number}`;
export const money = (amount, currencyCode) => ({ amount, currencyCode });
const image = (sizes) => (sizes ? { url: sizes.large ?? sizes.original ?? sizes.medium ?? sizes.small } : null);

export function portalSettings(allowed) {
  return {
    canSkip: Boolean(allowed.skip_scheduled_order),
    canCancel: Boolean(allowed.cancel_subscription),
    canSwapProduct: Boolean(allowed.change_product),
    canChangeQuantity: Boolean(allowed.change_quantity),
    canChangeSchedule: Boolean(allowed.edit_scheduled_date),
    canReactivate: Boolean(allowed.reactivate_subscription),
    cancellationReasonRequired: !allowed.cancellation_reason_optional,
  };
}

export function subscription(row, currency) {
  return {
    number: row.id,
    addressId: row.address_id,
    productId: row.external_product_id.ecommerce,
    id: gid("recharge", "SubscriptionContract", row.id),
    status: row.status.toUpperCase(),
    productTitle: row.product_title,
    variantTitle: row.variant_title,
    quantity: row.quantity,
    price: money(row.price, row.presentment_currency ?? currency),
    nextChargeDate: row.next_charge_scheduled_at,
    isSkippable: row.is_skippable,
    isSwappable: row.is_swappable,
    deliveryInterval: { unit: row.order_interval_unit.toUpperCase(), count: row.order_interval_frequency },
  };
}

export function connection({ subscriptions, next_cursor }, currency) {
  const last = subscriptions.at(-1);
  return {
    nodes: subscriptions.map((row) => subscription(row, currency)),
    pageInfo: { hasNextPage: next_cursor !== null, endCursor: next_cursor ?? (last ? String(last.id) : null) },
  };
}

export function product(row) {
  const picture = image(row.images[0]);
  return {
    id: gid("shopify", "Product", row.external_product_id),
    title: row.title,
    image: picture,
    plans: row.plans
      .filter((plan) => plan.deleted_at === null)
      .sort((a, b) => a.sort_order - b.sort_order)
      .map((plan) => ({ id: gid("recharge", "Plan", plan.id), title: plan.title })),
    variantsById: new Map(
      row.variants.map((variant) => [
        variant.external_variant_id,
        {
          id: gid("shopify", "ProductVariant", variant.external_variant_id),
          title: variant.title,
          image: image(variant.image) ?? picture,
        },
      ]),
    ),
  };
}

export function charge(row) {
  return {
    id: gid("recharge", "Charge", row.id),
    scheduledDate: row.scheduled_at,
    totalPrice: money(row.total_price, row.currency),
    lineItems: row.line_items.map((line) => ({
      title: line.title,
      quantity: line.quantity,
      isFreeGift: line.offer_attributes?.type === "free_gift",
    })),
  };
}

export function selection(row) {
  return {
    id: gid("recharge", "BundleSelection", row.id),
    items: row.items.map((item) => ({
      quantity: item.quantity,
      productNumber: item.external_product_id,
      variantNumber: item.external_variant_id,
    })),
  };
}

export const address = (row) => ({ address1: row.address1, city: row.city, zip: row.zip });

export function member(row) {
  const tier = row.vip_status?.vip_tier;
  return {
    pointsBalance: row.points_balance,
    tierStatus: row.vip_status ? { tier: tier ? { name: tier.name } : null } : null,
  };
}

export const credit = (row) => ({ totalAvailable: money(row.total_available_balance, row.currency_code) });
