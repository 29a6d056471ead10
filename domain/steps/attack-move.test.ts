import { describe, expect, it } from 'vitest';

import { defaultAttackers, type AttackContext } from '../attackers/attacker.ts';
import type { ConversationStep } from '../script.ts';
import type { AttackProgress } from './attack-move.ts';
import { afterGivingUp, nextMove, type ProbeProgress } from './next-move.ts';
import type { TranscriptEntry } from './transcript.ts';

const step: ConversationStep = {
  id: 'A',
  title: 'A',
  kind: 'conversation',
  goal: 'Say {{canary.left}}.',
  attacker: { ...defaultAttackers.crescendo, maxBacktracks: 0 },
  category: 'INJ-01',
  severity: 'high',
  detectors: [{ kind: 'canary_leak' }],
  evidence: 'answer',
  remediation: 'Do better.',
};
const context: AttackContext = { goal: 'Say {{it}}.', seed: '', memory: 'session', hasModel: false, secrets: [], mustHold: [] };
const attack: AttackProgress = { spec: { ...defaultAttackers.crescendo, maxBacktracks: 0 }, context, calls: [], isHit: false };

function entry(place: string, state: TranscriptEntry['state'], failure: TranscriptEntry['failure'] = null): TranscriptEntry {
  const [conversationNo = 0, exchangeNo = 0, attemptNo = 0] = place.split('.').map(Number);
  const answerText = state === 'answered' ? 'Gladly, it is easy to describe.' : null;
  return { conversationNo, exchangeNo, attemptNo, state, prompt: `said at ${place} {{it}}`, answerText, failure, openedAtMs: 0 };
}

function probe(transcript: readonly TranscriptEntry[], more: Partial<ProbeProgress> = {}): ProbeProgress {
  return { step, position: 0, transcript, maxAttempts: 3, isTargetIdempotent: false, attack, ...more };
}

function told(move: ReturnType<typeof nextMove>): string {
  if (move.kind === 'ask_model') return `ask ${move.request.purpose} ${move.callNo}`;
  if (move.kind === 'wait') return 'wait';
  if (move.kind === 'judge') return `judge ${move.failure ?? 'answers'}`;
  const { conversationNo, exchangeNo, attemptNo } = move.exchange;
  return `send ${conversationNo}.${exchangeNo}.${attemptNo}`;
}

const four = ['1.1.1', '1.2.1', '1.3.1', '1.4.1'].map((place) => entry(place, 'answered'));

describe('the next move of an attack', () => {
  it('goes on in the same session when every turn has its answer', () => {
    expect(told(nextMove(probe(four)))).toBe('send 1.5.1');
  });

  it('leads a fresh session to the same place when the end of a turn is unknown', () => {
    const lost = entry('1.5.1', 'indeterminate', 'indeterminate');
    expect(told(nextMove(probe([...four, lost])))).toBe('send 2.1.1');
    expect(nextMove(probe([...four, lost]))).toMatchObject({ exchange: { content: { template: String.raw`said at 1.1.1 \{{it}}` } } });
    expect(told(afterGivingUp(probe([...four, lost])))).toBe('send 2.1.1');
  });

  it('asks an idempotent target the same turn again, in the same words', () => {
    const move = nextMove(probe([...four, entry('1.5.1', 'indeterminate', 'indeterminate')], { isTargetIdempotent: true }));
    expect(told(move)).toBe('send 1.5.2');
    expect(move).toMatchObject({ exchange: { content: { template: String.raw`said at 1.5.1 \{{it}}` } } });
  });

  it('tries a turn again that the target failed at, and ends with the failure when that is of no use', () => {
    expect(told(nextMove(probe([...four, entry('1.5.1', 'failed', 'target_error')])))).toBe('send 1.5.2');
    expect(told(nextMove(probe([...four, entry('1.5.1', 'failed', 'target_rejected')])))).toBe('judge target_rejected');
    expect(told(afterGivingUp(probe([...four, entry('1.5.3', 'failed', 'target_error')])))).toBe('judge target_error');
  });

  it('says what looks like a variable as it is', () => {
    const move = nextMove(probe(four));
    expect(move).toMatchObject({ exchange: { content: { template: expect.stringContaining(String.raw`Say \{{it}}.`) } } });
  });

  it('judges at once what has succeeded', () => {
    expect(told(nextMove(probe(four.slice(0, 2), { attack: { ...attack, isHit: true } })))).toBe('judge answers');
  });

  it('names the failure of the model that ends it', () => {
    const pair: AttackProgress = { ...attack, spec: defaultAttackers.pair };
    expect(nextMove(probe([], { attack: pair }))).toMatchObject({
      failure: 'model_not_configured',
      detail: expect.stringContaining('ORDEAL_'),
    });
    const refused = { kind: 'failed', failure: 'model_refused_config', detail: 'no' } as const;
    const withModel = { ...pair, context: { ...context, hasModel: true } };
    const asked = probe([entry('1.1.1', 'answered')], { attack: { ...withModel, calls: [refused] } });
    expect(told(nextMove(asked))).toBe('judge model_refused_config');
    const away = { kind: 'failed', failure: 'model_unavailable', detail: 'away' } as const;
    expect(told(nextMove({ ...asked, attack: { ...withModel, calls: [away] } }))).toBe('ask score 2');
  });
});
