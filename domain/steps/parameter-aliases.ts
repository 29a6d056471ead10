import type { StepKind } from '../script.ts';

/** Other names under which an object of a script takes a parameter. */
type Aliases = Readonly<Record<string, readonly string[]>>;

const promptAliases = { prompt: ['text', 'message', 'input', 'question'] } as const;
const requestAliases = { method: ['verb'], path: ['endpoint'], body: ['data', 'json', 'payload'], headers: ['header'] } as const;

const ofEveryStep: Aliases = {
  id: ['step_id', 'stepId'],
  title: ['name'],
  kind: ['type'],
  detectors: ['detector', 'checks'],
  remediation: ['fix'],
};

const ofKind: Readonly<Record<StepKind, Aliases>> = {
  send_prompt: promptAliases,
  conversation: { turns: ['prompts', 'messages'] },
  http_request: { ...requestAliases, expectStatus: ['expect_status', 'status'] },
  wait_for_events: {
    atLeast: ['times', 'count', 'at_least', 'min'],
    timeoutSeconds: ['timeout', 'timeout_seconds', 'seconds'],
    types: ['events', 'event_types'],
    tools: ['tool_names'],
  },
  plant_document: { ...promptAliases, delivery: ['deliver'] },
  call_mcp_tool: { tool: ['tool_name', 'function'], arguments: ['args', 'params', 'parameters', 'input'] },
};

const ofDocument: Aliases = {
  content: ['text', 'body'],
  mediaType: ['media_type', 'content_type', 'contentType'],
  name: ['filename', 'file'],
};
const ofScript: Aliases = { slug: ['id'], title: ['name'], description: ['summary'], steps: ['tests', 'cases'] };

/** A parameter that was given under another name. */
export interface AliasNotice {
  /** Where it stands, under the name that it was given. */
  readonly path: readonly (string | number)[];
  readonly given: string;
  readonly readAs: string;
}

export interface NormalisedScript {
  readonly value: unknown;
  readonly notices: readonly AliasNotice[];
}

/**
 * A script as it was given, with every parameter under its own name. A name that is there beside its alias stays as it is, so that
 * the alias is refused as unknown: which of the two was meant cannot be told.
 */
export function normaliseScript(given: unknown): NormalisedScript {
  const notices: AliasNotice[] = [];
  const script = renamed(given, ofScript, { at: [], notices });
  if (!isObject(script) || !Array.isArray(script['steps'])) return { value: script, notices };
  const steps = script['steps'].map((step: unknown, index) => normaliseStep(step, { at: ['steps', index], notices }));
  return { value: { ...script, steps }, notices };
}

/** What a parameter of a step of this kind may also be called, for the documentation. */
export function aliasesOf(kind: StepKind): Aliases {
  return { ...ofEveryStep, ...ofKind[kind] };
}

interface Place {
  readonly at: readonly (string | number)[];
  readonly notices: AliasNotice[];
}

function normaliseStep(given: unknown, place: Place): unknown {
  const step = renamed(given, ofEveryStep, place);
  if (!isObject(step)) return step;
  const { kind } = step;
  const ofItsKind = typeof kind === 'string' && Object.hasOwn(ofKind, kind) ? ofKind[kind as StepKind] : {};
  const named = renamed(step, ofItsKind, place);
  if (!isObject(named)) return named;
  const cleaned = isObject(named['cleanup'])
    ? { ...named, cleanup: renamed(named['cleanup'], ofKind.http_request, { ...place, at: [...place.at, 'cleanup'] }) }
    : named;
  if (kind !== 'plant_document') return cleaned;
  return {
    ...cleaned,
    document: renamed(named['document'], ofDocument, { ...place, at: [...place.at, 'document'] }),
    delivery: renamed(named['delivery'], requestAliases, { ...place, at: [...place.at, 'delivery'] }),
  };
}

function renamed(given: unknown, aliases: Aliases, { at, notices }: Place): unknown {
  if (!isObject(given)) return given;
  const ownName = new Map(Object.entries(aliases).flatMap(([name, others]) => others.map((other) => [other, name] as const)));
  const taken = new Set(Object.keys(given));
  const members = Object.entries(given).map(([key, value]): [string, unknown] => {
    const readAs = ownName.get(key);
    if (readAs === undefined || taken.has(readAs)) return [key, value];
    taken.add(readAs);
    notices.push({ path: [...at, key], given: key, readAs });
    return [readAs, value];
  });
  return Object.fromEntries(members);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
