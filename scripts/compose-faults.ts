import { z } from 'zod';

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      restart: z.string().optional(),
      healthcheck: z.unknown().optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()).optional(),
});

/** What is wrong with our compose file beyond the schema: one sentence each. */
export function composeFaults(compose: unknown, text: string, exampleEnv: string): string[] {
  const { services, volumes = {} } = composeSchema.parse(compose);
  const faults: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    if (service.image === undefined || !/:[^:/]*\d/.test(service.image)) faults.push(`${name}: the image needs a tag with a version`);
    const isOneShot = service.restart === 'no';
    if (!isOneShot && service.healthcheck === undefined) faults.push(`${name}: a service that stays up needs a health check`);
    for (const [dependency, { condition }] of Object.entries(service.depends_on ?? {})) {
      const found = services[dependency];
      if (found === undefined) faults.push(`${name}: depends on ${dependency}, which does not exist`);
      else if (condition === 'service_healthy' && found.healthcheck === undefined)
        faults.push(`${name}: waits for the health of ${dependency}, which has no check`);
      else if (condition === 'service_completed_successfully' && found.restart !== 'no')
        faults.push(`${name}: waits for the end of ${dependency}, which restarts`);
    }
    for (const port of service.ports ?? []) {
      if (!port.startsWith('127.0.0.1:')) faults.push(`${name}: port ${port} must be published on 127.0.0.1 alone`);
    }
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0] ?? '';
      if (!/^[./]/.test(source) && !(source in volumes)) faults.push(`${name}: the volume ${source} is not declared`);
    }
  }
  return [...faults, ...variableFaults(text, exampleEnv)];
}

/** Of features that are off without them; they too may be left out, but never preset. */
const optionalSecrets: ReadonlySet<string> = new Set(['ORDEAL_MODEL_API_KEY']);

/** Secrets have no default, and `.env.example` names every variable that must be given. */
function variableFaults(text: string, exampleEnv: string): string[] {
  const faults: string[] = [];
  const named = new Set([...exampleEnv.matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]));
  for (const [, name = '', modifier = ''] of text.matchAll(/(?<!\$)\$\{([A-Z][A-Z0-9_]*)([^}]*)\}/g)) {
    if (!named.has(name)) faults.push(`.env.example does not name ${name}`);
    const isSecret = /(?:^|_)(?:PASSWORD|SECRET|TOKEN|KEY)(?:_|$)/.test(name);
    const isLeftOut = optionalSecrets.has(name) && modifier === ':-';
    if (isSecret && !isLeftOut && !modifier.startsWith(':?')) {
      faults.push(`${name} is a secret: write \${${name}:?…} so that nothing starts without it`);
    }
  }
  return [...new Set(faults)];
}
