import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

import { approvalVerdicts, type ApprovalVerdict } from '../domain/approvals/approval.ts';
import { idPattern, type ApprovalId, type DecisionTokenId, type MemberId, type OrgId } from '../domain/ids.ts';
import type { SecretKey } from './secret-box.ts';

/** What a decision token says: who decides what about exactly which request, and until when. */
export interface DecisionGrant {
  readonly tokenId: DecisionTokenId;
  readonly orgId: OrgId;
  readonly approvalId: ApprovalId;
  readonly payloadHash: string;
  readonly memberId: MemberId;
  readonly verdict: ApprovalVerdict;
  /** Epoch seconds. The clock of the database has the last word. */
  readonly expiresAt: number;
}

const prefix = 'odt_';
const longestToken = 700;

/** Signs a grant. Whoever holds the token can use it, once; without the key of the installation nobody can make one. */
export function mintDecisionToken(key: SecretKey, grant: DecisionGrant): string {
  const { tokenId, orgId, approvalId, payloadHash, memberId, verdict, expiresAt } = grant;
  const body = Buffer.from(JSON.stringify([tokenId, orgId, approvalId, payloadHash, memberId, verdict, expiresAt])).toString('base64url');
  return `${prefix}${body}.${macOf(key, body)}`;
}

const tokenPattern = /^odt_([\w-]{100,600})\.([\w-]{43})$/;

/** Reads a token; `undefined` unless it was signed with one of the keys. Says nothing of whether it was used, or is over. */
export function parseDecisionToken(keys: readonly SecretKey[], token: string): DecisionGrant | undefined {
  const [, body, mac] = token.length > longestToken ? [] : (tokenPattern.exec(token) ?? []);
  if (body === undefined || mac === undefined || !keys.some((key) => isSame(macOf(key, body), mac))) return undefined;
  return readGrant(Buffer.from(body, 'base64url').toString('utf8'));
}

const patterns = {
  token: new RegExp(idPattern('decisionToken')),
  org: new RegExp(idPattern('organization')),
  approval: new RegExp(idPattern('approval')),
  member: new RegExp(idPattern('member')),
  hash: /^[0-9a-f]{64}$/,
} as const;

/** It was signed by us, so what does not fit is of another version of ours. */
function readGrant(text: string): DecisionGrant | undefined {
  const parts = JSON.parse(text) as readonly unknown[];
  const [tokenId, orgId, approvalId, payloadHash, memberId, verdict, expiresAt] = parts;
  const fits =
    isOf(patterns.token, tokenId) &&
    isOf(patterns.org, orgId) &&
    isOf(patterns.approval, approvalId) &&
    isOf(patterns.hash, payloadHash) &&
    isOf(patterns.member, memberId) &&
    approvalVerdicts.some((one) => one === verdict) &&
    typeof expiresAt === 'number';
  if (!fits) return undefined;
  return {
    tokenId: tokenId as DecisionTokenId,
    orgId: orgId as OrgId,
    approvalId: approvalId as ApprovalId,
    payloadHash,
    memberId: memberId as MemberId,
    verdict: verdict as ApprovalVerdict,
    expiresAt,
  };
}

function isOf(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function macOf(key: SecretKey, body: string): string {
  const own = Buffer.from(hkdfSync('sha256', key.bytes, '', 'ordeal decision tokens, hmac-sha256, 1', 32));
  return createHmac('sha256', own).update(body).digest('base64url');
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
