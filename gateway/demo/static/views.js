import { el, facts, firstOf, swatch } from "./dom.js";
import { from, titleOf } from "./explain.js";
import { date, discount, interval, money, nameFromPicture, number, plural } from "./format.js";

const CARDS_SHOWN = 6;
const CHOICES_SHOWN = 4;
const ROWS_SHOWN = 5;

/** Which service left a place of the answer empty; undefined where null is simply the value. */
function failedService(errors, ...place) {
  const covers = (path) => path?.every((step, index) => index >= place.length || step === place[index]);
  return errors.find((error) => covers(error.path))?.extensions?.service;
}

/** What stands where a value is missing: the service that failed, or the words for a plain null. */
function gap(errors, place, words) {
  const service = failedService(errors, ...place);
  if (!service) return words;
  return el("span", { className: "gap" }, `${titleOf(service)} did not answer`);
}

const tile = (service, value, unit, detail) =>
  el("div", { className: "tile", "data-service": service },
    from(service), el("p", {}, el("strong", {}, value), ` ${unit}`), el("p", { className: "detail" }, detail ?? ""));

const block = (service, title, ...content) =>
  el("section", { className: "block", "data-service": service }, el("h3", {}, title, from(service)), ...content);

const person = (name, line) =>
  el("div", { className: "person" }, swatch(name, "swatch round"), el("div", {}, el("h2", {}, name), el("p", {}, line)));

const empty = (title, words) => el("div", { className: "empty" }, el("h3", {}, title), el("p", {}, words));

/* Customer portal */

export function portalView({ customer }, errors, { shopper }) {
  if (!customer) return empty("No shopper", "The session belongs to nobody that the shop knows.");
  const { loyalty, credit, subscriptions } = customer;
  const tier = loyalty?.tierStatus?.tier?.name;
  return el("div", { className: "view" },
    person(shopper, customer.email ?? gap(errors, ["customer", "email"], "No e-mail address")),
    customer.hasPaymentMethodInDunning ? el("p", { className: "notice" }, "A payment failed and is being tried again.") : null,
    el("div", { className: "tiles" },
      tile("subscriptions", subscriptions ? `${subscriptions.nodes.length}${subscriptions.pageInfo.hasNextPage ? "+" : ""}` : "–", "active",
        subscriptions ? nextCharge(subscriptions.nodes) : gap(errors, ["customer", "subscriptions"])),
      tile("loyalty", loyalty ? number(loyalty.pointsBalance) : "–", "points",
        loyalty ? (tier ? `${tier} tier` : "No tier yet") : gap(errors, ["customer", "loyalty"], "Not in the programme")),
      tile("subscriptions", credit ? money(credit.totalAvailable) : "–", "credit",
        credit ? "To spend on charges" : gap(errors, ["customer", "credit"], "None"))),
    subscriptions ? subscriptionCards(subscriptions, errors) : null);
}

function nextCharge(nodes) {
  const dates = nodes.map((node) => node.nextChargeDate).filter(Boolean).sort();
  return dates.length ? `Next charge ${date(dates[0])}` : "Nothing to charge";
}

function subscriptionCards({ nodes, pageInfo }, errors) {
  if (!nodes.length) {
    return empty("No active subscriptions", "This shopper has none at the moment; points and credit are still there.");
  }
  // Boxes go first: they are where two services meet in one card. An error's path keeps to the answer's order.
  const cards = nodes
    .map((node, index) => ({ node, place: ["customer", "subscriptions", "nodes", index] }))
    .sort((one, other) => Boolean(other.node.bundleSelection) - Boolean(one.node.bundleSelection))
    .map(({ node, place }) => subscriptionCard(node, errors, place));
  return el("section", {},
    el("h3", { className: "section-title" }, "Subscriptions",
      pageInfo.hasNextPage ? el("span", { className: "quiet" }, `first page of ${nodes.length}`) : null),
    ...firstOf(cards, CARDS_SHOWN, "cards", (others) => `Show ${others} more`));
}

