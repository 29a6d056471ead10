import { describe, expect, it } from 'vitest';

import type { ConversationStep, SendPromptStep, StepBase } from '../script.ts';
import { afterGivingUp, nextMove, type ProbeProgress } from './next-move.ts';
import type { TranscriptEntry } from './transcript.ts';

const base: StepBase = {
  id: 'A',
  title: 'A',
  category: 'INJ-01',
  severity: 'high',
  detectors: [{ kind: 'canary_leak' }],
  evidence: 'answer',
  remediation: 'Do better.',
};
const prompt: SendPromptStep = { ...base, kind: 'send_prompt', prompt: 'one' };
const conversation: ConversationStep = { ...base, kind: 'conversation', turns: ['one', 'two', 'three'] };

/** `1.2.1 answered`: conversation, exchange, attempt and state. */
function entry(text: string, failure: TranscriptEntry['failure'] = null): TranscriptEntry {
  const [place = '', state = ''] = text.split(' ');
  const [conversationNo = 0, exchangeNo = 0, attemptNo = 0] = place.split('.').map(Number);
  const isAnswered = state === 'answered';
  return {
    conversationNo,
    exchangeNo,
    attemptNo,
    state: state as TranscriptEntry['state'],
    prompt: 'p',
    answerText: isAnswered ? 'a' : null,
    failure: isAnswered ? null : (failure ?? (state === 'indeterminate' ? 'indeterminate' : 'target_error')),
    openedAtMs: 0,
  };
}

function progress(
  step: ProbeProgress['step'],
  entries: readonly (string | TranscriptEntry)[],
  more: Partial<ProbeProgress> = {},
): ProbeProgress {
  const transcript = entries.map((one) => (typeof one === 'string' ? entry(one) : one));
  return { step, position: 0, transcript, maxAttempts: 3, isTargetIdempotent: false, ...more };
}

function told(move: ReturnType<typeof nextMove>): string {
  if (move.kind === 'ask_model') return `ask ${move.request.purpose}`;
  if (move.kind === 'wait') return 'wait';
  if (move.kind === 'judge') return `judge ${move.failure ?? 'answers'}`;
  const { conversationNo, exchangeNo, attemptNo, content } = move.exchange;
  const text = content.kind === 'prompt' ? content.template : content.kind;
  return `send ${conversationNo}.${exchangeNo}.${attemptNo} ${text}`;
}

describe('nextMove', () => {
  it.each([
    ['a prompt is sent once, and judged', prompt, [], 'send 1.1.1 one'],
    ['a prompt that was answered is judged', prompt, ['1.1.1 answered'], 'judge answers'],
    ['the turns are said one after the other', conversation, ['1.1.1 answered'], 'send 1.2.1 two'],
    ['a worker that takes over between two turns goes on', conversation, ['1.1.1 answered', '1.2.1 answered'], 'send 1.3.1 three'],
    [
      'after the last turn nothing is left to be said',
      conversation,
      ['1.1.1 answered', '1.2.1 answered', '1.3.1 answered'],
      'judge answers',
    ],
    ['a turn that the agent failed at is tried again', conversation, ['1.1.1 answered', '1.2.1 failed'], 'send 1.2.2 two'],
    ['attempts count for each turn', conversation, ['1.1.1 failed', '1.1.2 failed', '1.1.3 answered', '1.2.1 failed'], 'send 1.2.2 two'],
    ['too many attempts end it', conversation, ['1.1.1 failed', '1.1.2 failed', '1.1.3 failed'], 'judge target_error'],
    ['an unknown end of a prompt stays unknown', prompt, ['1.1.1 indeterminate'], 'judge indeterminate'],
    ['an unknown end of a turn begins the conversation again', conversation, ['1.1.1 answered', '1.2.1 indeterminate'], 'send 2.1.1 one'],
    ['and again', conversation, ['1.1.1 indeterminate', '2.1.1 answered', '2.2.1 indeterminate'], 'send 3.1.1 one'],
    ['but not for ever', conversation, ['1.1.1 indeterminate', '2.1.1 indeterminate', '3.1.1 indeterminate'], 'judge indeterminate'],
    [
      'the turns of a conversation that was begun again are its own',
      conversation,
      ['1.1.1 indeterminate', '2.1.1 answered'],
      'send 2.2.1 two',
    ],
  ] as const)('%s', (...[, step, entries, expected]) => {
    expect(told(nextMove(progress(step, entries)))).toBe(expected);
  });

  it('asks an idempotent target the same turn again, and takes the session as intact once it is answered', () => {
    const unknown = ['1.1.1 answered', '1.2.1 indeterminate'];
    expect(told(nextMove(progress(conversation, unknown, { isTargetIdempotent: true })))).toBe('send 1.2.2 two');
    expect(told(nextMove(progress(conversation, [...unknown, '1.2.2 answered'], { isTargetIdempotent: true })))).toBe('send 1.3.1 three');
    const rejected = entry('1.3.1 failed', 'target_rejected');
    expect(told(afterGivingUp(progress(conversation, [...unknown, '1.2.2 answered', rejected])))).toBe('judge target_rejected');
  });

  it('does not begin a conversation again in a session that lacks what earlier steps did', () => {
    expect(told(nextMove(progress(conversation, ['1.1.1 indeterminate'], { position: 1 })))).toBe('judge indeterminate');
  });

  it('does not begin again after a turn whose failure is known', () => {
    const rejected = entry('1.2.1 failed', 'target_rejected');
    expect(told(nextMove(progress(conversation, ['1.1.1 answered', rejected])))).toBe('judge target_rejected');
  });
});
