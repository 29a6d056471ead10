import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrdealError } from './failures.ts';
import { nearestName } from './nearest-name.ts';
import { escapeTemplate, renderTemplate, templateReferences } from './template.ts';

describe('renderTemplate', () => {
  it('replaces every reference, with or without spaces', () => {
    expect(renderTemplate('a {{x}} b {{ x.left }} c {{x}}', { x: '1', 'x.left': '2' })).toBe('a 1 b 2 c 1');
  });
  it('never expands a value again, nor reads replacement patterns in it', () => {
    expect(renderTemplate('{{a}}{{b}}', { a: '{{b}} $& $1', b: '{{a}}' })).toBe('{{b}} $& $1{{a}}');
  });
  it('keeps an escaped reference, and braces that are no reference, as text', () => {
    expect(renderTemplate('\\{{x}} {{ not a name }} {{}} }} {{', { x: '1' })).toBe('{{x}} {{ not a name }} {{}} }} {{');
  });
  it('names an unknown variable and the one that was likely meant', () => {
    expect(() => renderTemplate('{{canry}}', { canary: '1' })).toThrow(/unknown variable "canry" \(did you mean "canary"\?\)/);
    expect(() => renderTemplate('{{toString}}', { canary: '1' })).toThrow(OrdealError);
  });
  it('leaves text without references as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('{{'));
        expect(renderTemplate(text, {})).toBe(text);
      }),
    );
  });
  it('puts any value in unchanged, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, value, after) => {
        fc.pre(!before.includes('{') && !before.includes('\\') && !after.includes('}') && !after.includes('{'));
        expect(renderTemplate(`${before}{{v}}${after}`, { v: value })).toBe(before + value + after);
      }),
    );
  });
});

describe('templateReferences', () => {
  it('gives names with their positions', () => {
    expect(templateReferences('a {{x}} \\{{y}} {{z}}')).toEqual([
      { name: 'x', start: 2, end: 7 },
      { name: 'z', start: 15, end: 20 },
    ]);
  });
});

describe('nearestName', () => {
  it('finds a slip of the pen, a swap and another case', () => {
    const names = ['canary_leak', 'secret_leak', 'side_effect'];
    expect(nearestName('canary_laek', names)).toBe('canary_leak');
    expect(nearestName('Side_Effects', names)).toBe('side_effect');
  });
  it('suggests nothing when nothing is near', () => {
    expect(nearestName('banana', ['canary_leak'])).toBeUndefined();
    expect(nearestName('x'.repeat(500), ['canary_leak'])).toBeUndefined();
  });
});

describe('escapeTemplate', () => {
  it('makes a template that renders to the text as it is', () => {
    const piece = fc.constantFrom('{{', '}}', '\\', '{{a}}', '\\{{ canary.left }}', 'x', ' ', 'a', '{');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(renderTemplate(escapeTemplate(pieces.join('')), {})).toBe(pieces.join(''));
      }),
    );
  });
});
