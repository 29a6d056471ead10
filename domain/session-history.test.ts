import { describe, expect, it } from 'vitest';

import { sessionHistory, type SessionTurn } from './session-history.ts';

function turn(position: number, conversationNo: number, prompt: string): SessionTurn {
  return { position, conversationNo, prompt, answer: `re ${prompt}` };
}

describe('sessionHistory', () => {
  it('has what every step before has said, oldest first', () => {
    const turns = [turn(0, 1, 'a'), turn(1, 1, 'b'), turn(1, 1, 'c')];
    expect(sessionHistory(turns)).toEqual([
      { prompt: 'a', answer: 're a' },
      { prompt: 'b', answer: 're b' },
      { prompt: 'c', answer: 're c' },
    ]);
  });

  it('begins where a conversation was begun again', () => {
    const turns = [turn(0, 1, 'a'), turn(1, 1, 'b'), turn(1, 2, 'c'), turn(1, 2, 'd'), turn(2, 1, 'e')];
    expect(sessionHistory(turns).map(({ prompt }) => prompt)).toEqual(['c', 'd', 'e']);
    expect(sessionHistory([...turns, turn(3, 3, 'f')]).map(({ prompt }) => prompt)).toEqual(['f']);
    expect(sessionHistory([])).toEqual([]);
  });
});
