import { OrdealError } from '../../domain/failures.ts';
import type { TargetDefinition, TargetSecrets } from '../../domain/target.ts';
import { targetOrigin } from '../../domain/target-exchange.ts';
import { openSecret, sealSecret, type SecretKey } from '../secret-box.ts';

/** Encrypts what is secret of a target; null when nothing is. */
export function sealTargetSecrets(key: SecretKey, definition: TargetDefinition, secrets: Omit<TargetSecrets, 'origin'>): string | null {
  if (secrets.auth === undefined && secrets.clientCertificate === undefined) return null;
  const whole: TargetSecrets = { ...secrets, origin: targetOrigin(definition) };
  return sealSecret(key, JSON.stringify(whole));
}

/**
 * Opens what `sealTargetSecrets` made, for a definition of the same origin. Throws `target_config_invalid` for one of
 * another: a run that was planned before the target was moved must not take the new credential to the old address.
 */
export function openTargetSecrets(
  keyring: readonly SecretKey[],
  sealed: string | null,
  definition: TargetDefinition,
): TargetSecrets | undefined {
  if (sealed === null) return undefined;
  const secrets = parse(openSecret(keyring, sealed));
  const origin = targetOrigin(definition);
  if (secrets.origin === origin) return secrets;
  throw new OrdealError(
    'target_config_invalid',
    `The stored credential was given for another address than ${origin}, and is not sent there. Set it again.`,
  );
}

function parse(text: string): TargetSecrets {
  try {
    return JSON.parse(text) as TargetSecrets;
  } catch {
    // Without the cause: a JSON error quotes what it read.
    throw new OrdealError('target_config_invalid', 'The stored credential is damaged. Set it again.');
  }
}
