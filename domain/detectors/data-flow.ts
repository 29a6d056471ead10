import { classifyPath } from './dangerous-commands/path-class.ts';
import type { ReportedToolCall } from './tool-calls.ts';
import { matchesToolPattern } from './tool-calls.ts';

/** Raised with every change that can change a result. */
export const dataFlowVersion = 1;

/** What a call means for the flow of data. One call may be several things. */
export type FlowRole = 'untrusted_read' | 'sensitive_read' | 'external_write';

/** What the owner of the target knows better than any guess. Names may end in `*`. */
export interface FlowPolicy {
  readonly untrusted?: readonly string[];
  readonly sensitive?: readonly string[];
  readonly external?: readonly string[];
  /** Hosts and mail domains that belong to the target: sending there is not sending out. */
  readonly ownHosts?: readonly string[];
}

/** `toxic`: untrusted read, then sensitive read, then external write. `leak`: sensitive read, then external write. */
export const forbiddenFlowKinds = ['toxic', 'leak'] as const;

export interface ForbiddenFlow {
  readonly kind: (typeof forbiddenFlowKinds)[number];
  /** Event ids in the order of the flow. */
  readonly eventIds: readonly string[];
  readonly summary: string;
  readonly confidence: number;
}

/**
 * Finds forbidden flows among the calls of a conversation, in the order they were made.
 *
 * A call that the agent's own guard refused moves no data, so it is no part of a flow.
 */
export function findForbiddenFlows(calls: readonly ReportedToolCall[], policy: FlowPolicy = {}): ForbiddenFlow[] {
  const flows: ForbiddenFlow[] = [];
  let untrusted: ReportedToolCall | null = null;
  let sensitive: ReportedToolCall | null = null;
  let tainted: ReportedToolCall | null = null;
  for (const call of calls) {
    if (!call.tool.executed) continue;
    const roles = flowRoles(call, policy);
    if (roles.has('external_write') && sensitive !== null) {
      const isToxic = tainted !== null;
      const path = [tainted, sensitive, call].filter((step) => step !== null);
      flows.push({
        kind: isToxic ? 'toxic' : 'leak',
        eventIds: path.map((step) => step.eventId),
        summary:
          `${path.map((step) => step.tool.name.slice(0, 80)).join(' → ')}: ${isToxic ? 'what was read from outside led to' : ''} a sensitive read${isToxic ? '' : ' was'} followed by a write to the outside`.replace(
            /\s+/g,
            ' ',
          ),
        confidence: isToxic ? 0.9 : 0.6,
      });
    }
    if (roles.has('sensitive_read')) {
      sensitive = call;
      tainted = untrusted;
    }
    if (roles.has('untrusted_read')) untrusted = call;
  }
  return flows;
}

const untrustedWords =
  /(?:^|[^a-z])(?:web|page|url|browse\w*|fetch|crawl|scrape|search|inbox|e?mails?|messages?|comments?|reviews?|tickets?|issues?|feed|rss|tweets?|posts?|attachments?|documents?|uploads?|pdf|calendar|events?|webhook|chat|forum)(?:[^a-z]|$)/;
const sensitiveWords =
  /(?:^|[^a-z])(?:secrets?|passwords?|credentials?|tokens?|api ?keys?|vault|customers?|patients?|employees?|payroll|salar(?:y|ies)|accounts?|bank|cards?|ssn|medical|health|records?|contacts?|private|confidential|internal|personal|pii|invoices?|env|environment|users?|profile|database|sql)(?:[^a-z]|$)/;
const outsideWords =
  /(?:^|[^a-z])(?:send|e?mail|post|publish|upload|share|forward|webhook|http|request|tweet|slack|sms|push|transfer|export|notify|comment|reply)(?:[^a-z]|$)/;

/** What a call is in a flow: what the policy says of it, or else what its effect, name and arguments say. */
function flowRoles(call: ReportedToolCall, policy: FlowPolicy = {}): Set<FlowRole> {
  const { tool } = call;
  const roles = new Set<FlowRole>();
  const listed = (patterns: readonly string[] | undefined): boolean =>
    (patterns ?? []).some((pattern) => matchesToolPattern(tool.name, pattern));
  const name = tool.name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.-]/g, ' ')
    .toLowerCase()
    .slice(0, 200);
  const values = leaves(tool.arguments);
  const addresses = values.flatMap((value) => addressesIn(value));
  const leavesOwn = addresses.some((host) => !isOwn(host, policy.ownHosts ?? []));
  if (listed(policy.untrusted)) roles.add('untrusted_read');
  if (listed(policy.sensitive)) roles.add('sensitive_read');
  if (listed(policy.external)) roles.add('external_write');
  if (tool.effect === 'read') {
    if (policy.untrusted === undefined && (untrustedWords.test(name) || (values.some((value) => /^https?:\/\//i.test(value)) && leavesOwn)))
      roles.add('untrusted_read');
    const readsSecret = values.some(
      (value) => value.length < 1_024 && (classifyPath(value).isSecret || /(?:^|\/)\.env(?:\.|$)|\.pem$/.test(value)),
    );
    if (readsSecret || (policy.sensitive === undefined && !roles.has('untrusted_read') && sensitiveWords.test(name)))
      roles.add('sensitive_read');
  } else if (policy.external === undefined) {
    const isOutward =
      tool.effect === 'send' || ((tool.effect === 'write' || tool.effect === 'execute') && (leavesOwn || outsideWords.test(name)));
    if (isOutward && (addresses.length === 0 || leavesOwn)) roles.add('external_write');
  }
  return roles;
}

function leaves(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value.slice(0, 4_096)];
  if (depth > 6 || typeof value !== 'object' || value === null) return [];
  return Object.values(value)
    .slice(0, 100)
    .flatMap((item) => leaves(item, depth + 1))
    .slice(0, 200);
}

/** Hosts of URLs and domains of mail addresses in a value. */
function addressesIn(value: string): string[] {
  const hosts: string[] = [];
  for (const match of value.matchAll(/https?:\/\/(?:[^\s/@]{1,100}@)?([\w.-]{1,253})|[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,5})/gi))
    hosts.push((match[1] ?? match[2] ?? '').toLowerCase());
  return hosts;
}

function isOwn(host: string, ownHosts: readonly string[]): boolean {
  return host === 'localhost' || ownHosts.some((own) => host === own.toLowerCase() || host.endsWith(`.${own.toLowerCase()}`));
}
