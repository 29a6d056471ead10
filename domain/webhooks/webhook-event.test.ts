import { describe, expect, it } from 'vitest';

import { approvalStatuses } from '../approvals/approval.ts';
import { approvalBody, eventOfEnd, webhookEvents, type ApprovalFacts } from './webhook-event.ts';

const facts: ApprovalFacts = {
  approvalId: 'apv_1',
  kind: 'exchange',
  projectId: 'prj_1',
  runId: 'run_1',
  stepId: 'S1-1',
  target: 'agent',
  environment: 'staging',
  risk: 'high',
  riskRules: ['command.sudo', 'command.sudo', 'path.ssh'],
  status: 'pending',
  quorum: 1,
  payloadHash: 'a'.repeat(64),
  requestedAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2026-11-21T18:00:00.000Z',
  decidedAt: null,
  decidedBy: null,
  decidedFor: null,
  path: '/api/approvals/apv_1',
};

describe('approvalBody', () => {
  it('names each rule once, and when it occurred', () => {
    expect(JSON.parse(approvalBody('approval.requested', new Date('2026-11-21T10:00:00Z'), facts))).toEqual({
      type: 'approval.requested',
      timestamp: '2026-11-21T10:00:00.000Z',
      data: { ...facts, riskRules: ['command.sudo', 'path.ssh'] },
    });
  });

  it('stays under 16 KiB whatever has been given which name', () => {
    const long = '\u{1F600}'.repeat(10_000);
    const body = approvalBody('approval.decided', new Date(0), {
      ...facts,
      stepId: long,
      target: long,
      riskRules: Array.from({ length: 500 }, (_, index) => `rule.${index}`),
      decidedBy: { id: long, name: long },
      decidedFor: { id: long, name: long },
    });
    expect(Buffer.byteLength(body)).toBeLessThan(16_384);
  });
});

describe('eventOfEnd', () => {
  it('is an event that can be subscribed to, for every status that ends an approval', () => {
    const ends = approvalStatuses.filter((status) => status !== 'pending').map(eventOfEnd);
    expect(webhookEvents).toEqual(expect.arrayContaining(ends));
    expect(ends).toEqual(['approval.decided', 'approval.decided', 'approval.expired', 'approval.withdrawn', 'approval.withdrawn']);
  });
});
