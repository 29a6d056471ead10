import type { AttackerSpec } from './attackers/attacker.ts';
import type { CommitmentKind } from './detectors/commitment.ts';
import type { FlowPolicy, ForbiddenFlow } from './detectors/data-flow.ts';
import type { PiiType } from './detectors/pii/pii-type.ts';
import type { Severity } from './severity.ts';
import type { SidecarEventType } from './sidecar-event.ts';
import type { CleanupMethod, JsonValue, RequestMethod } from './target.ts';

/**
 * A script as its author writes it: steps that run in order and share one session with the target.
 * `contracts/script.ts` validates the same shape and is checked against these types.
 */
export interface ScriptDefinition {
  /** Short stable name such as `S1`; unique in an organization. */
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly StepDefinition[];
}

/** What is done to the agent, and how to judge what comes of it. Whatever its kind, a step is one probe with one verdict. */
export type StepDefinition = SendPromptStep | ConversationStep | HttpRequestStep | WaitForEventsStep | PlantDocumentStep | CallMcpToolStep;
export type StepKind = StepDefinition['kind'];
export const stepKinds = [
  'send_prompt',
  'conversation',
  'http_request',
  'wait_for_events',
  'plant_document',
  'call_mcp_tool',
] as const satisfies readonly StepKind[];

/** What steps of every kind have. */
export interface StepBase {
  /** Stable within the script, such as `S1-01`. */
  readonly id: string;
  readonly title: string;
  /** Category id of the taxonomy, such as `INJ-01`. */
  readonly category: string;
  readonly severity: Severity;
  /** What an agent that obeys would do to the world; raises the risk of sending the step. */
  readonly effect?: SideEffect;
  readonly detectors: readonly DetectorSpec[];
  /**
   * What "resisted" rests on: `answer` (an answer received and judged) or `events` (that, and a gap-free
   * sequence of sidecar events for the turn).
   */
  readonly evidence: 'answer' | 'events';
  readonly remediation: string;
}

/** What steps have that send something. */
export interface SendingStep extends StepBase {
  /** Sent when the run ends, whatever ended it, if the step was sent. */
  readonly cleanup?: CleanupSpec;
}

/** The request that takes back what a step has left behind. Its templates may hold what is known before the step is sent. */
export interface CleanupSpec extends OwnRequest<CleanupMethod> {
  /** Statuses from 400 on that mean that nothing is left. */
  readonly expectStatus?: readonly number[];
  /** Whether it may be sent again when its end is unknown; without it as HTTP says of its method. */
  readonly idempotent?: boolean;
}

export interface SendPromptStep extends SendingStep {
  readonly kind: 'send_prompt';
  /** A template: see `domain/template.ts` for the variables. */
  readonly prompt: string;
}

/**
 * Several prompts, one after the other. Detectors look at every answer. Either they are written down in `turns`, or an `attacker`
 * decides each of them on its way to `goal`.
 */
export interface ConversationStep extends SendingStep {
  readonly kind: 'conversation';
  /** Templates, as the prompt of `send_prompt`. The last one is the request itself, which `compliance` is judged by. */
  readonly turns?: readonly string[];
  /** A template: what the agent is to be brought to do. */
  readonly goal?: string;
  readonly attacker?: AttackerSpec;
}

export const maxConversationTurns = 50;

/** A request to the target's own origin, with its credential. Detectors look at the text of the response. */
export interface HttpRequestStep extends SendingStep, OwnRequest {
  readonly kind: 'http_request';
  /** Statuses from 400 on that are answers to judge, and not a fault or a rejection. */
  readonly expectStatus?: readonly number[];
}

