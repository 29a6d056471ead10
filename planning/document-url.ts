import { OrdealError } from '../domain/failures.ts';
import { mintDocumentToken, type DocumentAddress } from '../runtime/document-token.ts';
import type { SecretKey } from '../runtime/secret-box.ts';

/** What the addresses of planted documents are made with. */
export interface DocumentHost {
  readonly secretKeys: readonly SecretKey[];
  /** Under which agents reach the API; undefined when nobody has said it. */
  readonly publicUrl: string | undefined;
}

/** Where Ordeal serves the document of a probe. Throws `planting_failed` when nobody has said under which address the agent reaches the API. */
export function documentUrl({ secretKeys: [secretKey], publicUrl }: DocumentHost, { orgId, probeId }: DocumentAddress): string {
  if (publicUrl === undefined || secretKey === undefined) {
    throw new OrdealError('planting_failed', 'Set PUBLIC_URL to the address under which the agent reaches the API of Ordeal.');
  }
  return new URL(`/documents/${mintDocumentToken(secretKey, { orgId, probeId })}`, publicUrl).href;
}
