/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** A currency, as ISO 4217 writes it. */
export type CurrencyCode =
  | 'AED'
  | 'AFN'
  | 'ALL'
  | 'AMD'
  | 'ANG'
  | 'AOA'
  | 'ARS'
  | 'AUD'
  | 'AWG'
  | 'AZN'
  | 'BAM'
  | 'BBD'
  | 'BDT'
  | 'BGN'
  | 'BHD'
  | 'BIF'
  | 'BMD'
  | 'BND'
  | 'BOB'
  | 'BRL'
  | 'BSD'
  | 'BTN'
  | 'BWP'
  | 'BYN'
  | 'BZD'
  | 'CAD'
  | 'CDF'
  | 'CHF'
  | 'CLP'
  | 'CNY'
  | 'COP'
  | 'CRC'
  | 'CUP'
  | 'CVE'
  | 'CZK'
  | 'DJF'
  | 'DKK'
  | 'DOP'
  | 'DZD'
  | 'EGP'
  | 'ERN'
  | 'ETB'
  | 'EUR'
  | 'FJD'
  | 'FKP'
  | 'GBP'
  | 'GEL'
  | 'GHS'
  | 'GIP'
  | 'GMD'
  | 'GNF'
  | 'GTQ'
  | 'GYD'
  | 'HKD'
  | 'HNL'
  | 'HTG'
  | 'HUF'
  | 'IDR'
  | 'ILS'
  | 'INR'
  | 'IQD'
  | 'IRR'
  | 'ISK'
  | 'JMD'
  | 'JOD'
  | 'JPY'
  | 'KES'
  | 'KGS'
  | 'KHR'
  | 'KMF'
  | 'KPW'
  | 'KRW'
  | 'KWD'
  | 'KYD'
  | 'KZT'
  | 'LAK'
  | 'LBP'
  | 'LKR'
  | 'LRD'
  | 'LSL'
  | 'LYD'
  | 'MAD'
  | 'MDL'
  | 'MGA'
  | 'MKD'
  | 'MMK'
  | 'MNT'
  | 'MOP'
  | 'MRU'
  | 'MUR'
  | 'MVR'
  | 'MWK'
  | 'MXN'
  | 'MYR'
  | 'MZN'
  | 'NAD'
  | 'NGN'
  | 'NIO'
  | 'NOK'
  | 'NPR'
  | 'NZD'
  | 'OMR'
  | 'PAB'
  | 'PEN'
  | 'PGK'
  | 'PHP'
  | 'PKR'
  | 'PLN'
  | 'PYG'
  | 'QAR'
  | 'RON'
  | 'RSD'
  | 'RUB'
  | 'RWF'
  | 'SAR'
  | 'SBD'
  | 'SCR'
  | 'SDG'
  | 'SEK'
  | 'SGD'
  | 'SHP'
  | 'SLE'
  | 'SOS'
  | 'SRD'
  | 'SSP'
  | 'STN'
  | 'SVC'
  | 'SYP'
  | 'SZL'
  | 'THB'
  | 'TJS'
  | 'TMT'
  | 'TND'
  | 'TOP'
  | 'TRY'
  | 'TTD'
  | 'TWD'
  | 'TZS'
  | 'UAH'
  | 'UGX'
  | 'USD'
  | 'UYU'
  | 'UZS'
  | 'VED'
  | 'VES'
  | 'VND'
  | 'VUV'
  | 'WST'
  | 'XAF'
  | 'XCD'
  | 'XOF'
  | 'XPF'
  | 'YER'
  | 'ZAR'
  | 'ZMW';

/** What an interval counts. */
export type IntervalUnit =
  | 'DAY'
  | 'MONTH'
  | 'WEEK'
  | 'YEAR';

export type AccountQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountQuery = { shop: { customerPortal: { canSkip: boolean } | null }, customer: { id: string, firstName: string | null, lastName: string | null, email: string | null, hasPaymentMethodInDunning: boolean | null, subscriptions: { nodes: Array<{ id: string, productTitle: string, variantTitle: string | null, quantity: number, nextChargeDate: string | null, isSkippable: boolean, price: { amount: string, currencyCode: CurrencyCode }, deliveryInterval: { unit: IntervalUnit, count: number } | null, product: { id: string, handle: string | null } | null, address: { id: string, city: string } | null, upcomingCharge: { id: string, scheduledDate: string } | null, bundleSelection: { id: string, items: Array<{ id: string, quantity: number, productVariant: { id: string, title: string, image: { url: string, altText: string | null } | null } | null }> } | null }>, pageInfo: { hasNextPage: boolean } } | null, upcomingCharge: { id: string, scheduledDate: string, totalPrice: { amount: string, currencyCode: CurrencyCode }, lineItems: Array<{ purchaseItemId: string, title: string, variantTitle: string | null, quantity: number, image: { url: string } | null, totalPrice: { amount: string, currencyCode: CurrencyCode } }>, address: { id: string, address1: string, city: string, zip: string | null } | null } | null, credit: { appliesToNextCharge: boolean | null, totalAvailable: { amount: string, currencyCode: CurrencyCode } } | null, loyalty: { id: string, pointsBalance: number, tierStatus: { tier: { id: string, name: string } | null } | null } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const AccountDocument = new TypedDocumentString(`
    query Account {
  shop {
    customerPortal {
      canSkip
    }
  }
  customer {
    id
    firstName
    lastName
    email
    hasPaymentMethodInDunning
    subscriptions(first: 20, status: ACTIVE) {
      nodes {
        id
        productTitle
        variantTitle
        quantity
        price {
          amount
          currencyCode
        }
        nextChargeDate
        isSkippable
        deliveryInterval {
          unit
          count
        }
        product {
          id
          handle
        }
        address {
          id
          city
        }
        upcomingCharge {
          id
          scheduledDate
        }
        bundleSelection {
          id
          items {
            id
            quantity
            productVariant {
              id
              title
              image {
                url
                altText
              }
            }
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
    upcomingCharge {
      id
      scheduledDate
      totalPrice {
        amount
        currencyCode
      }
      lineItems {
        purchaseItemId
        title
        variantTitle
        quantity
        image {
          url
        }
        totalPrice {
          amount
          currencyCode
        }
      }
      address {
        id
        address1
        city
        zip
      }
    }
    credit {
      totalAvailable {
        amount
        currencyCode
      }
      appliesToNextCharge
    }
    loyalty {
      id
      pointsBalance
      tierStatus {
        tier {
          id
          name
        }
      }
    }
  }
}
    `, {"documentId":"sha256:b3d16a3f98d06d41fbb3678c9dbc2f1ef4f603e1d9cb90cc4990cff36759d26f"}) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;