function subscriptionCard(node, errors, place) {
  return el("li", { className: "card" },
    el("div", { className: "card-head" },
      swatch(node.productTitle),
      el("div", {}, el("h4", {}, node.productTitle), el("p", {}, node.variantTitle ?? "")),
      el("p", { className: "price" }, money(node.price), node.quantity > 1 ? el("span", {}, `× ${node.quantity}`) : null)),
    facts("rows", [
      ["Next charge", node.nextChargeDate ? date(node.nextChargeDate) : "None planned"],
      ["Delivered", node.deliveryInterval ? interval(node.deliveryInterval) : null],
      ["To", node.address ? node.address.city : gap(errors, [...place, "address"], "No address")],
      ["On offer", node.product ? plural(node.product.plans.length, "plan") : gap(errors, [...place, "product"], "No longer sold")],
    ]),
    bundleBox(node.bundleSelection, errors, [...place, "bundleSelection"]));
}

function bundleBox(selection, errors, place) {
  const missing = selection ? null : gap(errors, place, null);
  if (!selection && !missing) return null;
  return el("div", { className: "box", "data-service": "bundles" },
    el("p", { className: "box-title" }, selection ? "In the box" : "Box contents", from("bundles")),
    missing ?? firstOf(selection.items.map(choice), CHOICES_SHOWN, "choices", (others) => `and ${others} more`));
}

function choice({ quantity, productVariant }) {
  const name = nameFromPicture(productVariant?.image?.url);
  const variant = productVariant?.title === "Default Title" ? "" : productVariant?.title ?? "No longer sold";
  return el("li", {}, el("span", { className: "times-of" }, `${quantity} ×`),
    el("span", {}, name || variant, name && variant ? el("span", { className: "quiet" }, ` ${variant}`) : null));
}

/* Product page: the subscribe-and-save picker */

export function productView({ shop, product, loyaltyProgram }, errors) {
  return el("div", { className: "view" },
    product ? picker(product, shop.currencyCode)
      : empty("No product", gap(errors, ["product"], "The shop does not sell it.")),
    product ? savings(product, shop.currencyCode, errors) : null,
    block("loyalty", "Points for this purchase", pointRules(loyaltyProgram, errors)));
}

function picker(product, currencyCode) {
  const plans = el("div", { className: "plans" });
  const line = el("code", { className: "cart" });
  const variants = product.variants.map((variant, index) =>
    radio("variant", index === 0, () => showPlans(plans, line, product, variant, currencyCode), "chip", variantName(variant)));
  if (product.variants.length) showPlans(plans, line, product, product.variants[0], currencyCode);
  return el("section", { className: "picker", "data-service": "subscriptions" },
    el("div", { className: "card-head" }, swatch(product.title, "swatch large"),
      el("div", {}, el("h2", {}, product.title),
        el("p", {}, product.requiresSellingPlan ? "By subscription only" : "Once or by subscription", from("subscriptions")))),
    el("fieldset", {}, el("legend", {}, "Variant"), el("div", { className: "chips" }, variants)),
    el("fieldset", {}, el("legend", {}, "How to buy"), plans),
    el("p", { className: "quiet" }, "The widget would hand this to the cart: ", line));
}

const variantName = ({ title, availableForSale }) =>
  `${title === "Default Title" ? "One size" : title}${availableForSale ? "" : " (sold out)"}`;

