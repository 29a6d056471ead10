import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export interface StoredHistory {
  readonly name: string;
  readonly history: {
    readonly events: readonly {
      readonly eventType: string;
      readonly workflowExecutionStartedEventAttributes?: { readonly workflowType?: { readonly name: string } };
    }[];
  };
}

const folder = fileURLToPath(new URL('./histories/', import.meta.url));

/** The histories that `npm run record:histories` has recorded, by name. */
export function readHistories(): readonly StoredHistory[] {
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const bytes = readFileSync(`${folder}${file}`);
      const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
      return { name: file.replace(/\.json(?:\.gz)?$/, ''), history: JSON.parse(text) as StoredHistory['history'] };
    });
}
