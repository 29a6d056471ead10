import { describe, expect, it } from 'vitest';
import { conversationSchema } from './conversation.ts';

const base = {
  id: 'A-1',
  title: 'A',
  kind: 'conversation',
  category: 'INJ-01',
  severity: 'high',
  evidence: 'answer',
  detectors: [{ kind: 'canary_leak' }],
  remediation: 'Do better.',
};

function issues(step: object): string[] {
  const { error } = conversationSchema.safeParse({ ...base, ...step });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a conversation', () => {
  it('has turns, or a goal and an attacker with the usual bounds', () => {
    expect(issues({ turns: ['one', 'two'] })).toEqual([]);
    expect(conversationSchema.parse({ ...base, goal: 'go', attacker: { kind: 'tap' } }).attacker).toEqual({
      kind: 'tap',
      maxTurns: 12,
      depth: 3,
      width: 3,
      branching: 2,
    });
  });

  it.each([
    ['nothing to say', {}, 'turns: is missing'],
    ['both', { turns: ['a', 'b'], attacker: { kind: 'pair' }, goal: 'x' }, 'attacker: decides the turns itself'],
    ['a goal without an attacker', { turns: ['a', 'b'], goal: 'x' }, 'goal: is for an `attacker`'],
    ['an attacker without a goal', { attacker: { kind: 'pair' } }, 'goal: is missing'],
    [
      'a goal with an unknown variable',
      { goal: '{{canry}}', attacker: { kind: 'pair' } },
      'goal: unknown variable "canry" (did you mean "canary"?)',
    ],
    [
      'an unknown attacker',
      { goal: 'x', attacker: { kind: 'cresendo' } },
      'attacker.kind: unknown attacker "cresendo" (did you mean "crescendo"?)',
    ],
    ['a bound out of range', { goal: 'x', attacker: { kind: 'tap', width: 99 } }, 'attacker.width:'],
    ["another attacker's bound", { goal: 'x', attacker: { kind: 'pair', maxBacktracks: 1 } }, 'attacker: Unrecognized key'],
  ])('with %s is refused', (_what, step, message) => {
    expect(issues(step).join('\n')).toContain(message);
  });
});
