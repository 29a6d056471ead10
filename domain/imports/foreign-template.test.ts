import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { renderTemplate } from '../template.ts';
import { environmentNames, literalTemplate, templateText, translateTemplate } from './foreign-template.ts';

const reading = { renamed: { prompt: '{{prompt}}', sessionId: '{{session}}' }, fill: { 'env.HOST': 'a.example' } };

describe('translateTemplate', () => {
  it('renames known variables and fills in given ones', () => {
    expect(translateTemplate('{{prompt}} {{ sessionId }} {{env.HOST}}', reading)).toEqual({
      ok: true,
      text: '{{prompt}} {{session}} a.example',
      filled: ['env.HOST'],
      renamed: ['sessionId'],
    });
  });

  it.each(['{% if x %}a{% endif %}', '{{ prompt | upper }}', '{{ f(prompt) }}', '{# note #}'])('refuses code: %s', (text) => {
    expect(translateTemplate(text, reading)).toMatchObject({ ok: false, missing: [] });
  });

  it('names a variable without a value, also one that every object has', () => {
    expect(translateTemplate('{{constructor}}', reading)).toMatchObject({ ok: false, missing: ['constructor'] });
  });

  it('takes a given value literally', () => {
    const translated = translateTemplate('{{x}}', { renamed: {}, fill: { x: '{{prompt}}' } });
    expect(translated).toMatchObject({ ok: true, text: String.raw`\{{prompt}}` });
  });
});

describe('literalTemplate', () => {
  it('renders to exactly the text it was given', () => {
    const text = fc.array(fc.constantFrom('{{canary}}', '{{ x }}', '\\', '{', '}}', 'a', '{{', ' ')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (original) => {
        expect(renderTemplate(literalTemplate(original), {})).toBe(original);
        expect(templateText(literalTemplate(original))).toBe(original);
      }),
    );
  });
});

describe('environmentNames', () => {
  it('finds both ways to write them', () => {
    expect(environmentNames(`Bearer {{env.TOKEN}} {{ env['OTHER'] }} {{prompt}}`)).toEqual(['TOKEN', 'OTHER']);
  });
});
