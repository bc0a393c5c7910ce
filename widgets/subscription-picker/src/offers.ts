import { interval, type Format, type Money } from "../../client/src/format";
import type { SubscriptionPickerQuery } from "./generated/graphql";

export type Product = NonNullable<SubscriptionPickerQuery["product"]>;
export type Plan = Product["plans"][number];
export type Variant = Product["variants"][number];
type Discount = NonNullable<Plan["discount"]>;
type Tier = NonNullable<Product["tieredDiscounts"]>[number]["tiers"][number];

/** One way to buy: once, or by one of the plans of a kind. */
export interface Offer {
  readonly kind: "ONETIME" | "SUBSCRIPTION" | "PREPAID";
  /** Empty where the shop sells the product once and has no plan that says so. */
  readonly plans: readonly Plan[];
}

/** The ways to buy a product, in the merchant's order of plans. */
export function offersOf({ plans, requiresSellingPlan }: Product): Offer[] {
  const sorted = [...plans].sort((one, other) => one.sortOrder - other.sortOrder);
  const kinds = [...new Set(sorted.map((plan) => plan.type))];
  const offers = kinds.flatMap((kind): Offer[] =>
    kind === "MEMBERSHIP" ? [] : [{ kind, plans: sorted.filter((plan) => plan.type === kind) }],
  );
  return offers.length || requiresSellingPlan ? offers : [{ kind: "ONETIME", plans: [] }];
}

/** What one costs on a plan; undefined where the shop has no price for that. */
export function priceOf(variant: Variant, plan: Plan | undefined): Money | undefined {
  if (!plan) return variant.price;
  const price = variant.planPrices.find((each) => each.plan.id === plan.id)?.price;
  return price ?? (plan.discount ? undefined : variant.price);
}

export function saving(discount: Discount, currencyCode: string, format: Format): string {
  if (discount.type === "SHIPPING") return "Free shipping";
  if (discount.type === "PERCENTAGE") return `Save ${format.number(Number(discount.value))}%`;
  return `Save ${format.money({ amount: discount.value, currencyCode })}`;
}

/** How often a plan delivers, as its choice reads. */
export function rhythm(plan: Plan): string {
  return plan.type === "SUBSCRIPTION" && plan.deliveryInterval ? `Every ${interval(plan.deliveryInterval)}` : plan.title;
}

export function isReached({ thresholdType, threshold }: Tier, quantity: number, total: Money): boolean {
  return Number(threshold) <= (thresholdType === "QUANTITY" ? quantity : Number(total.amount));
}

export function tierWords({ thresholdType, threshold, discount }: Tier, currencyCode: string, format: Format): string {
  const reach =
    thresholdType === "QUANTITY"
      ? `${format.number(Number(threshold))} or more`
      : `${format.money({ amount: threshold, currencyCode })} or more`;
  return `${reach}: ${saving(discount, currencyCode, format).toLowerCase()}`;
}

/** How many things go into a box of this size, as a sentence; undefined for what is no box. */
export function boxHint({ bundle }: Product, variant: Variant): string | undefined {
  if (!bundle) return undefined;
  if (!bundle.isCustomizable) return "A box that we fill for you.";
  const range = bundle.variants.find((size) => size.productVariantId === variant.id)?.ranges[0];
  if (!range) return "A box that you fill yourself.";
  const { min, max } = range;
  const count = max === null || max === undefined ? `at least ${min} items` : min === max ? `${min} items` : `${min} to ${max} items`;
  const price = bundle.priceRule === "DYNAMIC" ? " The price follows what you choose." : "";
  return `A box that you fill yourself: choose ${count}, and change them before each delivery.${price}`;
}

/**
 * The points that a purchase earns at least: the rule that gives fewest, since some are for a few members only.
 * Undefined where no rule counts in the price's currency.
 */
export function pointsFor(price: Money, program: SubscriptionPickerQuery["loyaltyProgram"]): number | undefined {
  const earned = (program?.earningRules ?? []).flatMap(({ pointsPerAmount, perAmount }) =>
    pointsPerAmount && perAmount?.currencyCode === price.currencyCode && Number(perAmount.amount) > 0
      ? [Math.floor(Number(price.amount) / Number(perAmount.amount)) * Number(pointsPerAmount)]
      : [],
  );
  return earned.length ? Math.floor(Math.min(...earned)) : undefined;
}
