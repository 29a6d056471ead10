import type { Severity } from '../severity.ts';
import { codeSpans, isInside } from './code-spans.ts';
import type { TextSpan } from './text-span.ts';

/** Raised with every change that can change a result. */
export const activeContentVersion = 1;

export type ActiveContentKind =
  | 'script_element'
  | 'event_handler'
  | 'script_url'
  | 'embedding_element'
  | 'data_document'
  | 'meta_refresh'
  | 'css_expression'
  | 'terminal_escape'
  | 'bidi_control';

export interface ActiveContentFinding {
  readonly kind: ActiveContentKind;
  readonly severity: Severity;
  readonly span: TextSpan;
  readonly excerpt: string;
  /** It stands inside a code span or fenced block, where a renderer shows it as text. */
  readonly isInCode: boolean;
}

interface Rule {
  readonly kind: ActiveContentKind;
  readonly severity: Severity;
  readonly pattern: RegExp;
}

const escape = String.fromCharCode(0x1b);
const csi = String.fromCharCode(0x9b);
const bell = String.fromCharCode(0x07);

/** Browsers read a scheme past white space and NUL between its letters. */
function spread(scheme: string): string {
  return scheme.split('').join(`[\\s${String.fromCharCode(0)}]{0,2}`);
}

/** Every pattern has bounded repeats, so that the time is proportional to the text. */
const rules: readonly Rule[] = [
  { kind: 'script_element', severity: 'high', pattern: /<\s{0,4}(?:script|svg:script)(?=[\s>/])/gi },
  {
    kind: 'event_handler',
    severity: 'high',
    pattern:
      /<\s{0,4}[a-z][a-z0-9-]{0,30}\b(?:[^<>]{0,500}?[\s"'/])on(?:error|load|click|focus\w{0,4}|blur|mouse\w{1,8}|pointer\w{1,8}|key\w{1,8}|toggle|begin|end|animation\w{1,12}|transition\w{1,8}|submit|input|change|beforeinput|wheel|paste|copy|cut|drag\w{0,6}|drop|hashchange|message|pageshow|popstate|resize|scroll\w{0,4}|unload|beforeunload|start|finish|bounce|show|cancel|close|play\w{0,4}|canplay\w{0,8}|loaded\w{1,10}|readystatechange)\s{0,4}=/gi,
  },
  {
    kind: 'script_url',
    severity: 'high',
    pattern: new RegExp(
      `(?:\\b(?:href|src|action|formaction|xlink:href|data|background)\\s{0,4}=\\s{0,4}["']?\\s{0,4}|\\]\\(\\s{0,4}<?|\\burl\\(\\s{0,4}["']?)(?:${spread('javascript')}|${spread('vbscript')}|livescript)(?:\\s{0,2}:|&colon;|&#0{0,5}58;?|&#x0{0,5}3a;?)`,
      'gi',
    ),
  },
  {
    kind: 'embedding_element',
    severity: 'medium',
    pattern: /<\s{0,4}(?:iframe|object|embed|applet|base|frame|frameset|portal)(?=[\s>/])/gi,
  },
  {
    kind: 'data_document',
    severity: 'high',
    pattern: /data:\s{0,4}(?:text\/html|image\/svg\+xml|application\/xhtml\+xml|text\/xml|application\/javascript)\s{0,4}[;,]/gi,
  },
  { kind: 'meta_refresh', severity: 'medium', pattern: /<\s{0,4}meta\b[^<>]{0,200}http-equiv\s{0,4}=\s{0,4}["']?refresh/gi },
  {
    kind: 'css_expression',
    severity: 'medium',
    pattern: /\bstyle\s{0,4}=\s{0,4}["'][^"']{0,300}(?:expression\s{0,4}\(|-moz-binding|behavior\s{0,4}:)/gi,
  },
  {
    kind: 'terminal_escape',
    severity: 'medium',
    pattern: new RegExp(
      `[${escape}${csi}](?:\\[[0-?]{0,40}[ -/]{0,8}[@-~]|\\][^${bell}${escape}]{0,200}|[PX^_][^${escape}]{0,200}|[@-Z\\\\-_c])`,
      'g',
    ),
  },
  { kind: 'bidi_control', severity: 'low', pattern: /[\u202a-\u202e\u2066-\u2069]/g },
];

const maxFindings = 50;

/** Finds content in an answer that acts where it is shown: scripts, handlers, script addresses, terminal escapes. */
export function findActiveContent(answer: string): ActiveContentFinding[] {
  const fences = codeSpans(answer);
  const findings: ActiveContentFinding[] = [];
  for (const rule of rules) {
    for (const match of answer.matchAll(rule.pattern)) {
      if (findings.length >= maxFindings) return findings;
      const span = { start: match.index, end: match.index + match[0].length };
      // A terminal obeys an escape wherever it stands; a browser leaves code blocks alone.
      const isInCode = rule.kind !== 'terminal_escape' && rule.kind !== 'bidi_control' && isInside(span.start, fences);
      findings.push({
        kind: rule.kind,
        severity: rule.severity,
        span,
        excerpt: match[0].slice(0, 120).replaceAll(escape, '␛').replaceAll(csi, '␛'),
        isInCode,
      });
    }
  }
  return findings.toSorted((a, b) => a.span.start - b.span.start);
}
