import type { ApiKeyId, MemberId, OrgId, SidecarTokenId, TargetId } from '../domain/ids.ts';
import type { Role } from '../domain/roles.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ApiDependencies } from './api-dependencies.ts';

/** Who sends a request, as authentication found it. */
export interface Principals {
  readonly none: undefined;
  readonly apiKey: {
    readonly orgId: OrgId;
    /** Id of the API key, as audit rows and runs name it. */
    readonly actor: string;
    readonly keyId: ApiKeyId;
    /** Whose key it is: one member may hold several. */
    readonly memberId: MemberId;
    readonly role: Role;
  };
  readonly sidecar: {
    readonly orgId: OrgId;
    readonly actor: string;
    readonly tokenId: SidecarTokenId;
    readonly targetId: TargetId;
    /** Keys the signature of a batch. */
    readonly signingKey: string;
  };
}

export type AuthKind = keyof Principals;

export interface RequestContext<Auth extends AuthKind> {
  readonly deps: ApiDependencies;
  readonly requestId: string;
  readonly log: Logger;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Sets headers of the response, whatever it will be. */
  readonly setHeaders: (headers: Readonly<Record<string, string>>) => void;
  readonly principal: Principals[Auth];
}
