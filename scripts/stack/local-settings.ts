import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export const demoAgents = ['careless', 'hardened'] as const;
export type DemoAgent = (typeof demoAgents)[number];

const agentSchema = z.object({ port: z.number(), canary: z.string() });
/** `port` is where the agent listened when the target was made: the URL of a target does not change. */
const agentTargetSchema = z.object({ targetId: z.string(), sidecarToken: z.string(), port: z.number() });

const settingsSchema = z.object({
  /** Encrypts target credentials: losing it loses them. */
  secretKey: z.string(),
  databasePassword: z.string(),
  agents: z.object({ careless: agentSchema, hardened: agentSchema }),
  tenant: z
    .object({
      apiKey: z.string(),
      orgId: z.string(),
      projectId: z.string(),
      targets: z.object({ careless: agentTargetSchema, hardened: agentTargetSchema }),
    })
    .nullable(),
});

/** What the local stack must remember from one start to the next. Full of secrets: readable by its owner alone. */
export type LocalSettings = z.infer<typeof settingsSchema>;
export type LocalTenant = NonNullable<LocalSettings['tenant']>;

/** Chooses the port of an agent, from the one it had last. */
type FindPort = (last: number | null) => Promise<number>;

/** Reads the settings of a data folder, or makes new ones; `findPort` chooses where an agent listens, from where it did last. */
export async function openLocalSettings(dataDir: string, findPort: FindPort): Promise<LocalSettings> {
  const known = readLocalSettings(dataDir);
  const settings = known ?? newLocalSettings();
  for (const agent of demoAgents) settings.agents[agent].port = await findPort(known === null ? null : settings.agents[agent].port);
  saveLocalSettings(dataDir, settings);
  return settings;
}

function readLocalSettings(dataDir: string): LocalSettings | null {
  const file = settingsFile(dataDir);
  return fs.existsSync(file) ? settingsSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))) : null;
}

function newLocalSettings(): LocalSettings {
  const newCanary = (): string => `CANARY-${crypto.randomBytes(6).toString('hex').toUpperCase()}`;
  return {
    secretKey: crypto.randomBytes(32).toString('base64'),
    databasePassword: crypto.randomBytes(24).toString('base64url'),
    agents: {
      careless: { port: 0, canary: newCanary() },
      hardened: { port: 0, canary: newCanary() },
    },
    tenant: null,
  };
}

/** Writes the settings as a whole or not at all. */
export function saveLocalSettings(dataDir: string, settings: LocalSettings): void {
  const file = settingsFile(dataDir);
  fs.writeFileSync(`${file}.draft`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.draft`, file);
}

function settingsFile(dataDir: string): string {
  return path.join(dataDir, 'local-settings.json');
}
