import type { Segment } from './origin-segments.ts';

const attachment = /data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/]{8,200000}={0,2})/g;
const maxAttachments = 10;

/** Parts a message from the files that are attached to it as `data:` addresses, and reads those. */
export function readAttachments(message: string): { readonly text: string; readonly files: readonly Segment[] } {
  const files: Segment[] = [];
  for (const [, mediaType = '', data = ''] of message.matchAll(attachment)) {
    if (files.length === maxAttachments) break;
    files.push({ origin: 'document', text: textOfFile(mediaType, Buffer.from(data, 'base64').toString('utf8')) });
  }
  return { text: message.replaceAll(attachment, ' '), files };
}

/** The text of a file: of a page with what a browser would not show, of a PDF without compression its strings. */
export function textOfFile(mediaType: string, content: string): string {
  if (/html|xml/.test(mediaType)) {
    return content
      .replaceAll(/<!--|-->/g, '\n')
      .replaceAll(/<[^<>]{0,2000}>/g, '\n')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
  }
  if (mediaType.includes('pdf'))
    return [...content.matchAll(/\(((?:[^()\\\n]|\\.){1,2000})\)\s*Tj/g)].map(([, text = '']) => text).join('\n');
  return textOfJson(content) ?? content;
}

/** The strings of a JSON text, one a line, or undefined when it is none. */
export function textOfJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return stringsIn(JSON.parse(text)).join('\n');
  } catch {
    return undefined;
  }
}

function stringsIn(value: unknown, depth = 0): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 8) return [];
  return Object.values(value).flatMap((member) => stringsIn(member, depth + 1));
}
