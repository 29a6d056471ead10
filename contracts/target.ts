import { z } from 'zod';
import { framingHeaders } from '../domain/framing-headers.ts';
import type { TargetAuth, TargetDefinition } from '../domain/target.ts';
import { targetVariableNames, urlTemplateOrigin } from '../domain/target-request.ts';
import { templateReferences, unknownVariableMessage } from '../domain/template.ts';
import { idSchema, timestampSchema } from './id.ts';
import { jsonPathSchema } from './json-path.ts';
import { jsonValueSchema } from './json.ts';
import { nameSchema } from './text.ts';

const urlSchema = z
  .string()
  .max(2_048)
  .superRefine((url, context) => {
    const fault = urlFault(url);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    refuseUnknownVariables(url, targetVariableNames, context);
  })
  .meta({ description: 'http or https. Path and query may hold {{prompt}} and {{session}}.', example: 'https://agent.example.com/chat' });

function urlFault(url: string): string | undefined {
  if (templateReferences(urlTemplateOrigin(url)).length > 0) return 'must not have a variable in its scheme, host or port';
  const parsed = URL.parse(url);
  if (parsed === null) return 'must be a whole URL, such as https://agent.example.com/chat';
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return 'must begin with http:// or https://';
  if (parsed.username !== '' || parsed.password !== '') return 'must not contain a user name or password; use "auth"';
  return undefined;
}

const headerNamePattern = /^[a-z0-9!#$%&'*+\-.^_`|~]{1,100}$/;
/** Credentials belong into `auth`, where they are sealed and never recorded. */
const credentialHeaders = /^(authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token)$/;

const headersSchema = z.record(z.string(), z.string().max(4_096)).superRefine((headers, context) => {
  if (Object.keys(headers).length > 50) context.addIssue({ code: 'custom', message: 'must have at most 50 headers' });
  for (const [name, template] of Object.entries(headers)) {
    const fault = headerFault(name, template);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: [name], message: fault });
    for (const message of unknownVariables(template, ['session'])) context.addIssue({ code: 'custom', path: [name], message });
  }
});

function headerFault(name: string, value: string): string | undefined {
  if (!headerNamePattern.test(name)) return 'is not a header name in lower case';
  if (framingHeaders.has(name)) return 'is set by Ordeal itself';
  if (credentialHeaders.test(name)) return 'is a credential: put it into "auth", where it is stored encrypted';
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return 'must not hold line breaks or characters beyond Latin-1';
  return undefined;
}

/** How to talk to an agent under test. */
export const targetDefinitionSchema = z
  .strictObject({
    kind: z.literal('http').default('http'),
    url: urlSchema,
    method: z.enum(['POST', 'PUT', 'PATCH', 'GET']).default('POST'),
    headers: headersSchema.default({}),
    body: jsonValueSchema.exactOptional().meta({ description: 'Any JSON; {{prompt}} and {{session}} are filled in inside its strings' }),
    answerPath: jsonPathSchema.nullable().meta({ description: "JSONPath of the agent's text in its JSON answer; null for the whole body" }),
    session: z
      .discriminatedUnion('source', [
        z.strictObject({ source: z.literal('client') }),
        z.strictObject({ source: z.literal('server'), path: jsonPathSchema }),
        z.strictObject({ source: z.literal('none') }),
      ])
      .default({ source: 'none' }),
    idempotent: z.boolean().default(false),
    concurrency: z.int().min(1).max(200).default(4),
    timeoutMs: z.int().min(100).max(120_000).default(30_000),
    sidecar: z.boolean().default(false),
    canaries: z.record(z.string().min(1).max(100), z.string().min(4, 'must have at least 4 characters').max(500)).default({}),
    systemPrompt: z
      .string()
      .max(100_000)
      .refine((text) => (text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) >= 4, 'must have at least 4 words: less could not be told from chance')
      .exactOptional()
      .meta({
        description: "The agent's own instructions, for system_prompt_leak detectors. Not a secret to Ordeal: shown with the target",
      }),
  })
  .superRefine((definition, context) => {
    const strings = [...templatesIn(definition.body), { path: ['url'], template: definition.url }];
    for (const { path, template } of strings.slice(0, -1)) {
      for (const message of unknownVariables(template, targetVariableNames)) {
        context.addIssue({ code: 'custom', path: ['body', ...path], message });
      }
    }
    if (definition.method === 'GET' && definition.body !== undefined) {
      context.addIssue({ code: 'custom', path: ['body'], message: 'must be left out for GET; put {{prompt}} into the URL' });
    }
    if (!strings.some(({ template }) => templateReferences(template).some(({ name }) => name === 'prompt'))) {
      context.addIssue({
        code: 'custom',
        path: ['body'],
        message: 'must hold {{prompt}} (or the URL must): otherwise no prompt reaches the agent',
      });
    }
  })
  .meta({ id: 'TargetDefinition' });

