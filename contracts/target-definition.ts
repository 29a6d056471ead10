import { z } from 'zod';
import { framingHeaders } from '../domain/framing-headers.ts';
import { sideEffects } from '../domain/script.ts';
import { requestMethods, type HttpTargetDefinition, type TargetDefinition } from '../domain/target.ts';
import { isAlone, targetVariableNames, urlTemplateOrigin, type TargetVariableName } from '../domain/target-request.ts';
import { templateReferences, unknownVariableMessage } from '../domain/template.ts';
import { jsonPathSchema } from './json-path.ts';
import { jsonValueSchema } from './json.ts';

/** Everywhere but as a whole value of the body. */
const textVariables: readonly TargetVariableName[] = targetVariableNames.filter((name) => name !== 'messages');

const plainUrlSchema = z.string().max(2_048).superRefine(refuseUrl);

/** A URL without variables, such as that of a token endpoint. */
export const fixedUrlSchema = plainUrlSchema
  .refine((url) => templateReferences(url).length === 0, 'must not hold variables')
  .meta({ description: 'http or https', example: 'https://agent.example.com/token' });

const templatedUrlSchema = plainUrlSchema
  .superRefine((url, context) => {
    for (const message of unknownVariables(url, textVariables)) context.addIssue({ code: 'custom', message });
  })
  .meta({ description: 'http or https. Path and query may hold {{prompt}} and {{session}}.', example: 'https://agent.example.com/chat' });

function refuseUrl(url: string, context: z.RefinementCtx): void {
  const fault = urlFault(url);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
}

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

/** A header that may carry a credential: any but those that Ordeal sets itself. */
export const headerNameSchema = z
  .string()
  .toLowerCase()
  .regex(headerNamePattern, 'is not a header name')
  .refine((name) => !framingHeaders.has(name), 'is set by Ordeal itself');

function headersSchema(variables: readonly string[]) {
  return z.record(z.string(), z.string().max(4_096)).superRefine((headers, context) => {
    if (Object.keys(headers).length > 50) context.addIssue({ code: 'custom', message: 'must have at most 50 headers' });
    for (const [name, template] of Object.entries(headers)) {
      const fault = headerFault(name, template);
      if (fault !== undefined) context.addIssue({ code: 'custom', path: [name], message: fault });
      for (const message of unknownVariables(template, variables)) context.addIssue({ code: 'custom', path: [name], message });
    }
  });
}

function headerFault(name: string, value: string): string | undefined {
  if (!headerNamePattern.test(name)) return 'is not a header name in lower case';
  if (framingHeaders.has(name)) return 'is set by Ordeal itself';
  if (credentialHeaders.test(name)) return 'is a credential: put it into "auth", where it is stored encrypted';
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return 'must not hold line breaks or characters beyond Latin-1';
  return undefined;
}

const fixedHeadersSchema = headersSchema([]).default({});
const bodySchema = jsonValueSchema.exactOptional();

const pemSchema = z
  .string()
  .max(65_536)
  .regex(/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/, 'must be a certificate in PEM');

const tlsSchema = z
  .strictObject({
    ca: pemSchema.exactOptional().meta({ description: 'PEM of the only authority that may have signed the certificate' }),
    servername: z
      .string()
      .max(253)
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'must be a host name')
      .exactOptional()
      .meta({ description: 'The name that the certificate must be for, where it is not the host of the URL' }),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).exactOptional(),
  })
  .meta({ description: 'For the origin of the target. Certificates are always verified' });

const commonShape = {
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
  tls: tlsSchema.exactOptional(),
};

const sessionSchema = z.discriminatedUnion('source', [
  z.strictObject({ source: z.literal('client') }),
  z.strictObject({ source: z.literal('server'), path: jsonPathSchema }),
  z
    .strictObject({
      source: z.literal('endpoint'),
      url: fixedUrlSchema,
      method: z.enum(requestMethods).default('POST'),
      headers: fixedHeadersSchema,
      body: bodySchema,
      path: jsonPathSchema,
    })
    .refine(({ method, body }) => method !== 'GET' || body === undefined, { path: ['body'], error: 'must be left out for GET' })
    .meta({ description: 'A request before the first prompt of a script; its answer names the session' }),
  z.strictObject({ source: z.literal('none') }),
]);

const httpSchema = z
  .strictObject({
    kind: z.literal('http').default('http'),
    url: templatedUrlSchema,
    method: z.enum(requestMethods).default('POST'),
    headers: headersSchema(['session']).default({}),
    body: bodySchema.meta({
      description: 'Any JSON; {{prompt}} and {{session}} are filled in inside its strings, "{{messages}}" becomes the conversation so far',
    }),
    answerPath: jsonPathSchema.nullable().meta({ description: "JSONPath of the agent's text in its JSON answer; null for the whole body" }),
    session: sessionSchema.default({ source: 'none' }),
    stateful: z
      .boolean()
      .default(true)
      .meta({ description: 'False when the agent keeps nothing between requests: the body must then hold "{{messages}}"' }),
    ...commonShape,
  })
  .superRefine(checkTemplates);

