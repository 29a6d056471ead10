import path from 'node:path';
import { type BackingServices, startBackingServices, took } from './backing-services.ts';
import { root } from './data-folder.ts';
import { findFreePort } from './free-port.ts';
import { type KeptService, keepRunning } from './keep-running.ts';
import {
  demoAgents,
  type DemoAgent,
  type LocalSettings,
  type LocalTenant,
  openLocalSettings,
  saveLocalSettings,
} from './local-settings.ts';
import { ensureTenant } from './local-tenant.ts';
import { logToFile } from './log-file.ts';
import { runNodeScript, startNodeService } from './node-service.ts';

export interface StackOptions {
  readonly dataDir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Prefer the ports that people know, such as 8080 for the API. */
  readonly prefersUsualPorts: boolean;
  readonly say: (line: string) => void;
  /** Aborts when the program has been asked to end: nothing more is started then. */
  readonly signal: AbortSignal;
  readonly running: RunningServices;
}

export interface Stack {
  readonly apiUrl: string;
  readonly temporalUiUrl: string | null;
  readonly tenant: LocalTenant;
  /** True when the organization and its API key were made by this start. */
  readonly isNewTenant: boolean;
}

/** What has been started so far, in the two groups in which it ends. */
export interface RunningServices {
  readonly keepApplication: (service: KeptService) => void;
  readonly keepBacking: (service: KeptService) => void;
  /** Ends our own processes, then what they rest on. May be called while the stack still starts. */
  readonly stop: () => Promise<void>;
}

export function runningServices(): RunningServices {
  const applications: KeptService[] = [];
  const backing: KeptService[] = [];
  let isStopped = false;
  const keepIn = (group: KeptService[]) => (service: KeptService) => {
    group.push(service);
    if (isStopped) void service.stop();
  };
  return {
    keepApplication: keepIn(applications),
    keepBacking: keepIn(backing),
    stop: async () => {
      isStopped = true;
      await Promise.all(applications.map((service) => service.stop()));
      await Promise.all(backing.map((service) => service.stop()));
    },
  };
}

/** Starts everything: PostgreSQL, Temporal, Redis, schema, API, worker, a first organization, and the demo agents. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDir, environment, say, signal, running } = options;
  const settings = await openLocalSettings(dataDir, (port) => findFreePort(port ?? undefined));
  const services = await startBackingServices({
    dataDir,
    environment,
    databasePassword: settings.databasePassword,
    prefersUsualPorts: options.prefersUsualPorts,
    say,
    keep: running.keepBacking,
  });
  signal.throwIfAborted();
  await migrate(options, services);
  signal.throwIfAborted();
  const apiPort = await chooseApiPort(options);
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const env = processEnvironment({ environment, services, settings, apiPort, apiUrl });
  await Promise.all([
    startApplication(options, { name: 'API', script: 'api/main.ts', env, readyUrl: `${apiUrl}/health/ready` }),
    startWorker(options, env),
  ]);
  signal.throwIfAborted();
  const { tenant, isNew } = await ensureTenant({
    settings,
    agentUrl: (agent) => `http://127.0.0.1:${settings.agents[agent].port}/chat`,
    apiUrl,
    databaseUrl: services.databaseUrl,
  });
  saveLocalSettings(dataDir, { ...settings, tenant });
  signal.throwIfAborted();
  await Promise.all(demoAgents.map((agent) => startAgent(options, { agent, settings, tenant, apiUrl })));
  return { apiUrl, temporalUiUrl: services.temporalUiUrl, tenant, isNewTenant: isNew };
}

async function migrate(options: StackOptions, services: BackingServices): Promise<void> {
  if (services.databaseAdminUrl === null) {
    options.say('DATABASE_ADMIN_URL is not set: the schema is left as it is');
    return;
  }
  const startedAt = performance.now();
  await runNodeScript({
    name: 'migrations',
    script: 'db/migrate.ts',
    root,
    env: { ...options.environment, DATABASE_URL: services.databaseUrl, DATABASE_ADMIN_URL: services.databaseAdminUrl },
    log: logToFile(path.join(options.dataDir, 'logs', 'migrations.log')),
  });
  options.say(`Database schema is up to date ${took(startedAt)}`);
}

const usualApiPort = 8_080;

async function chooseApiPort({ environment, prefersUsualPorts }: StackOptions): Promise<number> {
  const wanted = environment['API_PORT'];
  if (wanted === undefined || wanted === '') return findFreePort(prefersUsualPorts ? usualApiPort : undefined);
  const port = Number(wanted);
  if ((await findFreePort(port)) !== port) throw new Error(`API_PORT=${wanted} is taken by another process`);
  return port;
}

interface ProcessEnvironment {
  readonly environment: NodeJS.ProcessEnv;
  readonly services: BackingServices;
  readonly settings: LocalSettings;
  readonly apiPort: number;
  readonly apiUrl: string;
}

/**
 * What API and worker are told. Neither learns the administrator's URL. The worker is never versioned: it is the only one, and has
 * to go on with the runs of whatever checkout was here before.
 */
