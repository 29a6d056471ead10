import { jsonFault, maxRowChars, rowTooLong, type RowReader, type SourceRow } from './source-row.ts';

/**
 * Reads the members of a JSON list one by one. It finds where a member ends by strings and brackets alone; a member that
 * is no JSON is a fault of its own, a list that does not end is one of the row that it breaks off in.
 */
export function createJsonArrayReader(): RowReader {
  let state: 'before' | 'inside' | 'after' = 'before';
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let parts: string[] = [];
  let chars = 0;
  let row = 1;
  let line = 1;
  let rowLine = 1;

  const keep = (text: string): void => {
    chars += text.length;
    if (chars <= maxRowChars) parts.push(text);
  };
  const endMember = (isLast: boolean): readonly SourceRow[] => {
    const text = parts.join('').trim();
    const place = { row, line: rowLine };
    const isTooLong = chars > maxRowChars;
    parts = [];
    chars = 0;
    if (text === '' && isLast && !isTooLong) return [];
    row += 1;
    if (isTooLong) return [{ ...place, fault: rowTooLong }];
    try {
      return [{ ...place, value: JSON.parse(text), ...(text.startsWith('"') ? { placeholders: 'garak' as const } : {}) }];
    } catch (error) {
      return [{ ...place, fault: `is no JSON: ${jsonFault(error)}` }];
    }
  };
  /** True when the character ends the member that it stands behind. */
  const isEnd = (character: string): boolean => {
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (character === '\\') isEscaped = true;
      else if (character === '"') inString = false;
      return false;
    }
    if (character === '"') inString = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') {
      if (depth === 0) return true;
      depth -= 1;
    } else if (character === ',' && depth === 0) return true;
    return false;
  };
  return {
    push: (chunk) => {
      const rows: SourceRow[] = [];
      let from = 0;
      for (let at = 0; at < chunk.length && state !== 'after'; at += 1) {
        const character = chunk.charAt(at);
        if (character === '\n') line += 1;
        if (state === 'before') {
          if (character === '[') state = 'inside';
          from = at + 1;
          continue;
        }
        if (chars === 0 && from === at && /\s/.test(character)) {
          from = at + 1;
          continue;
        }
        if (chars === 0 && from === at) rowLine = line;
        if (!isEnd(character)) continue;
        keep(chunk.slice(from, at));
        rows.push(...endMember(character !== ','));
        if (character !== ',') state = 'after';
        from = at + 1;
      }
      if (state === 'inside') keep(chunk.slice(from));
      return rows;
    },
    end: () => (state === 'after' ? [] : [{ row, line: rowLine, fault: 'the list breaks off in it', isEnd: true }]),
  };
}
