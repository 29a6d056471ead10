import { afterAll, beforeAll } from 'vitest';

import type { RunId, TargetId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { ScriptDefinition } from '../../domain/script.ts';
import type { HttpTargetDefinition, TargetDefinition } from '../../domain/target.ts';
import type { Reconciler } from '../../orchestration/reconciler.ts';
import { startMcpServer, type TestMcpServer } from '../fakes/mcp-server.ts';
import { startScriptedAgent, type AgentAnswer, type ScriptedAgent, type SeenRequest } from '../fakes/scripted-agent.ts';
import { startChatModelServer, type ChatModelServer } from '../fakes/chat-model-server.ts';
import { createTarget, createTenant, planRun, targetAt, type TestTenant } from './plan-run.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import type { TestModels } from './test-models.ts';
import { startReconciler, startTestWorker, type TestWorker } from './test-worker.ts';
import { waitUntil } from './wait-until.ts';

export type Answer = (request: SeenRequest, number: number) => AgentAnswer | Promise<AgentAnswer>;

export interface RunSpec {
  readonly scripts: readonly ScriptDefinition[];
  readonly strategies?: readonly string[];
  readonly answer?: Answer;
  readonly options?: Partial<RunOptions>;
  readonly target?: Partial<HttpTargetDefinition>;
  /** In place of the scripted agent. */
  readonly definition?: TargetDefinition;
}

export interface EngineOptions {
  readonly hasJudge?: boolean;
  readonly hasAttacker?: boolean;
  readonly tokensPerRun?: number;
  /** Whether an API runs beside the worker, and the worker tells agents where. */
  readonly hasApi?: boolean;
  /** Whether an MCP server runs that the worker may reach. */
  readonly hasMcpServer?: boolean;
  /** Whether what an API could not tell a busy Temporal in time is told later, as every worker does. It starts what is planned. */
  readonly hasReconciler?: boolean;
}

/** Database, worker, agent and tenant for the tests of one file; all real, all on loopback. */
export class Engine {
  db!: TestDatabase;
  agent!: ScriptedAgent;
  worker!: TestWorker;
  /** Where the worker says that documents are served, when it says so. */
  api: TestApi | undefined;
  mcp: TestMcpServer | undefined;
  tenant!: TestTenant;
  /** The only judge of the worker, when it has one. */
  judge!: ChatModelServer;
  /** The only attacker model of the worker, when it has one. */
  attacker!: ChatModelServer;
  readonly #options: EngineOptions;
  #reconciler: Reconciler | undefined;
  #answer: Answer = () => ({});

  constructor(options: EngineOptions = {}) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.db = await createTestDatabase();
    [this.judge, this.attacker] = await Promise.all([startChatModelServer(), startChatModelServer()]);
    this.agent = await startScriptedAgent((request, number) => this.#answer(request, number));
    this.mcp = this.#options.hasMcpServer === true ? await startMcpServer() : undefined;
    this.api = this.#options.hasApi === true ? await startTestApi({ database: this.db.database }) : undefined;
    this.worker = await startTestWorker({
      database: this.db.database,
      allowPorts: [this.agent.port, ...(this.mcp === undefined ? [] : [this.mcp.port])],
      models: this.#models(),
      ...(this.api === undefined ? {} : { publicUrl: this.api.url }),
    });
    this.tenant = await createTenant(this.db.database);
    if (this.#options.hasReconciler === true) this.#reconciler = startReconciler(this.db.database, this.worker.runs);
  }

  async close(): Promise<void> {
    await this.#reconciler?.stop();
    await this.worker.close();
    await this.api?.close();
    await this.agent.close();
    await this.mcp?.close();
    await Promise.all([this.judge.close(), this.attacker.close()]);
    await this.db.drop();
  }

  #models(): TestModels {
    const { tokensPerRun, hasJudge = false, hasAttacker = false } = this.#options;
    return {
      timeoutMs: 20_000,
      ...(hasJudge ? { judge: [this.judge] } : {}),
      ...(hasAttacker ? { attacker: [this.attacker] } : {}),
      ...(tokensPerRun === undefined ? {} : { tokensPerRun }),
    };
  }

  /** How the scripted agent answers from now on. */
  answerWith(answer: Answer): void {
    this.#answer = answer;
  }

  /** Plans a run against the scripted agent, whose log is emptied. */
  async plan(spec: RunSpec): Promise<RunId> {
    this.agent.seen.length = 0;
    this.#answer = spec.answer ?? (() => ({}));
    const definition = spec.definition ?? targetAt(this.agent.url, spec.target);
    const strategies = spec.strategies === undefined ? {} : { strategies: spec.strategies };
    const targetId: TargetId = await createTarget(this.db.database, this.tenant, definition);
    return planRun(this.db.database, {
      tenant: this.tenant,
      targetId,
      definition,
      scripts: spec.scripts,
      options: spec.options ?? {},
      ...strategies,
    });
  }

  async start(spec: RunSpec): Promise<RunId> {
    const runId = await this.plan(spec);
    await this.worker.runs.start(this.tenant.orgId, runId);
    return runId;
  }

  async run(spec: RunSpec, timeoutMs?: number): Promise<EndedRun> {
    return this.ended(await this.start(spec), timeoutMs);
  }

  /** Waits for the end of a run, and tells what it came to. */
  async ended(runId: RunId, timeoutMs = 90_000): Promise<EndedRun> {
    const look = async () => {
      const rows = await this.db.query<EndedRow>('select status, status_reason from runs where run_id = $1 and ended_at is not null', [
        runId,
      ]);
      return rows[0];
    };
    const row = await waitUntil(`the end of ${runId}`, look, timeoutMs);
    return { runId, status: row.status, reason: row.status_reason, outcomes: await this.outcomes(runId) };
  }

  async outcomes(runId: RunId): Promise<Record<string, number>> {
    const rows = await this.db.query<{ outcome: string; count: number }>(
      'select outcome, count(*)::int as count from probes where run_id = $1 group by 1',
      [runId],
    );
    return Object.fromEntries(rows.map((row) => [row.outcome, row.count]));
  }

  attempts(runId: RunId): Promise<{ step_id: string; state: string; failure: string | null; was_sent: boolean | null }[]> {
    return this.db.query('select step_id, state, failure, was_sent from attempts where run_id = $1 order by opened_at, attempt_no', [
      runId,
    ]);
  }
}

interface EndedRow {
  readonly status: string;
  readonly status_reason: string;
}

export interface EndedRun {
  readonly runId: RunId;
  readonly status: string;
  readonly reason: string;
  readonly outcomes: Record<string, number>;
}

/** An engine that lives as long as the tests of the file. */
export function useEngine(options: EngineOptions = {}): Engine {
  const engine = new Engine(options);
  beforeAll(() => engine.open());
  afterAll(() => engine.close());
  return engine;
}

/** What a careless agent makes of a test step: it joins the two halves of the canary. */
export function obey(message: string): string {
  return /Join (\S+) and (\S+) and/.exec(message)?.slice(1).join('') ?? '';
}