const credentialSchema = z
  .string()
  .min(1)
  .max(8_192)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must not hold line breaks');

/** How Ordeal identifies itself to the target. Stored encrypted, never shown. */
const targetAuthSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('bearer'), token: credentialSchema }),
    z.strictObject({ kind: z.literal('basic'), username: z.string().max(200), password: z.string().max(8_192) }),
    z.strictObject({
      kind: z.literal('header'),
      name: z
        .string()
        .toLowerCase()
        .regex(headerNamePattern, 'is not a header name')
        .refine((name) => !framingHeaders.has(name), 'is set by Ordeal itself'),
      value: credentialSchema,
    }),
  ])
  .meta({ id: 'TargetAuth' });

export const newTargetSchema = z
  .strictObject({ name: nameSchema, definition: targetDefinitionSchema, auth: targetAuthSchema.optional() })
  .meta({ id: 'NewTarget' });

/** A definition as it is stored, shown without the checks of its input. */
const shownDefinitionSchema = z
  .custom<TargetDefinition>()
  .meta({ id: 'StoredTargetDefinition', override: { type: 'object', description: 'The definition with every default filled in' } });

export const targetSchema = z
  .strictObject({
    targetId: idSchema('target'),
    projectId: idSchema('project'),
    name: z.string(),
    definition: shownDefinitionSchema,
    hasAuth: z.boolean(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof targetSchema>;

export const newSidecarTokenSchema = z
  .strictObject({ name: nameSchema.optional().meta({ description: 'For the audit log' }) })
  .meta({ id: 'NewSidecarToken' });

export const sidecarTokenSchema = z
  .strictObject({
    tokenId: idSchema('sidecarToken'),
    targetId: idSchema('target'),
    token: z.string().meta({ description: 'Shown once; only its hash is stored' }),
    createdAt: timestampSchema,
  })
  .meta({ id: 'SidecarToken' });

const testProblemSchema = z.strictObject({ failure: z.string(), title: z.string(), detail: z.string() });

/** What was sent to the target, what came back, what was read out of it, and what to change. */
export const targetTestSchema = z
  .strictObject({
    ok: z.boolean(),
    request: z
      .strictObject({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: z.string().nullable() })
      .nullable()
      .meta({ description: 'Without the credential' }),
    response: z
      .strictObject({
        status: z.int(),
        headers: z.record(z.string(), z.string()),
        body: z.string().meta({ description: 'The first 4,096 characters' }),
        latencyMs: z.number(),
      })
      .nullable(),
    answer: z.strictObject({ text: z.string(), sessionId: z.string().nullable() }).nullable(),
    problem: testProblemSchema.nullable(),
    advice: z.array(z.string()).readonly(),
  })
  .meta({ id: 'TargetTest' });
export type TargetTest = z.infer<typeof targetTestSchema>;

function unknownVariables(template: string, known: readonly string[]): string[] {
  return templateReferences(template).flatMap(({ name }) => unknownVariableMessage(name, known) ?? []);
}

function refuseUnknownVariables(template: string, known: readonly string[], context: z.RefinementCtx): void {
  for (const message of unknownVariables(template, known)) context.addIssue({ code: 'custom', message });
}

function templatesIn(value: unknown, path: readonly (string | number)[] = []): { path: readonly (string | number)[]; template: string }[] {
  if (typeof value === 'string') return [{ path, template: value }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member, index) => templatesIn(member, [...path, index]));
  return Object.entries(value).flatMap(([key, member]) => templatesIn(member, [...path, key]));
}

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
// The schemas and the domain's types describe the same shape; a difference fails to compile.
true satisfies Same<z.infer<typeof targetDefinitionSchema>, TargetDefinition>;
true satisfies Same<z.infer<typeof targetAuthSchema>, TargetAuth>;