function showPlans(target, line, product, variant, currencyCode) {
  const priceOn = new Map(variant.planPrices.map(({ plan, price }) => [plan.id, price]));
  const plans = [...product.plans].sort((one, other) => one.sortOrder - other.sortOrder);
  const choose = ({ sellingPlanId }) => {
    line.textContent = JSON.stringify({ merchandiseId: variant.id, ...(sellingPlanId ? { sellingPlanId } : {}) });
  };
  target.replaceChildren(...plans.map((plan, index) =>
    radio("plan", index === 0, () => choose(plan), "plan",
      el("span", { className: "plan-name" }, plan.title,
        plan.discount ? el("span", { className: "pill" }, discount(plan.discount, currencyCode)) : null),
      el("span", { className: "price" },
        wasPrice(plan, variant), priceOn.has(plan.id) ? money(priceOn.get(plan.id)) : "–"))));
  if (plans.length) choose(plans[0]);
}

/** What a plan saves: the one-time price next to it, or for a one-time purchase what the product cost before. */
function wasPrice(plan, variant) {
  const was = plan.discount ? variant.price : plan.type === "ONETIME" ? variant.compareAtPrice : null;
  return was ? el("s", {}, el("span", { className: "sr" }, "instead of "), money(was)) : null;
}

function radio(name, checked, onchange, className, ...label) {
  return el("label", { className }, el("input", { type: "radio", name, checked, onchange }), ...label);
}

function savings(product, currencyCode, errors) {
  const { tieredDiscounts } = product;
  if (!tieredDiscounts) return block("subscriptions", "Buy more, save more", el("p", {}, gap(errors, ["product", "tieredDiscounts"], "None")));
  if (!tieredDiscounts.length) return null;
  const reach = ({ thresholdType, threshold }) =>
    thresholdType === "QUANTITY" ? `From ${plural(Number(threshold), "item")}` : `From ${money({ amount: threshold, currencyCode })}`;
  return block("subscriptions", "Buy more, save more", tieredDiscounts.map(({ name, tiers }) =>
    el("div", {}, el("p", { className: "quiet" }, name),
      el("ul", { className: "pairs" }, tiers.map((tier) => pair(reach(tier), discount(tier.discount, currencyCode)))))));
}

const pair = (name, value, detail) =>
  el("li", {}, el("span", {}, name, detail ? el("span", { className: "quiet" }, detail) : null), el("strong", {}, value));

function pointRules(program, errors) {
  const rules = program?.earningRules?.filter((rule) => rule.pointsPerAmount);
  if (!rules) return el("p", {}, gap(errors, ["loyaltyProgram", "earningRules"], "The shop has no points programme."));
  if (!rules.length) return el("p", {}, "Purchases earn no points.");
  const words = program.pointsLabel ?? { one: "point", other: "points" };
  return el("ul", { className: "pairs" }, rules.map((rule) =>
    pair(rule.name, `${earned(rule, words)}${rule.perAmount ? ` per ${money(rule.perAmount)}` : ""}`)));
}

function earned(rule, words) {
  const count = Number(rule.pointsFixed ?? rule.pointsPerAmount);
  return `${number(count)} ${count === 1 ? words.one : words.other}`;
}

/* Loyalty panel */

export function loyaltyView({ loyaltyProgram: program, customer }, errors, { shopper }) {
  const words = program?.pointsLabel ?? { one: "point", other: "points" };
  const member = customer?.loyalty;
  return el("div", { className: "view" },
    person(shopper, customer?.subscriptionChargeStreak
      ? `${plural(customer.subscriptionChargeStreak, "charge")} in a row went through`
      : gap(errors, ["customer", "subscriptionChargeStreak"], "No charge yet")),
    el("div", { className: "tiles" },
      tile("loyalty", member ? number(member.pointsBalance) : "–", words.other,
        member ? tierLine(member.tierStatus) : gap(errors, ["customer", "loyalty"], "Not in the programme")),
      tile("subscriptions", customer?.credit ? money(customer.credit.totalAvailable) : "–", "credit",
        customer?.credit ? (customer.credit.appliesToNextCharge ? "Used for the next charge" : "Kept for later")
          : gap(errors, ["customer", "credit"], "None"))),
    el("div", { className: "blocks" },
      tierBlock(program, member, errors),
      rewardBlock(member, words, errors),
      earnBlock(program, words, errors),
      voucherBlock(member),
      creditBlock(customer?.credit),
      activityBlock(member)));
}

