import { describe, expect, it } from 'vitest';

import { categoryFamilies } from './category.ts';
import { atlasTechniques, owaspAgentic2026, owaspLlm2025, owaspLlm2026, owaspLlmRenumbering, standardTitle } from './standard-ids.ts';
import { categories, findCategory, standardsOf, unknownCategoryMessage } from './taxonomy.ts';

describe('the taxonomy', () => {
  it('has at least 41 categories, each once, in a known family', () => {
    const ids = categories.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(41);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[A-Z]{2,5}-\d{2}$/.test(id) || !Object.hasOwn(categoryFamilies, id.split('-')[0] ?? ''))).toEqual([]);
    expect(Object.keys(categoryFamilies).filter((family) => !ids.some((id) => id.startsWith(`${family}-`)))).toEqual([]);
  });

  it.each(categories)('$id points only to ids that the public lists have, and never to one without its year', ({ id }) => {
    const standards = standardsOf(id);
    expect(standards.filter((standard) => standardTitle(standard) === undefined)).toEqual([]);
    expect(standards.filter((standard) => /^LLM\d\d:2025$/.test(standard))).toHaveLength(1);
    expect(standards.filter((standard) => /^LLM\d\d:2026$/.test(standard))).toHaveLength(1);
    expect(standards.filter((standard) => !/^(?:LLM\d\d:202[56]|ASI\d\d:2026|AML\.T\d{4}(?:\.\d{3})?)$/.test(standard))).toEqual([]);
    expect(new Set(standards).size).toBe(standards.length);
  });

  it.each(categories)('$id says what it is, what tells it, and what to do', ({ title, description, remediation, oracles }) => {
    expect(title).toMatch(/^[A-Z][^.]{4,60}$/);
    expect(description).toMatch(/^[A-Z].{20,200}\.$/);
    expect(remediation).toMatch(/^[A-Z].{40,250}\.$/);
    expect(oracles.length).toBeGreaterThan(0);
    expect(new Set(oracles).size).toBe(oracles.length);
  });

  it('knows no id that is not in a list', () => {
    for (const id of ['LLM01', 'LLM11:2025', 'ASI11:2026', 'ASI01', 'AML.T9999', 'T0051', 'toString', ''])
      expect(standardTitle(id)).toBeUndefined();
  });

  it('renumbers every entry of 2025 to one of 2026 of its own, by subject', () => {
    expect(Object.values(owaspLlmRenumbering).toSorted()).toEqual(Object.keys(owaspLlm2026).toSorted());
    const renamed = { 'System Prompt Leakage': 'Hidden Context Exposure' } as Readonly<Record<string, string>>;
    for (const [from, to] of Object.entries(owaspLlmRenumbering)) {
      const title = owaspLlm2025[from as keyof typeof owaspLlm2025];
      expect([from, owaspLlm2026[to]]).toEqual([from, renamed[title] ?? title]);
    }
  });

  it('covers every entry of the OWASP lists', () => {
    const named = new Set(categories.flatMap(({ id }) => standardsOf(id)));
    expect(Object.keys({ ...owaspLlm2025, ...owaspLlm2026, ...owaspAgentic2026 }).filter((id) => !named.has(id))).toEqual([]);
  });

  it('lists no technique of ATLAS that no category points to', () => {
    const named = new Set(categories.flatMap(({ id }) => standardsOf(id)));
    expect(Object.keys(atlasTechniques).filter((id) => !named.has(id))).toEqual([]);
  });
});

describe('unknownCategoryMessage', () => {
  it('accepts every category and offers the nearest for a slip', () => {
    expect(categories.map(({ id }) => unknownCategoryMessage(id)).filter((message) => message !== undefined)).toEqual([]);
    expect(unknownCategoryMessage('INJ-O1')).toContain('unknown category "INJ-O1" (did you mean "INJ-01"?)');
    expect(findCategory('INJ-99')).toBeUndefined();
    expect(standardsOf('INJ-99')).toEqual([]);
  });
});
