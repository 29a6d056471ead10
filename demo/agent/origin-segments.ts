/**
 * Who speaks in a piece of text. Only `user` is the person at the keyboard; the rest merely passed through that
 * person's clipboard, or through a tool.
 *
 * - `document`: pasted, quoted, forwarded or fenced text, and what a tool returned.
 * - `system_claim`: text that presents itself as a system or developer message.
 * - `history_claim`: text that presents itself as an earlier turn of the assistant.
 * - `agent`: what another agent of the shop was handed, on behalf of the person at the keyboard.
 */
export type Origin = 'user' | 'document' | 'system_claim' | 'history_claim' | 'agent';

export interface Segment {
  readonly origin: Origin;
  readonly text: string;
}

const roleOrigin: Readonly<Record<string, Origin>> = {
  system: 'system_claim',
  developer: 'system_claim',
  operator: 'system_claim',
  sys: 'system_claim',
  assistant: 'history_claim',
  agent: 'history_claim',
  user: 'user',
  human: 'user',
  customer: 'user',
  inst: 'user',
};

const roleNames = Object.keys(roleOrigin).join('|');
/** A line that opens a role: `<|im_start|>system`, `[SYSTEM]`, `### System:`, `<<SYS>>`, `System message:`. */
const roleLine = new RegExp(
  `^[\\s<|\\[#*({]*(?:im_start|start_header_id)?[\\s|>]*(${roleNames})(?: (?:message|notice|prompt|note|instruction|override))?[\\s|>\\])}#*]*(?:end_header_id\\|>)?(:|$|(?<=[\\]>|*)}])\\s)`,
  'i',
);
const tokenMarkup = /<\|(im_end|eot_id|end_of_text|endoftext)\|>|<\/?s>|<<\/sys>>|\[\/inst\]/gi;
const openingTag = /^\s*<([a-z][\w-]*)(?:\s[^>]*)?>/i;
const rule = /^\s*(?:[-=_*~]{3,}|[-=_*~]{2,}\s*[\w :.'"-]{2,60}\s*[-=_*~]{2,})\s*$/;
const fence = /^\s*(```|"""|''')/;
const mailHeader = /^\s*(from|subject|to|date|fwd|forwarded by)\s*:\s+\S/i;

type Mode = { readonly origin: Origin; readonly until?: RegExp };

/** Splits a message into runs of lines that have the same speaker. */
export function segmentMessage(message: string): readonly Segment[] {
  const segments: Segment[] = [];
  let mode: Mode = { origin: 'user' };
  // Long runs of blanks carry no meaning, and expressions that step over them would pay for each.
  const plain = message
    .replaceAll(tokenMarkup, '\n')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/\n\s*\n/g, '\n\n');
  for (const line of plain.split('\n')) {
    const step = nextMode(line, mode);
    mode = step.after;
    if (step.text.trim() !== '') append(segments, { origin: step.origin, text: step.text });
  }
  return segments;
}

interface Step {
  readonly origin: Origin;
  readonly text: string;
  readonly after: Mode;
}

function nextMode(line: string, mode: Mode): Step {
  if (mode.until !== undefined) {
    const end = mode.until.exec(line);
    if (end === null) return { origin: mode.origin, text: line, after: mode };
    return { origin: mode.origin, text: line.slice(0, end.index), after: { origin: 'user' } };
  }
  const role = roleLine.exec(line);
  if (role !== null) {
    const origin = roleOrigin[(role[1] ?? '').toLowerCase()] ?? 'document';
    return { origin, text: line.slice(role[0].length), after: { origin } };
  }
  if (/^\s*>/.test(line)) return { origin: 'document', text: line.replace(/^[\s>]+/, ''), after: mode };
  const fenceMark = fence.exec(line)?.[1];
  if (fenceMark !== undefined) return inBlock(line, { opening: fenceMark, until: new RegExp(fenceMark), origin: 'document' });
  const tag = openingTag.exec(line);
  if (tag !== null) {
    const origin = roleOrigin[(tag[1] ?? '').toLowerCase()] ?? 'document';
    return inBlock(line, { opening: tag[0], until: new RegExp(`</${tag[1]}>`, 'i'), origin });
  }
  if (rule.test(line)) return { origin: 'document', text: '', after: { origin: 'document', until: rule } };
  if (mailHeader.test(line) && mode.origin === 'user')
    return { origin: 'document', text: line, after: { origin: 'document', until: rule } };
  return { origin: mode.origin, text: line, after: mode };
}

interface Block {
  readonly opening: string;
  readonly until: RegExp;
  readonly origin: Origin;
}

function inBlock(line: string, { opening, until, origin }: Block): Step {
  const rest = line.slice(line.indexOf(opening) + opening.length);
  const end = until.exec(rest);
  if (end !== null) return { origin, text: rest.slice(0, end.index), after: { origin: 'user' } };
  return { origin, text: rest, after: { origin, until } };
}

function append(segments: Segment[], segment: Segment): void {
  const last = segments.at(-1);
  if (last?.origin === segment.origin) segments[segments.length - 1] = { origin: last.origin, text: `${last.text}\n${segment.text}` };
  else segments.push(segment);
}
