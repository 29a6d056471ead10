import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { importedStep } from './imported-step.ts';
import { scriptToYaml } from './script-yaml.ts';

describe('scriptToYaml', () => {
  it('survives every character of a prompt', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (prompt) => {
        const step = importedStep({ id: 'p-1', prompt, category: 'JBK-01', severity: 'low' });
        const script = { slug: 'a-001', title: 'A', description: 'B', steps: [step] };
        expect(parse(scriptToYaml(script, 2))).toEqual({ ...script, version: 2 });
      }),
    );
  });

  it('survives characters that YAML does not allow to stand for themselves', () => {
    const prompt = '\u0000\u0085\u2028\uFEFF\uD800\u007F';
    const step = importedStep({ id: '1e5', prompt, category: 'JBK-01', severity: 'low' });
    expect(parse(scriptToYaml({ slug: 'a', title: 'A', description: '', steps: [step] }, 1)).steps[0]).toEqual(step);
  });
});
