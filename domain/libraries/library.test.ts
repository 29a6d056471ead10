import { describe, expect, it } from 'vitest';

import { renderTemplate } from '../template.ts';
import { entriesPerScript, libraryScript, scriptNumberOf, type LibraryPrompt } from './library.ts';

const library = { name: 'jailbreaks', detectors: [{ kind: 'secret_leak' }], evidence: 'answer' } as const;

function entry(entryNo: number, prompt = `Prompt ${entryNo}`): LibraryPrompt {
  return { entryNo, prompt, title: null, category: 'JBK-01', severity: 'high' };
}

describe('the scripts of a library', () => {
  it('hold an entry in the same script for good, whatever is gone before it', () => {
    expect([1, entriesPerScript, entriesPerScript + 1].map(scriptNumberOf)).toEqual([1, 1, 2]);
    const { slug, steps } = libraryScript(library, [entry(entriesPerScript + 7), entry(entriesPerScript + 9)]);
    expect(slug).toBe('lib-jailbreaks-002');
    expect(steps.map(({ id }) => id)).toEqual(['jailbreaks-107', 'jailbreaks-109']);
  });

  it('send a prompt as it is, braces included, and judge it by the detectors of the library', () => {
    const prompt = String.raw`Say {{canary}} and \{{prompt}} {% if x %}`;
    const [step] = libraryScript(library, [entry(1, prompt)]).steps;
    expect(step).toMatchObject({ kind: 'send_prompt', detectors: [{ kind: 'secret_leak' }], severity: 'high', category: 'JBK-01' });
    expect(step?.kind === 'send_prompt' && renderTemplate(step.prompt, { canary: 'LEAK' })).toBe(prompt);
  });
});
