export interface Money {
  readonly amount: string;
  readonly currencyCode: string;
}

/** Words and numbers as one locale writes them. */
export class Format {
  readonly #numbers: Intl.NumberFormat;

  constructor(private readonly locale: string) {
    this.#numbers = new Intl.NumberFormat(locale);
  }

  number(value: number): string {
    return this.#numbers.format(value);
  }

  /** Amounts are decimals sent as text; several currencies share the dollar sign, so those say which they are. */
  money({ amount, currencyCode }: Money): string {
    const style = { style: "currency", currency: currencyCode } as const;
    return new Intl.NumberFormat(this.locale, style).format(Number(amount));
  }

  /** Calendar dates stay the same day everywhere, hence UTC. */
  date(value: string, style: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" }): string {
    return new Intl.DateTimeFormat(this.locale, { ...style, timeZone: "UTC" }).format(new Date(value));
  }
}

/** `2 weeks`, `month`: what follows “every”. */
export function interval({ count, unit }: { readonly count: number; readonly unit: string }): string {
  const word = unit.toLowerCase();
  return count === 1 ? word : `${count} ${word}s`;
}

export function times(money: Money, count: number): Money {
  // Prices have at most three decimals; counting in thousandths keeps 3 x 0.1 from becoming 0.30000000000000004.
  return { ...money, amount: String(Math.round(Number(money.amount) * 1000 * count) / 1000) };
}
