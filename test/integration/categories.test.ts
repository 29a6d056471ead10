import { describe, expect, it } from 'vitest';

import { categories, standardsOf } from '../../domain/taxonomy/taxonomy.ts';
import { startCli } from '../harness/cli-process.ts';
import { at } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const stack = useApi();

interface Listed {
  readonly id: string;
  readonly owaspLlm: readonly string[];
  readonly owaspAgentic: readonly string[];
  readonly atlas: readonly string[];
}

describe('the categories', () => {
  it('are listed page by page, with the ids of the public lists', async () => {
    const listed: Listed[] = [];
    for (let cursor = ''; ;) {
      const page = (await stack.client.get(`/api/categories?limit=20${cursor}`)).json;
      listed.push(...(page['items'] as readonly Listed[]));
      if (typeof page['nextCursor'] !== 'string') break;
      cursor = `&cursor=${page['nextCursor']}`;
    }
    expect(listed.map(({ id }) => id)).toEqual(categories.map(({ id }) => id));
    expect(listed.map(({ owaspLlm, owaspAgentic, atlas }) => [...owaspLlm, ...owaspAgentic, ...atlas])).toEqual(
      categories.map(({ id }) => standardsOf(id)),
    );
  });

  it('are printed by `ordeal categories`, one a line', async () => {
    const { code, stdout } = await startCli(['categories'], { ORDEAL_URL: stack.api.url, ORDEAL_API_KEY: stack.tenant.apiKey }).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^INJ-01\s+high\s+LLM01:2025 LLM01:2026 ASI01:2026\s+AML\.T0051\.000\s+Direct instruction override$/m);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1 + categories.length);
  });

  it('are the only ones that a step may name', async () => {
    const step = { id: 'X-1', title: 'X', kind: 'send_prompt', category: 'TOOL-1', severity: 'low', evidence: 'answer' };
    const rest = { prompt: 'x', detectors: [{ kind: 'compliance' }], remediation: 'x' };
    const refused = await stack.client.post('/api/scripts', { slug: 'X', title: 'X', description: '', steps: [{ ...step, ...rest }] });
    expect(refused.status).toBe(400);
    expect(at(refused.json, 'issues.0')).toMatchObject({
      field: 'steps.0.category',
      message: 'unknown category "TOOL-1" (did you mean "TOOL-01"?); `ordeal categories` lists them',
    });
  });
});