function processEnvironment({ environment, services, settings, apiPort, apiUrl }: ProcessEnvironment): NodeJS.ProcessEnv {
  const { DATABASE_ADMIN_URL: _, ORDEAL_BUILD_ID: __, ...rest } = environment;
  return {
    ...rest,
    DATABASE_URL: services.databaseUrl,
    TEMPORAL_ADDRESS: services.temporalAddress,
    ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl }),
    API_HOST: '127.0.0.1',
    API_PORT: String(apiPort),
    PUBLIC_URL: environment['PUBLIC_URL'] ?? apiUrl,
    ORDEAL_SECRET_KEY: environment['ORDEAL_SECRET_KEY'] ?? settings.secretKey,
    // Exactly the two agents, and whatever the operator has allowed by name.
    EGRESS_PRIVATE_ALLOW: [environment['EGRESS_PRIVATE_ALLOW'], ...demoAgents.map((agent) => `127.0.0.1/32:${settings.agents[agent].port}`)]
      .filter(Boolean)
      .join(','),
  };
}

interface Application {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly readyUrl?: string;
}

async function startApplication(options: StackOptions, application: Application): Promise<void> {
  const startedAt = performance.now();
  const logName = application.name.toLowerCase().replaceAll(' ', '-');
  const service = await startNodeService({
    ...application,
    root,
    log: logToFile(path.join(options.dataDir, 'logs', `${logName}.log`)),
  });
  options.running.keepApplication(keepRunning(application.name, service, options.say));
  options.say(`${application.name} runs ${took(startedAt)}`);
}

async function startWorker(options: StackOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const healthPort = await findFreePort();
  await startApplication(options, {
    name: 'Worker',
    script: 'worker/main.ts',
    env: { ...env, WORKER_HEALTH_PORT: String(healthPort) },
    readyUrl: `http://127.0.0.1:${healthPort}/health/ready`,
  });
}

interface AgentStart {
  readonly agent: DemoAgent;
  readonly settings: LocalSettings;
  readonly tenant: LocalTenant;
  readonly apiUrl: string;
}

/** An agent under test is a stranger: it gets its own few variables and nothing of ours. */
async function startAgent(options: StackOptions, { agent, settings, tenant, apiUrl }: AgentStart): Promise<void> {
  const { port, canary } = settings.agents[agent];
  await startApplication(options, {
    name: `${agent} agent`,
    script: 'demo/main.ts',
    env: {
      PATH: options.environment['PATH'],
      AGENT: agent,
      PORT: String(port),
      ORDEAL_INGEST_URL: `${apiUrl}/api/ingest/events`,
      ORDEAL_SIDECAR_TOKEN: tenant.targets[agent].sidecarToken,
      AGENT_CANARY: canary,
    },
    readyUrl: `http://127.0.0.1:${port}/health`,
  });
}
