import type { TargetAuth } from '../../domain/target.ts';

/** Everything of a target that may be shown. */
export const targetColumns = [
  'target_id',
  'project_id',
  'name',
  'definition',
  'auth_kind',
  'has_client_certificate',
  'revision',
  'created_at',
  'updated_at',
] as const;

/** What is secret of a target, sealed, and what may be told of it. */
export interface StoredCredential {
  /** `TargetSecrets`, sealed; null when there are none. */
  readonly sealed: string | null;
  readonly authKind: TargetAuth['kind'] | null;
  readonly hasClientCertificate: boolean;
}

export function credentialColumns({ sealed, authKind, hasClientCertificate }: StoredCredential) {
  return { sealed_auth: sealed, auth_kind: authKind, has_client_certificate: hasClientCertificate };
}
