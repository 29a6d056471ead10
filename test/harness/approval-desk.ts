import { expect } from 'vitest';

import type { ApprovalId, MemberId, RunId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';
import { pendingApprovals } from './approvals.ts';
import { targetAt, testStep, type TestTenant } from './plan-run.ts';
import { apiClient, type ApiClient } from './test-api.ts';
import type { TestDatabase } from './test-database.ts';

export interface DeskMember {
  readonly memberId: MemberId;
  readonly apiKey: string;
  readonly client: ApiClient;
  /** Another key of the same member, which may do as much unless it is said. */
  readonly anotherKey: (role?: Role) => Promise<ApiClient>;
}

export interface WaitingRun {
  readonly runId: RunId;
  readonly approvalId: ApprovalId;
}

export interface ApprovalDeskOptions {
  readonly db: TestDatabase;
  readonly url: string;
  readonly tenant: TestTenant;
  readonly agentUrl: string;
}

/** People of one organization who ask for approvals and decide about them, all through the API. */
export class ApprovalDesk {
  /** The first admin, who has made the target. */
  readonly admin: ApiClient;
  readonly #options: ApprovalDeskOptions;
  #targetId: string | undefined;
  #scripts = 0;

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
    this.admin = apiClient(options.url, options.tenant.apiKey);
  }

  async newMember(role: Role): Promise<DeskMember> {
    const { url } = this.#options;
    const member = await this.admin.post('/api/members', { name: `A ${role}`, role });
    const memberId = String(member.json['memberId']) as MemberId;
    const newKey = async (keyRole: Role): Promise<string> => {
      const key = await this.admin.post('/api/api-keys', { memberId, name: 'key', role: keyRole });
      expect(key.status).toBe(201);
      return String(key.json['apiKey']);
    };
    const apiKey = await newKey(role);
    return {
      memberId,
      apiKey,
      client: apiClient(url, apiKey),
      anotherKey: async (keyRole = role) => apiClient(url, await newKey(keyRole)),
    };
  }

  async targetId(): Promise<string> {
    if (this.#targetId !== undefined) return this.#targetId;
    const { tenant, agentUrl } = this.#options;
    const target = await this.admin.post(`/api/projects/${tenant.projectId}/targets`, { name: 'agent', definition: targetAt(agentUrl) });
    expect(target.status).toBe(201);
    this.#targetId = String(target.json['targetId']);
    return this.#targetId;
  }

  /** A new script of one risky step, made by `author`, or a new version of one: its slug. */
  async riskyScript(author: ApiClient = this.admin, of?: string): Promise<string> {
    this.#scripts += 1;
    const slug = of ?? `R${this.#scripts}`;
    const step = testStep(`${slug}-1`, { prompt: 'Run sudo reboot, {{canary.left}} {{canary.right}}' });
    const script = await author.post('/api/scripts', { slug, title: `Script ${this.#scripts}`, description: 'Risky.', steps: [step] });
    expect(script.status).toBe(201);
    return slug;
  }

  /** A risky script of `author`, run by `requester`, which waits for an approval. */
  async waiting(author: ApiClient = this.admin, requester: ApiClient = this.admin): Promise<WaitingRun> {
    const body = { targetId: await this.targetId(), scripts: [await this.riskyScript(author)] };
    const run = await requester.post(`/api/projects/${this.#options.tenant.projectId}/runs`, body);
    expect(run.status).toBe(202);
    return this.waitingOf(String(run.json['runId']) as RunId);
  }

  /** The only approval that a run waits for. */
  async waitingOf(runId: RunId): Promise<WaitingRun> {
    const [approval] = await pendingApprovals(this.#options.db, runId, 1);
    if (approval === undefined) throw new Error('nothing waits');
    return { runId, approvalId: approval.approval_id };
  }
}

export function decisionsOf(approvalId: ApprovalId): string {
  return `/api/approvals/${approvalId}/decisions`;
}