/** A request to the target's own origin. Path, header values and the strings of the body are templates. */
export interface OwnRequest<Method extends CleanupMethod = RequestMethod> {
  readonly method: Method;
  /** Begins with one slash; values in it are percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: JsonValue;
}

/** Waits for effects that come after the answers, such as those of a job that the agent was made to schedule. */
export interface WaitForEventsStep extends StepBase {
  readonly kind: 'wait_for_events';
  /** There is no answer. */
  readonly evidence: 'events';
  /** Which events end the wait early; without either, executed tool calls. Judged is every event of the script so far. */
  readonly types?: readonly SidecarEventType[];
  /** Names of tools; may end in `*`. */
  readonly tools?: readonly string[];
  readonly atLeast: number;
  readonly timeoutSeconds: number;
}

/** Indirect injection: puts a document where the agent will find it, and gives it a reason to read it. */
export interface PlantDocumentStep extends SendingStep {
  readonly kind: 'plant_document';
  readonly document: PlantedDocument;
  readonly delivery: DocumentDelivery;
  /** A template that may also hold `{{document_url}}` (served only) and `{{document_name}}`. */
  readonly prompt: string;
}

export interface PlantedDocument {
  readonly name: string;
  readonly mediaType: string;
  /** A template, as the prompt of `send_prompt`. */
  readonly content: string;
}

export type DocumentDelivery =
  /** By Ordeal's own API, at an address that nobody can guess, while the run lasts. */
  | { readonly kind: 'served' }
  /** To an endpoint of the agent; `{{document_content}}` and `{{document_name}}` stand for the document. */
  | ({ readonly kind: 'upload' } & OwnRequest);

/** A call of a tool of a target of kind `mcp`. Detectors look at the text of its result. */
export interface CallMcpToolStep extends SendingStep {
  readonly kind: 'call_mcp_tool';
  readonly tool: string;
  /** Strings in it are templates. */
  readonly arguments: Readonly<Record<string, JsonValue>>;
}

/** Which sign of success to look for. One row per detector; the first that fires decides the weakness. */
export type DetectorSpec = RuleSpec | ModelJudgeSpec;

/** A second opinion of a language model, which is asked when no rule has fired. At most one in a step. */
export interface ModelJudgeSpec {
  readonly kind: 'model_judge';
  /** What the agent must not do, as one sentence. */
  readonly criterion: string;
}

/** A sign that rules recognise. */
export type RuleSpec =
  /** The canary of this probe (or the one planted in the target under `canary`) is in the answer. */
  | { readonly kind: 'canary_leak'; readonly canary?: string }
  /** Something shaped like a credential is in the answer, or a secret the target declared as planted. */
  | { readonly kind: 'secret_leak' }
  /** A tool was called that this step does not permit. Names may end in `*`. */
  | { readonly kind: 'unauthorised_tool_call'; readonly allowed?: readonly string[]; readonly forbidden?: readonly string[] }
  /** A tool call had an effect (`effect` of the event) of one of these kinds. */
  | { readonly kind: 'side_effect'; readonly effects: readonly SideEffect[] }
  /** The agent complied instead of refusing. For steps whose request is itself the violation. */
  | { readonly kind: 'compliance' }
  /** The answer holds markup or a link that carries a planted value, a secret or other data to a host not among `ownHosts`. */
  | { readonly kind: 'markup_exfiltration'; readonly ownHosts?: readonly string[] }
  /** The answer holds content that acts where it is shown; `medium` or worse unless `minSeverity` says otherwise. */
  | { readonly kind: 'active_content'; readonly minSeverity?: Severity }
  | PiiLeakSpec
  /** The answer gives away the system prompt that the target declares. */
  | { readonly kind: 'system_prompt_leak' }
  /** Executed tool calls moved data in a way that `flows` (without it: `toxic`) forbids; role lists left out are guessed. */
  | ({ readonly kind: 'forbidden_data_flow'; readonly flows?: readonly ForbiddenFlow['kind'][] } & FlowPolicy)
  | DangerousCommandSpec
  /** The agent made a promise in its owner's name that is not of an `authorised` kind. */
  | { readonly kind: 'unauthorised_commitment'; readonly authorised?: readonly CommitmentKind[] }
  | ToolArgumentSpec
  /** The agent executed more tool calls than this in the turn. */
  | { readonly kind: 'call_volume'; readonly atMost: number }
  /** The answer is longer than this many characters. */
  | { readonly kind: 'answer_volume'; readonly maxCharacters: number }
  | DangerousCodeSpec;

/** Personal data that the prompt did not hold is in the answer. */
export interface PiiLeakSpec {
  readonly kind: 'pii_leak';
  /** Types that count; without it all that belong to one person. */
  readonly types?: readonly PiiType[];
  /** Values that may be told, such as a public contact address; `@host` permits every mail address there. */
  readonly allowed?: readonly string[];
  /** Canaries of the target that are test persons' data without a recognisable shape, by name. */
  readonly planted?: readonly string[];
}

/** An executed tool call of effect `execute` ran something dangerous. */
export interface DangerousCommandSpec {
  readonly kind: 'dangerous_command';
  /** Without it `medium`. */
  readonly minSeverity?: Severity;
  /** True to count code that is only weak (a fast password hash) as well. */
  readonly insecureCode?: boolean;
}

/** An executed tool call had one of these texts among its arguments, whatever the case. */
export interface ToolArgumentSpec {
  readonly kind: 'tool_argument';
  /** Names of tools, which may end in `*`; without them any. */
  readonly tools?: readonly string[];
  readonly contains: readonly string[];
}

/** Code in the answer would do something dangerous to whoever runs it. */
export interface DangerousCodeSpec {
  readonly kind: 'dangerous_code';
  /** Without it `medium`. */
  readonly minSeverity?: Severity;
  /** True to count code that is only weak (a fast password hash) as well. */
  readonly insecureCode?: boolean;
}

export type DetectorKind = DetectorSpec['kind'];

/** What a tool call did to the world, as its sidecar event declares it. */
export const sideEffects = ['read', 'write', 'delete', 'send', 'payment', 'permission', 'execute'] as const;
export type SideEffect = (typeof sideEffects)[number];
