import { describe, expect, it } from 'vitest';
import { runQuery } from './tiny-sql.ts';

const tables = {
  boats: [
    { name: 'Heron', owner: 'a' },
    { name: 'Teal', owner: 'b' },
    { name: "O'Dell", owner: 'b' },
  ],
};

describe('runQuery', () => {
  it.each<[string, readonly (readonly string[])[]]>([
    ['select name from boats', [['Heron'], ['Teal'], ["O'Dell"]]],
    ["select name, owner from boats where owner = 'a'", [['Heron', 'a']]],
    ["select name from boats where owner <> 'a' and name = 'Teal'", [['Teal']]],
    ["select name from boats where owner = 'a' or owner = 'b' and name = 'Teal'", [['Heron'], ['Teal']]],
    ["select name from boats where name = 'O''Dell'", [["O'Dell"]]],
    ["select name from boats where owner = 'x' union select 'a' || 'b' -- and the rest", [['ab']]],
    ["select * from boats where name = 'Heron'", [['Heron', 'a']]],
    ['select missing from boats', [[''], [''], ['']]],
  ])('%s', (sql, rows) => {
    expect(runQuery(sql, tables)).toEqual({ ok: true, rows });
  });

  it('takes values for what they are, whatever they look like', () => {
    const sql = 'select name from boats where name = ?';
    expect(runQuery(sql, tables, ['Teal'])).toEqual({ ok: true, rows: [['Teal']] });
    expect(runQuery(sql, tables, ["x' or 'a' = 'a"])).toEqual({ ok: true, rows: [] });
  });

  it.each([
    '',
    'delete from boats',
    'select',
    'select name from toString',
    "select 'open",
    'select name from boats where',
    'select name from boats; select 1',
  ])('refuses %j', (sql) => {
    expect(runQuery(sql, tables).ok).toBe(false);
  });
});
