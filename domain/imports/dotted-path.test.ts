import { describe, expect, it } from 'vitest';

import { dottedPathToJsonPath } from './dotted-path.ts';

describe('dottedPathToJsonPath', () => {
  it.each([
    ['json', '$'],
    ['json.reply', '$.reply'],
    ['json.a[0].b;', '$.a[0].b'],
    [`json['a b']["c"]`, `$['a b'].c`],
    ['json?.choices?.[0]?.text', '$.choices[0].text'],
  ])('reads %s as %s', (expression, path) => {
    expect(dottedPathToJsonPath(expression, 'json')).toBe(path);
  });

  it.each([
    'json.reply.trim()',
    "json.a || ''",
    '(json) => json.a',
    'text',
    'json[i]',
    '{ output: json.a }',
    'process.env.KEY',
    'json.a + json.b',
    '',
  ])('does not read code: %s', (expression) => {
    expect(dottedPathToJsonPath(expression, 'json')).toBeUndefined();
  });
});