function checkTemplates(definition: HttpTargetDefinition, context: z.RefinementCtx): void {
  const inBody = templatesIn(definition.body);
  for (const { path, template } of inBody) {
    if (isAlone(template, 'messages')) continue;
    for (const message of unknownVariables(template, textVariables)) {
      const hint = message.startsWith('unknown variable "messages"') ? '{{messages}} must be the whole value' : message;
      context.addIssue({ code: 'custom', path: ['body', ...path], message: hint });
    }
  }
  if (definition.method === 'GET' && definition.body !== undefined) {
    context.addIssue({ code: 'custom', path: ['body'], message: 'must be left out for GET; put {{prompt}} into the URL' });
  }
  const hasMessages = inBody.some(({ template }) => isAlone(template, 'messages'));
  const strings = [...inBody, { template: definition.url }];
  if (!hasMessages && !strings.some(({ template }) => templateReferences(template).some(({ name }) => name === 'prompt'))) {
    const message = 'must hold {{prompt}} (or the URL must): otherwise no prompt reaches the agent';
    context.addIssue({ code: 'custom', path: ['body'], message });
  }
  if (!definition.stateful && !hasMessages) {
    const message = 'must hold "{{messages}}" when "stateful" is false: otherwise the agent does not know what was said before';
    context.addIssue({ code: 'custom', path: ['body'], message });
  }
}

const openAiSchema = z.strictObject({
  kind: z.literal('openai'),
  url: fixedUrlSchema.meta({ description: 'The base; /chat/completions is added', example: 'https://api.example.com/v1' }),
  model: z.string().min(1).max(200),
  headers: fixedHeadersSchema,
  sendSystemPrompt: z.boolean().default(true).meta({ description: 'False when the endpoint has the system prompt already' }),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w.-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, dashes or underscores'),
        description: z.string().max(4_096).exactOptional(),
        parameters: jsonValueSchema
          .refine((schema) => typeof schema === 'object' && schema !== null && !Array.isArray(schema), 'must be a JSON Schema')
          .meta({ description: 'JSON Schema of its arguments' }),
        effect: z.enum(sideEffects).meta({ description: 'What a call would do to the world, for side_effect detectors' }),
      }),
    )
    .max(128)
    .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, 'must not name a tool twice')
    .readonly()
    .default([])
    .meta({ description: 'Offered to the model. Its calls are evidence of what it asked for; nothing is carried out' }),
  stream: z.boolean().default(false),
  parameters: z
    .record(z.string().max(100), jsonValueSchema)
    .default({})
    .superRefine((parameters, context) => {
      for (const name of ['model', 'messages', 'tools', 'stream', 'n'].filter((own) => Object.hasOwn(parameters, own))) {
        context.addIssue({ code: 'custom', path: [name], message: 'is set by Ordeal itself' });
      }
    })
    .meta({ description: 'Further members of the request, such as temperature' }),
  ...commonShape,
});

const mcpSchema = z.strictObject({
  kind: z.literal('mcp'),
  url: fixedUrlSchema,
  headers: fixedHeadersSchema,
  promptTool: z
    .strictObject({ name: z.string().min(1).max(200), arguments: z.record(z.string().max(200), jsonValueSchema) })
    .superRefine((tool, context) => {
      const templates = templatesIn(tool.arguments);
      for (const { path, template } of templates) {
        for (const message of unknownVariables(template, ['prompt'])) {
          context.addIssue({ code: 'custom', path: ['arguments', ...path], message });
        }
      }
      if (!templates.some(({ template }) => templateReferences(template).length > 0)) {
        context.addIssue({ code: 'custom', path: ['arguments'], message: 'must hold {{prompt}}: otherwise no prompt reaches the tool' });
      }
    })
    .exactOptional()
    .meta({ description: 'The tool that takes prompts; without it only steps that call tools can be tested' }),
  ...commonShape,
});

const a2aSchema = z.strictObject({
  kind: z.literal('a2a'),
  url: fixedUrlSchema,
  headers: fixedHeadersSchema,
  cardPath: z
    .string()
    .max(500)
    .regex(/^\/(?!\/)[\x21-\x7e]*$/, 'must begin with a single slash')
    .default('/.well-known/agent-card.json'),
  ...commonShape,
});

/** How to talk to an agent under test. */
export const targetDefinitionSchema = z
  .discriminatedUnion('kind', [httpSchema, openAiSchema, mcpSchema, a2aSchema])
  .meta({ id: 'TargetDefinition' });

function unknownVariables(template: string, known: readonly string[]): string[] {
  return templateReferences(template).flatMap(({ name }) => unknownVariableMessage(name, known) ?? []);
}

function templatesIn(value: unknown, path: readonly (string | number)[] = []): { path: readonly (string | number)[]; template: string }[] {
  if (typeof value === 'string') return [{ path, template: value }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member, index) => templatesIn(member, [...path, index]));
  return Object.entries(value).flatMap(([key, member]) => templatesIn(member, [...path, key]));
}

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
// The schema and the domain's type describe the same shape; a difference fails to compile.
true satisfies Same<z.infer<typeof targetDefinitionSchema>, TargetDefinition>;
