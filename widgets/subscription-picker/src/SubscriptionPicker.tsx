import { useId, useState, type ReactNode } from "react";
import { failedService, type Answer, type Gateway, type Trace } from "../../client/src/ask";
import { times, type Format, type Money } from "../../client/src/format";
import { useQuery } from "../../client/src/react";
import { FAILURES } from "../../client/src/words";
import { SubscriptionPickerDocument, type SubscriptionPickerQuery } from "./generated/graphql";
import type { SubscriptionPickerQueryVariables } from "./generated/graphql";
import { boxHint, isReached, offersOf, pointsFor, priceOf, rhythm, saving, tierWords } from "./offers";
import type { Offer, Plan, Product, Variant } from "./offers";

const MOST = 99;

/** A line for the store's cart, in the words of Shopify's cartLinesAdd. */
export interface CartLine {
  readonly merchandiseId: string;
  readonly quantity: number;
  readonly sellingPlanId?: string;
}

/** What is put into the cart, and what a page needs to show it. */
export interface Purchase {
  readonly line: CartLine;
  readonly title: string;
  readonly variantTitle: string;
  readonly planTitle: string | null;
  readonly price: Money;
}

interface Props {
  readonly gateway: Gateway;
  readonly variables: SubscriptionPickerQueryVariables;
  readonly format: Format;
  readonly turn: number;
  readonly onTrace: (trace: Trace) => void;
  readonly onPurchase: (purchase: Purchase) => void;
  readonly onRetry: () => void;
}

export function SubscriptionPicker(props: Props): ReactNode {
  const state = useQuery(props.gateway, SubscriptionPickerDocument, props.variables, props.turn, props.onTrace);
  if (state.phase === "loading") return <Skeleton />;
  const retry = <button type="button" className="button plain" onClick={props.onRetry}>Try again</button>;
  if (state.phase === "failed") return <Notice title="Buying options can’t be shown" words={FAILURES[state.failure]}>{retry}</Notice>;
  const { answer, isRefreshing } = state;
  if (!answer.data.product) {
    return failedService(answer, "product") ? (
      <Notice title="Buying options can’t be shown" words="Prices and plans are out of reach at the moment. Nothing is lost: try again shortly.">
        {retry}
      </Notice>
    ) : (
      <Notice title="Not sold any more" words="This product has left the shop." />
    );
  }
  return (
    <div aria-busy={isRefreshing} className={isRefreshing ? "refreshing" : ""}>
      <Picker key={answer.data.product.id} answer={answer} product={answer.data.product} format={props.format} onPurchase={props.onPurchase} />
    </div>
  );
}

interface PickerProps {
  readonly answer: Answer<SubscriptionPickerQuery>;
  readonly product: Product;
  readonly format: Format;
  readonly onPurchase: (purchase: Purchase) => void;
}

