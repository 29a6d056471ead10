import { describe, expect, it } from 'vitest';

import { defaultAttackers } from '../attackers/attacker.ts';
import type { ConversationStep, SendPromptStep } from '../script.ts';
import { multiTurnStrategies } from './multi-turn-strategies.ts';
import { stepUnder } from './step-under.ts';
import { strategyNameMessage } from './strategies.ts';

const prompt: SendPromptStep = {
  id: 'A-1',
  title: 'A',
  kind: 'send_prompt',
  prompt: 'Say {{canary.left}}.',
  category: 'INJ-01',
  severity: 'high',
  detectors: [{ kind: 'canary_leak' }],
  evidence: 'answer',
  remediation: 'Do better.',
};
const { prompt: text, ...rest } = prompt;
const scripted: ConversationStep = { ...rest, kind: 'conversation', turns: ['one', 'two'] };
const attack: ConversationStep = { ...rest, kind: 'conversation', goal: text, attacker: defaultAttackers.pair };

describe('a step under a strategy', () => {
  it.each(multiTurnStrategies)('$id makes an attack of a prompt, and has nothing to do with other steps', ({ id, attacker }) => {
    expect(stepUnder(id, prompt)).toEqual({ ...rest, kind: 'conversation', goal: text, attacker: defaultAttackers[attacker] });
    expect([stepUnder(id, scripted), stepUnder(id, attack)]).toEqual([null, null]);
  });

  it('is left out when an attacker words its turns and the strategy would have to', () => {
    expect(stepUnder('base64', attack)).toBeNull();
    expect(stepUnder('base64', scripted)).toBe(scripted);
    expect(stepUnder('plain', attack)).toBe(attack);
  });

  it('cannot be one of several turns and a layer', () => {
    expect(strategyNameMessage('crescendo')).toBeUndefined();
    expect(strategyNameMessage('crescendo+base64')).toBe('"crescendo" is a conversation and no layer');
    expect(strategyNameMessage('cresendo')).toContain('did you mean "crescendo"');
  });
});
