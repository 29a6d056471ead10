import { describe, expect, it } from 'vitest';

import { importGarakRest } from './garak-rest.ts';
import { createImportNotes } from './import-notes.ts';

function importFile(file: unknown) {
  const notes = createImportNotes();
  const target = importGarakRest(file, notes);
  return { target, refused: notes.all.filter(({ list }) => list === 'refused').map(({ path, text }) => `${path.join('.')}: ${text}`) };
}
const base = { uri: 'https://agent.example/', req_template: '{"q": "$INPUT"}' };

describe('importGarakRest', () => {
  it('reads a template of text, and keeps braces literal', () => {
    const { target } = importFile({ ...base, req_template: '{"q": "{{prompt}} $INPUT"}' });
    expect(target?.definition.body).toEqual({ q: String.raw`\{{prompt}} {{prompt}}` });
    expect(target?.definition).toMatchObject({ method: 'POST', answerPath: null, timeoutMs: 20_000 });
  });

  it.each([
    ['text', '$.text'],
    ['a b', "$['a b']"],
    ['$.choices[*].text', '$.choices[*].text'],
  ])('reads response_json_field %s as %s', (field, path) => {
    expect(importFile({ ...base, response_json: true, response_json_field: field }).target?.definition.answerPath).toBe(path);
  });

  it('never copies a credential that stands in the file', () => {
    const { target, refused } = importFile({ ...base, headers: { Authorization: 'Bearer abcdef123456' } });
    expect(target?.auth).toEqual({ kind: 'bearer', token: null });
    expect(JSON.stringify([target, refused])).not.toContain('abcdef123456');
  });

  it.each([
    [{ req_template: '$INPUT' }, 'req_template'],
    [{ req_template: '{"q": "$INPUT", "k": "$KEY"}' }, 'req_template'],
    [{ method: 'get' }, 'method'],
    [{ uri: 'ftp://agent.example' }, 'uri'],
    [{ uri: 'https://agent.example/?key=$KEY' }, 'uri'],
  ])('makes no target of %j', (config, field) => {
    const { target, refused } = importFile({ ...base, ...config });
    expect(target).toBeUndefined();
    expect(refused.some((line) => line.startsWith(`${field}: `))).toBe(true);
  });

  it.each([null, [], 'x', {}, { rest: {} }])('refuses %j, which holds no generator', (file) => {
    expect(importFile(file).target).toBeUndefined();
  });
});
