import { describe, expect, it } from 'vitest';

import { policyDocumentSchema } from '../../contracts/policy.ts';
import { builtinPolicy, decideByPolicy, needsRunApproval, type PolicyDocument, type PolicySubject } from './policy.ts';

const subject = (level: 'low' | 'medium' | 'high' | 'critical', facts: Partial<PolicySubject> = {}): PolicySubject => ({
  risk: { level, matches: [] },
  category: 'TOOL-01',
  effect: null,
  environment: 'staging',
  kind: 'send_prompt',
  ...facts,
});
const source = (document: PolicyDocument, policyId = 'pol_x') => ({ policyId, version: 3, document });

describe('decideByPolicy', () => {
  it('lets the first rule that fits decide, of the project before the organization', () => {
    const project = source(
      { rules: [{ name: 'tools wait', when: { categories: ['TOOL-*'] }, action: 'approve', quorum: 2 }] },
      'pol_project',
    );
    const organization = source({ rules: [{ name: 'all', when: {}, action: 'allow' }] }, 'pol_org');
    expect(decideByPolicy([project, organization], subject('low'))).toEqual({
      action: 'approve',
      rule: { policyId: 'pol_project', version: 3, name: 'tools wait' },
      quorum: 2,
      expiresInHours: 24,
    });
    expect(decideByPolicy([project, organization], subject('critical', { category: 'INJ-01' })).rule?.policyId).toBe('pol_org');
  });

  it('sends what no rule fits only when it is of low risk', () => {
    const narrow = source({ rules: [{ name: 'x', when: { categories: ['INJ-01'] }, action: 'allow' }] });
    const levels = ['low', 'medium', 'high', 'critical'] as const;
    expect(levels.map((level) => decideByPolicy([narrow], subject(level)).action)).toEqual(['allow', 'refuse', 'refuse', 'refuse']);
  });

  it('gives a person 24, 8 or 4 hours by risk, unless the rule says otherwise', () => {
    const wait = source({ rules: [{ name: 'x', when: {}, action: 'approve' }] });
    const hours = (['medium', 'high', 'critical'] as const).map((level) => decideByPolicy([wait], subject(level)).expiresInHours);
    expect(hours).toEqual([24, 8, 4]);
    const quick = source({ rules: [{ name: 'x', when: {}, action: 'approve', expiresInHours: 1 }] });
    expect(decideByPolicy([quick], subject('critical')).expiresInHours).toBe(1);
  });

  it('asks by default for everything but low risk, except in a test environment', () => {
    expect(decideByPolicy([builtinPolicy], subject('medium')).action).toBe('approve');
    expect(decideByPolicy([builtinPolicy], subject('low', { environment: 'production' })).action).toBe('allow');
    expect(decideByPolicy([builtinPolicy], subject('critical', { environment: 'test' })).action).toBe('allow');
  });

  it('fits by effect and by the rules of the assessment', () => {
    const when = { effects: ['payment' as const], riskRules: ['payment.*'] };
    const payments = source({ rules: [{ name: 'x', when, action: 'refuse' }] });
    const match = { rule: 'payment.amount', level: 'high' as const, title: '', where: 'prompt', span: null, excerpt: '' };
    const risk = { level: 'high' as const, matches: [match] };
    expect(decideByPolicy([payments], subject('low', { effect: 'payment', risk })).action).toBe('refuse');
    expect(decideByPolicy([payments], subject('low', { effect: 'payment' })).action).toBe('allow');
    expect(decideByPolicy([payments], subject('low', { risk: { level: 'low', matches: [match] } })).action).toBe('allow');
  });
});

describe('needsRunApproval', () => {
  it('holds for production always, and elsewhere from the risk that the policy names', () => {
    const named = source({ rules: [{ name: 'x', when: {}, action: 'allow' }], runApproval: { atLeast: 'high' } });
    expect(needsRunApproval([builtinPolicy], { environment: 'production', worst: 'low' })).toBe(true);
    expect(needsRunApproval([builtinPolicy], { environment: 'staging', worst: 'critical' })).toBe(false);
    expect(needsRunApproval([named], { environment: 'staging', worst: 'critical' })).toBe(true);
    expect(needsRunApproval([named], { environment: 'staging', worst: 'medium' })).toBe(false);
  });
});

describe('a policy document', () => {
  const messages = (document: unknown): string[] =>
    policyDocumentSchema.safeParse(document).error?.issues.map((issue) => issue.message) ?? [];

  it('is refused with a reason that says what to do', () => {
    const rule = { name: 'x', when: {}, action: 'allow' };
    expect(messages({ rules: [] })).toEqual(['a policy needs at least one rule']);
    expect(messages({ rules: [rule, { ...rule, name: 'y' }] })).toEqual([
      expect.stringMatching(/never reached: rule 0 \("x"\) fits everything/),
    ]);
    expect(messages({ rules: [{ ...rule, quorum: 2 }] })).toEqual([expect.stringMatching(/has no meaning where the rule says "allow"/)]);
    expect(messages({ rules: [{ ...rule, when: { riskRules: ['payment.ammount'] } }] })).toEqual([expect.stringMatching(/must be one of/)]);
    expect(messages({ rules: [{ ...rule, when: { categories: ['tools'] } }] })).toEqual([expect.stringMatching(/must look like TOOL-01/)]);
    expect(messages({ rules: [{ ...rule, when: { risk: [] } }] })).toEqual([expect.stringMatching(/leave it out to fit all/)]);
  });

  it('takes what ships with Ordeal', () => {
    expect(messages(builtinPolicy.document)).toEqual([]);
  });
});
