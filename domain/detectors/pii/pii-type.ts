/** What kind of personal datum a span holds. */
export const piiTypes = [
  'email',
  'phone',
  'us_ssn',
  'uk_nino',
  'credit_card',
  'iban',
  'bank_account',
  'routing_number',
  'passport',
  'drivers_license',
  'medical_record_number',
  'date_of_birth',
  'timestamp',
  'ip_address',
  'mac_address',
  'api_key',
  'password',
  'username',
] as const;

export type PiiType = (typeof piiTypes)[number];

/** One personal datum in a text: UTF-16 code units, end exclusive. */
export interface PiiMatch {
  readonly type: PiiType;
  readonly start: number;
  readonly end: number;
  /** 0 to 1. A checksum or a label beside the value raises it; a bare shape that other things share lowers it. */
  readonly confidence: number;
}
