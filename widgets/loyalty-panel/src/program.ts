import type { Format } from "../../client/src/format";
import type { LoyaltyPanelQuery } from "./generated/graphql";

export type Program = NonNullable<LoyaltyPanelQuery["loyaltyProgram"]>;
export type Member = NonNullable<NonNullable<LoyaltyPanelQuery["customer"]>["loyalty"]>;
export type EarningRule = NonNullable<Program["earningRules"]>[number];
export type MemberReward = NonNullable<Member["availableRewards"]>[number];

/** Counts of points in the shop's own word for them: `1 Bean`, `20 Beans`. */
export function pointWords(program: Program | null | undefined, format: Format): (count: number) => string {
  const label = program?.pointsLabel ?? { one: "point", other: "points" };
  return (count) => `${format.number(count)} ${Math.abs(count) === 1 ? label.one : label.other}`;
}

/** What an action earns. */
export function earning(rule: EarningRule, points: (count: number) => string, format: Format): string {
  if (rule.pointsFixed) return `+${points(rule.pointsFixed)}`;
  if (!rule.pointsPerAmount) return "";
  const each = rule.perAmount ? ` per ${format.money(rule.perAmount)}` : "";
  return `+${points(Number(rule.pointsPerAmount))}${each}`;
}

export function limitOf({ limit }: EarningRule): string {
  if (!limit) return "";
  const often = limit.max === 1 ? "Once" : `Up to ${limit.max} times`;
  return limit.type === "LIFETIME" ? often : `${often} in a while`;
}

/** How far the next level is, from 0 to 1; null where there is none, or the programme does not measure. */
export function tierProgress(member: Member): number | null {
  const { nextTier, progress } = member.tierStatus ?? {};
  if (!nextTier || !progress || !(Number(nextTier.milestone) > 0)) return null;
  return Math.min(1, Math.max(0, Number(progress) / Number(nextTier.milestone)));
}

/** How much of a reward's price a member has, from 0 to 1. */
export function share({ reward, pointsMissing }: MemberReward): number {
  const price = reward.pointsPrice ?? reward.pointsMin ?? reward.pointsStep ?? 0;
  return price > 0 ? Math.max(0, 1 - pointsMissing / price) : 0;
}