function Picker({ answer, product, format, onPurchase }: PickerProps): ReactNode {
  const [variantId, chooseVariant] = useState<string>();
  const [kind, chooseKind] = useState<Offer["kind"]>();
  const [planId, choosePlan] = useState<string>();
  const [quantity, setQuantity] = useState(1);
  const [said, say] = useState("");

  // Choices are kept by id and looked up in each answer: what has gone from it falls back to the first.
  const variant =
    product.variants.find((each) => each.id === variantId) ??
    product.variants.find((each) => each.availableForSale) ??
    product.variants[0];
  const offers = offersOf(product);
  const offer = offers.find((each) => each.kind === kind) ?? offers[0];
  if (!variant || !offer) return <Notice title="Not for sale yet" words="There is no way to buy this product at the moment." />;
  const plan = offer.plans.find((each) => each.id === planId) ?? offer.plans[0];
  const price = priceOf(variant, plan);
  const { currencyCode } = answer.data.shop;
  const total = price && times(price, quantity);
  const hint = boxHint(product, variant);
  const tiers = product.tieredDiscounts?.[0]?.tiers ?? [];
  const canBuy = variant.availableForSale && price !== undefined;

  const buy = () => {
    if (!price) return;
    const isOnce = offer.kind === "ONETIME";
    onPurchase({
      line: { merchandiseId: variant.id, quantity, ...(plan?.sellingPlanId ? { sellingPlanId: plan.sellingPlanId } : {}) },
      title: product.title,
      variantTitle: nameOf(variant),
      planTitle: isOnce || !plan ? null : rhythm(plan),
      price,
    });
    say(`Added to the cart: ${quantity} × ${product.title}${isOnce || !plan ? "" : `, ${rhythm(plan).toLowerCase()}`}.`);
  };

  return (
    <form className="picker" onSubmit={(event) => { event.preventDefault(); buy(); }}>
      {product.variants.length > 1 && (
        <Choices legend="Choose" name="variant" className="chips">
          {product.variants.map((each) => (
            <label key={each.id} className="chip" data-sold-out={!each.availableForSale}>
              <input type="radio" name="variant" checked={each.id === variant.id} onChange={() => chooseVariant(each.id)} />
              <span>{nameOf(each)}{each.availableForSale ? null : <small> (sold out)</small>}</span>
            </label>
          ))}
        </Choices>
      )}
      <Choices legend="How to buy" name="offer" className="offers">
        {offers.map((each) => (
          <OfferChoice
            key={each.kind}
            offer={each}
            variant={variant}
            isChosen={each === offer}
            plan={each === offer ? plan : each.plans[0]}
            currencyCode={currencyCode}
            format={format}
            onChoose={() => chooseKind(each.kind)}
            onPlan={choosePlan}
          />
        ))}
      </Choices>
      {hint && <p className="hint"><BoxIcon />{hint}</p>}
      <div className="buy">
        <Quantity quantity={quantity} onChange={setQuantity} />
        <button type="submit" className="button" disabled={!canBuy}>
          {!canBuy ? "Sold out" : `${offer.kind === "SUBSCRIPTION" ? "Subscribe" : "Add to cart"} · ${total ? format.money(total) : ""}`}
        </button>
      </div>
      <p role="status" className={said ? "said" : "sr"}>{said}</p>
      <div className="extras">
        {total && <Points answer={answer} total={total} format={format} />}
        {total && tiers.length > 0 && (
          <ul className="tiers" aria-label="Buy more, save more">
            {tiers.map((tier) => {
              const reached = isReached(tier, quantity, total);
              return (
                <li key={`${tier.thresholdType} ${tier.threshold}`} data-reached={reached}>
                  {reached && <span aria-hidden="true">✓ </span>}{tierWords(tier, currencyCode, format)}
                  {reached && <span className="sr">, reached</span>}
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </form>
  );
}

function Choices({ legend, className, children }: { legend: string; name: string; className: string; children: ReactNode }): ReactNode {
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div className={className}>{children}</div>
    </fieldset>
  );
}

interface OfferChoiceProps {
  readonly offer: Offer;
  readonly variant: Variant;
  readonly isChosen: boolean;
  readonly plan: Plan | undefined;
  readonly currencyCode: string;
  readonly format: Format;
  readonly onChoose: () => void;
  readonly onPlan: (id: string) => void;
}

const TITLES: Readonly<Record<Offer["kind"], string>> = {
  ONETIME: "One-time purchase",
  SUBSCRIPTION: "Subscribe and save",
  PREPAID: "Prepay and save",
};

function OfferChoice({ offer, variant, isChosen, plan, currencyCode, format, onChoose, onPlan }: OfferChoiceProps): ReactNode {
  const id = useId();
  const price = priceOf(variant, plan);
  // What is struck through: the one-time price next to a plan's, else what the product cost before.
  const was = plan?.discount ? variant.price : offer.kind === "ONETIME" ? variant.compareAtPrice : null;
  return (
    <div className="offer" data-chosen={isChosen}>
      <label className="offer-head">
        <input type="radio" name="offer" checked={isChosen} onChange={onChoose} aria-describedby={`${id}price`} />
        <span className="offer-title">
          {plan?.discount || offer.kind === "ONETIME" ? TITLES[offer.kind] : "Subscribe"}
          {plan?.discount && <span className="pill">{saving(plan.discount, currencyCode, format)}</span>}
        </span>
        <span className="price" id={`${id}price`}>
          {was && <s><span className="sr">instead of </span>{format.money(was)}</s>}
          <strong>{price ? format.money(price) : "–"}</strong>
        </span>
      </label>
      {offer.kind !== "ONETIME" && offer.plans.length > 0 && (
        <div className="rhythm">
          <label htmlFor={id}>{offer.kind === "PREPAID" ? "Pay ahead" : "Delivered"}</label>
          <select
            id={id}
            value={plan?.id}
            onChange={(event) => { onPlan(event.target.value); onChoose(); }}
          >
            {offer.plans.map((each) => <option key={each.id} value={each.id}>{rhythm(each)}</option>)}
          </select>
        </div>
      )}
    </div>
  );
}

function Quantity({ quantity, onChange }: { quantity: number; onChange: (quantity: number) => void }): ReactNode {
  const set = (value: number) => onChange(Math.min(MOST, Math.max(1, Math.round(value) || 1)));
  return (
    <div className="quantity">
      <button type="button" aria-label="One fewer" disabled={quantity <= 1} onClick={() => set(quantity - 1)}>−</button>
      <input
        type="number" min={1} max={MOST} inputMode="numeric" aria-label="Quantity"
        value={quantity} onChange={(event) => set(event.target.valueAsNumber)}
      />
      <button type="button" aria-label="One more" disabled={quantity >= MOST} onClick={() => set(quantity + 1)}>+</button>
    </div>
  );
}

function Points({ answer, total, format }: { answer: Answer<SubscriptionPickerQuery>; total: Money; format: Format }): ReactNode {
  const program = answer.data.loyaltyProgram;
  const points = pointsFor(total, program);
  if (!points) return null;
  const label = program?.pointsLabel ?? { one: "point", other: "points" };
  return (
    <p className="points">
      <span aria-hidden="true">★</span> Earns <strong>{format.number(points)} {points === 1 ? label.one : label.other}</strong> or more
    </p>
  );
}

function Notice({ title, words, children }: { title: string; words: string; children?: ReactNode }): ReactNode {
  return (
    <div className="state" role="status">
      <h2>{title}</h2>
      <p className="quiet">{words}</p>
      {children}
    </div>
  );
}

function Skeleton(): ReactNode {
  return (
    <div className="picker" aria-busy="true">
      <p className="sr" role="status">Loading prices and plans…</p>
      <div className="bones" aria-hidden="true">
        <div className="bone legend-bone" />
        <div className="chips"><div className="bone chip-bone" /><div className="bone chip-bone" /><div className="bone chip-bone" /><div className="bone chip-bone" /></div>
        <div className="bone legend-bone" />
        <div className="bone offer-bone tall" />
        <div className="bone offer-bone" />
        <div className="bone buy-bone" />
      </div>
      <p className="late quiet">This takes longer than usual…</p>
    </div>
  );
}

function BoxIcon(): ReactNode {
  return <svg viewBox="0 0 24 24" aria-hidden="true"><path d="m3 8 9-4.5L21 8v8.5L12 21l-9-4.5zm0 0 9 4.5L21 8m-9 4.5V21" /></svg>;
}

/** Shopify calls the only variant of a product `Default Title`. */
function nameOf({ title }: Variant): string {
  return title === "Default Title" ? "" : title;
}
