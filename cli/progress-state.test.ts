import { describe, expect, it } from 'vitest';

import type { RunFeedEntry } from '../domain/run-feed.ts';
import { parseFeedEntry } from './feed-entry.ts';
import { applyEntry, initialProgress, liveLine, plainLine, type ProgressState } from './progress-state.ts';

const probe = { probeId: 'prb_1', stepId: 'S1-02', script: 'S1', title: 'Override', style: 'plain', strategy: 'plain' };
const waiting: RunFeedEntry = { type: 'probe_waiting', data: { ...probe, failure: 'target_rate_limited', attemptNo: 1, retryInMs: 4_000 } };
const judged: RunFeedEntry = { type: 'probe_judged', data: { ...probe, outcome: 'vulnerable', reason: 'leak' } };

function after(...entries: RunFeedEntry[]): ProgressState {
  const start: RunFeedEntry[] = [
    { type: 'run_queued', data: { probes: 4 } },
    { type: 'run_started', data: { deadlineAt: '2026-01-01T00:00:00Z' } },
  ];
  return [...start, ...entries].reduce((state, entry) => applyEntry(state, entry, 1_000), initialProgress);
}

describe('the live line', () => {
  it('says what is waited for, and counts down', () => {
    expect(liveLine(after(waiting), 1_000)).toBe('░░░░░░░░░░░░░░░░ 0/4 · S1-02 waits on the target (429), next try in 4 s');
    expect(liveLine(after(waiting), 3_500)).toContain('next try in 2 s');
    expect(liveLine(after(waiting), 5_000)).not.toContain('waits');
  });

  it('counts outcomes, and forgets the wait of a probe that is judged', () => {
    expect(liveLine(after(waiting, judged), 1_000)).toBe('████░░░░░░░░░░░░ 1/4 · 1 vulnerable');
  });

  it('says that the run is stopping', () => {
    expect(liveLine(after({ type: 'stop_requested', data: { by: 'me' } }), 1_000)).toContain('stopping');
  });
});

describe('a plain line', () => {
  it('has nothing in it that moves a cursor', () => {
    const entry: RunFeedEntry = {
      type: 'probe_judged',
      data: { ...probe, title: 'a\u001B[2Jb\nc\u202Ed', outcome: 'inconclusive', reason: 'x\r' },
    };
    expect(plainLine(after(entry), entry)).toBe('[1/4] S1-02 inconclusive: a\uFFFD[2Jb c\uFFFDd (x\uFFFD)');
  });
});

describe('parseFeedEntry', () => {
  it('passes over what it does not know, and keeps the rest', () => {
    expect(parseFeedEntry('run_hopped', '{}')).toBeUndefined();
    expect(parseFeedEntry('probe_judged', 'no json')).toBeUndefined();
    expect(parseFeedEntry('probe_waiting', JSON.stringify({ ...waiting.data, failure: 'new_one', more: 1 }))).toMatchObject({
      type: 'probe_waiting',
      data: { failure: 'internal' },
    });
  });
});
