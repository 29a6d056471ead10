/** A run of natural language inside a tool result. */
export interface Passage {
  readonly text: string;
  /** It asks for something to be done. */
  readonly isRequest: boolean;
}

const maxChars = 256 * 1024;
const maxPassages = 400;

/**
 * The natural-language passages of a tool result: string values of JSON or of a printed object, or lines of text.
 * Identifiers, numbers, dates and short labels are not passages.
 */
export function prosePassages(result: string): Passage[] {
  const passages: Passage[] = [];
  for (const piece of stringValues(result.slice(0, maxChars))) {
    if (passages.length >= maxPassages) break;
    const text = piece.slice(0, 8_000);
    if ((text.match(/[A-Za-z]{2,}/g)?.length ?? 0) < 4) continue;
    passages.push({ text, isRequest: isRequest(text) });
  }
  return passages;
}

/** The string values of JSON, or of an object as some language prints it, or else the lines of the text. */
function stringValues(text: string): string[] {
  const leaves: string[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') leaves.push(...(depth === 0 ? printedValues(value) : value.split('\n')));
    else if (typeof value === 'object' && value !== null && depth < 12) for (const item of Object.values(value)) visit(item, depth + 1);
  };
  try {
    visit(JSON.parse(text), 0);
    return leaves;
  } catch {
    return printedValues(text);
  }
}

/** Cuts where a quote ends a value or a key; a quote inside a sentence is followed by neither. */
function printedValues(text: string): string[] {
  return text
    .replaceAll('\\n', '\n')
    .replaceAll('\\"', '"')
    .split(/["'][ ]{0,4}(?::|,|[}\])]{1,8},?)[ ]{0,4}(?=["'[{}\]()\d-]|True|False|None|true|false|null|$)|\n/m);
}

const actionVerbs =
  'accept|access|add|adjust|allow|append|apply|approve|arrange|assign|block|book|buy|call|cancel|change|charge|clear|click|collect|command|commit|configure|confirm|connect|copy|create|deactivate|delete|delist|deploy|deposit|disable|display|dispatch|donate|download|drop|edit|email|empty|enable|erase|exchange|execute|export|extract|fetch|file|find|follow|forward|gather|generate|get|give|go|grant|hide|ignore|import|initiate|install|invite|invoke|issue|launch|list|lock|log|look|make|manage|mark|modify|move|navigate|notify|obtain|open|order|output|pay|place|play|post|print|process|produce|provide|publish|purchase|put|read|record|redirect|register|remove|rename|repeat|replace|reply|report|request|reset|resolve|retrieve|return|reveal|review|revoke|run|save|schedule|search|sell|send|set|share|show|shut|sign|start|stop|submit|subscribe|switch|tell|terminate|track|trade|transfer|translate|transmit|turn|uninstall|unlock|unsubscribe|update|upgrade|upload|use|verify|view|visit|wipe|wire|withdraw|write';
const clauseStart = new RegExp(
  `(?:^|[.!?:;,\\n"'(-]\\s{0,3}|\\b(?:please|kindly|must|should|then|and|now|first|next|also|to|you|immediately|instruction|assistant|ai|bot|agent)[:,]?\\s)(?:please\\s|then\\s|also\\s|kindly\\s|immediately\\s)?(?:${actionVerbs})\\b`,
  'i',
);

function isRequest(text: string): boolean {
  return (
    clauseStart.test(text) ||
    /\b(?:ignore|disregard|forget) (?:all |any |the |your )?(?:previous|prior|above|earlier)|\b(?:please|can you|could you|would you|I (?:want|need) you to|you (?:must|should|need to|have to)|instructions? (?:for|to) (?:you|the))\b/i.test(
      text,
    )
  );
}
