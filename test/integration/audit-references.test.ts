import { describe, expect, it } from 'vitest';

import { createTenant, targetAt } from '../harness/plan-run.ts';
import { apiClient } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();

describe('the audit log', () => {
  it('holds nothing that people wrote', async () => {
    const tenant = await createTenant(under.db.database, 'Written');
    const client = apiClient(under.api.url, tenant.apiKey);
    const { projectId } = tenant;
    const target = await client.post(`/api/projects/${projectId}/targets`, {
      name: 'by Ann',
      definition: targetAt('https://agent.example.com/'),
    });
    const targetId = String(target.json['targetId']);
    const rules = [{ name: 'by Ann', when: {}, action: 'allow' }];
    const made = await Promise.all([
      client.post('/api/projects', { name: 'by Ann' }),
      client.post(`/api/targets/${targetId}/sidecar-tokens`, { name: 'by Ann' }),
      client.post('/api/libraries', { name: 'by-Ann', sourceKind: 'txt' }),
      client.post('/api/members', { name: 'by Ann', role: 'viewer' }),
      client.post('/api/policies', { projectId, document: { rules } }),
      client.post(`/api/projects/${projectId}/runs`, { targetId, scripts: ['S1'], seed: 'by-Ann', start: false }),
      client.post(`/api/projects/${projectId}/schedules`, {
        name: 'by Ann',
        timing: { cron: ['@daily'] },
        run: { targetId, seed: 'by-Ann' },
        isPaused: true,
      }),
    ]);
    expect(made.map(({ status, text }) => [status, status < 300 ? '' : text])).toEqual(made.map(() => [expect.any(Number), '']));
    const rows = await under.db.query('select detail::text, actor, object_id from audit_logs where org_id = $1', [tenant.orgId]);
    expect(rows.length).toBeGreaterThan(made.length);
    expect(JSON.stringify(rows)).not.toMatch(/Ann|daily/);
  });
});
