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

/** What an earning limit counts over. */
export type EarningLimitType =
  | 'LIFETIME'
  | 'ROLLING';

/** Whether a shopper takes part in the programme. */
export type LoyaltyMemberStatus =
  | 'CANDIDATE'
  | 'DISABLED'
  | 'MEMBER';

/** Whether a reward has one price or grows with the points spent. */
export type RewardExchangeType =
  | 'FIXED'
  | 'VARIABLE';

export type LoyaltyPanelQueryVariables = Exact<{ [key: string]: never; }>;


export type LoyaltyPanelQuery = { loyaltyProgram: { pointsLabel: { one: string, other: string } | null, tiers: Array<{ id: string, name: string, milestone: string, perks: Array<string> }> | null, earningRules: Array<{ id: string, name: string, actionText: string | null, actionUrl: string | null, pointsFixed: number | null, pointsPerAmount: string | null, perAmount: { amount: string, currencyCode: CurrencyCode } | null, limit: { type: EarningLimitType, max: number } | null }> | null } | null, customer: { id: string, firstName: string | null, loyalty: { id: string, status: LoyaltyMemberStatus, pointsBalance: number, tierStatus: { progress: string | null, deltaToNextTier: string | null, expiresAt: string | null, tier: { id: string, name: string } | null, nextTier: { id: string, name: string, milestone: string } | null } | null, availableRewards: Array<{ isRedeemable: boolean, pointsMissing: number, reward: { id: string, name: string, exchangeType: RewardExchangeType, exchangeDescription: string, pointsPrice: number | null, pointsStep: number | null, pointsMin: number | null } }> | null, redemptions: { nodes: Array<{ id: string, name: string, code: string | null, expiresAt: string | null }> } | null, activity: { nodes: Array<{ id: string, pointsChange: number, description: string, createdAt: string }> } | null } | null } | null };

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

export const LoyaltyPanelDocument = new TypedDocumentString(`
    query LoyaltyPanel {
  loyaltyProgram {
    pointsLabel {
      one
      other
    }
    tiers {
      id
      name
      milestone
      perks
    }
    earningRules {
      id
      name
      actionText
      actionUrl
      pointsFixed
      pointsPerAmount
      perAmount {
        amount
        currencyCode
      }
      limit {
        type
        max
      }
    }
  }
  customer {
    id
    firstName
    loyalty {
      id
      status
      pointsBalance
      tierStatus {
        tier {
          id
          name
        }
        nextTier {
          id
          name
          milestone
        }
        progress
        deltaToNextTier
        expiresAt
      }
      availableRewards {
        isRedeemable
        pointsMissing
        reward {
          id
          name
          exchangeType
          exchangeDescription
          pointsPrice
          pointsStep
          pointsMin
        }
      }
      redemptions(first: 10, usageStatus: UNUSED) {
        nodes {
          id
          name
          code
          expiresAt
        }
      }
      activity(first: 6) {
        nodes {
          id
          pointsChange
          description
          createdAt
        }
      }
    }
  }
}
    `, {"documentId":"sha256:15c96ae64bb38910a6f41adeef681dca876c0a4d2b281c66b6f2d2884661c7dc"}) as unknown as TypedDocumentString<LoyaltyPanelQuery, LoyaltyPanelQueryVariables>;