function tierLine(status) {
  if (!status?.tier) return "No tier yet";
  if (!status.nextTier) return `${status.tier.name} tier, the highest`;
  return `${status.tier.name} tier, ${number(Number(status.deltaToNextTier))} to ${status.nextTier.name}`;
}

function tierBlock(program, member, errors) {
  if (!program?.tiers) return block("loyalty", "Tiers", el("p", {}, gap(errors, ["loyaltyProgram", "tiers"], "None")));
  const own = member?.tierStatus?.tier?.name;
  return block("loyalty", "Tiers", el("ul", { className: "pairs" }, program.tiers.map((tier) =>
    pair(tier.name, tier.name === own ? el("span", { className: "pill" }, "Now") : `from ${number(Number(tier.milestone))}`, tier.perks.join(", ")))));
}

function rewardBlock(member, words, errors) {
  const rewards = member?.availableRewards;
  if (!rewards) return block("loyalty", "Rewards", el("p", {}, gap(errors, ["customer", "loyalty"], "For members of the programme.")));
  return block("loyalty", "Rewards", el("ul", { className: "pairs" }, rewards.map(({ reward, isRedeemable, pointsMissing }) =>
    pair(reward.name, isRedeemable ? el("span", { className: "pill" }, "Ready") : `${number(pointsMissing)} ${words.other} missing`, reward.exchangeDescription))));
}

function earnBlock(program, words, errors) {
  const rules = program?.earningRules;
  if (!rules) return block("loyalty", "Ways to earn", el("p", {}, gap(errors, ["loyaltyProgram", "earningRules"], "None")));
  return block("loyalty", "Ways to earn", el("ul", { className: "pairs" }, rules.map((rule) =>
    pair(rule.name, earned(rule, words), rule.pointsPerAmount ? "for each unit of currency spent" : limitOf(rule.limit)))));
}

function limitOf(limit) {
  if (!limit) return null;
  const times = limit.max === 1 ? "once" : `up to ${limit.max} times`;
  return limit.type === "LIFETIME" ? times : `${times} a period`;
}

function voucherBlock(member) {
  const vouchers = member?.redemptions?.nodes ?? [];
  if (!vouchers.length) return null;
  return block("loyalty", "Unused vouchers", ...firstOf(vouchers.map(({ name, code, expiresAt }) =>
    pair(name, el("code", {}, code ?? "no code"), expiresAt ? `until ${date(expiresAt)}` : null)), ROWS_SHOWN, "pairs", moreRows));
}

function creditBlock(credit) {
  if (!credit?.accounts.length) return null;
  return block("subscriptions", "Where the credit comes from", el("ul", { className: "pairs" }, credit.accounts.map((account) =>
    pair(account.name ?? "Credit", money(account.balance), account.expiresAt ? `until ${date(account.expiresAt)}` : null))));
}

function activityBlock(member) {
  const rows = member?.activity?.nodes ?? [];
  if (!rows.length) return null;
  return block("loyalty", "Activity", ...firstOf(rows.map(({ pointsChange, description, createdAt }) =>
    pair(description, `${pointsChange > 0 ? "+" : "−"}${number(Math.abs(pointsChange))}`, date(createdAt))), ROWS_SHOWN, "pairs", moreRows));
}

const moreRows = (others) => `${others} more`;

/* Your own query: the answer as it is, since nobody knows its shape */

export function plainView(data) {
  return el("div", { className: "view" }, el("pre", { className: "plain", tabIndex: 0, role: "region", "aria-label": "Data" }, JSON.stringify(data, null, 2)));
}

/* No answer at all */

export function failureView(error) {
  return el("div", { className: "empty failure" },
    el("h2", {}, "The gateway could not be asked"),
    el("p", {}, error.message));
}
