import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export const demoAgents = ['careless', 'hardened'] as const;
export type DemoAgent = (typeof demoAgents)[number];

const agentSchema = z.object({ port: z.number(), canary: z.string() });
const agentTargetSchema = z.object({ targetId: z.string(), sidecarToken: z.string() });

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

/** Reads the settings of a data folder, or makes new ones; `findPort` chooses where an agent listens. */
export async function openLocalSettings(dataDir: string, findPort: () => Promise<number>): Promise<LocalSettings> {
  const file = settingsFile(dataDir);
  if (fs.existsSync(file)) return settingsSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  const settings: LocalSettings = {
    secretKey: crypto.randomBytes(32).toString('base64'),
    databasePassword: crypto.randomBytes(24).toString('base64url'),
    agents: { careless: await newAgent(findPort), hardened: await newAgent(findPort) },
    tenant: null,
  };
  saveLocalSettings(dataDir, settings);
  return settings;
}

/** Writes the settings as a whole or not at all. */
export function saveLocalSettings(dataDir: string, settings: LocalSettings): void {
  const file = settingsFile(dataDir);
  fs.writeFileSync(`${file}.draft`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.draft`, file);
}

export function settingsFile(dataDir: string): string {
  return path.join(dataDir, 'local-settings.json');
}

async function newAgent(findPort: () => Promise<number>): Promise<z.infer<typeof agentSchema>> {
  return { port: await findPort(), canary: `CANARY-${crypto.randomBytes(6).toString('hex').toUpperCase()}` };
}
