import { z } from 'zod';

import { maxPromptChars } from '../domain/imports/imported-step.ts';
import { maxKeyChars } from '../domain/imports/prompt-set.ts';
import { libraryScanStatuses, librarySources } from '../domain/libraries/library.ts';
import { severities } from '../domain/severity.ts';
import { idSchema, timestampSchema } from './id.ts';
import { stepBaseShape } from './steps/step-base.ts';

const libraryNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'must have 1 to 40 letters, digits, dashes or underscores')
  .meta({ description: 'Part of the slugs of its scripts: `lib-NAME-001`', example: 'jailbreaks' });

export const newLibrarySchema = z
  .strictObject({
    name: libraryNameSchema,
    sourceKind: z.enum(librarySources).meta({ description: 'What its source is read as' }),
    detectors: stepBaseShape.detectors.default([{ kind: 'compliance' }]).meta({ description: 'Of the steps that its entries become' }),
    evidence: stepBaseShape.evidence.default('answer'),
  })
  .meta({ id: 'NewLibrary' });

const count = z.int().min(0);

export const libraryScanSchema = z
  .strictObject({
    scanNo: z.int(),
    sourceName: z.string(),
    status: z.enum(libraryScanStatuses).meta({
      description: '`cut_short`: the source broke off, so nothing was marked as gone. `abandoned`: another scan began before it ended',
    }),
    requestedBy: z.string(),
    startedAt: timestampSchema,
    endedAt: timestampSchema.nullable(),
    added: count,
    changed: count.meta({
      description: 'Entries with another prompt, title, category or severity than before, or back after they were gone',
    }),
    unchanged: count,
    gone: count,
    refused: count.meta({ description: 'Rows of the source that became no entry, as the importing client counted them' }),
  })
  .meta({ id: 'LibraryScan' });
export type LibraryScan = z.infer<typeof libraryScanSchema>;

export const librarySchema = z
  .strictObject({
    libraryId: idSchema('library'),
    name: z.string(),
    sourceKind: z.enum(librarySources),
    detectors: stepBaseShape.detectors,
    evidence: stepBaseShape.evidence,
    present: count.meta({ description: 'Entries that the last complete scan saw, and those that came since' }),
    gone: count,
    lastScan: libraryScanSchema.nullable(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Library' });
export type Library = z.infer<typeof librarySchema>;

export const newLibraryScanSchema = z
  .strictObject({ sourceName: z.string().trim().min(1, 'must not be blank').max(200) })
  .meta({ id: 'NewLibraryScan' });

export const libraryScanNoSchema = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1')
  .transform(Number)
  .meta({ override: { type: 'integer', minimum: 1 } });

export const maxEntriesPerBatch = 500;

const newEntrySchema = z
  .strictObject({
    key: z.string().min(1).max(maxKeyChars).optional().meta({
      description: 'The id of the row in its source. Without one the entry is known by its prompt',
    }),
    prompt: z.string().min(1).max(maxPromptChars),
    title: z.string().min(1).max(200).optional(),
    category: stepBaseShape.category,
    severity: z.enum(severities),
  })
  .meta({ id: 'NewLibraryEntry' });
export type NewLibraryEntry = z.output<typeof newEntrySchema>;

export const libraryBatchSchema = z
  .strictObject({
    scanNo: z.int().min(1).meta({ description: 'Of the scan that is open' }),
    entries: z.array(newEntrySchema).min(1).max(maxEntriesPerBatch),
  })
  .meta({ id: 'LibraryBatch' });

export const libraryBatchResultSchema = z
  .strictObject({ added: count, changed: count, unchanged: count })
  .meta({ id: 'LibraryBatchResult' });
export type LibraryBatchResult = z.infer<typeof libraryBatchResultSchema>;

export const endLibraryScanSchema = z
  .strictObject({
    isCutShort: z.boolean().default(false).meta({ description: 'True when the source broke off: then nothing is marked as gone' }),
    refused: count.max(1_000_000_000).default(0),
  })
  .meta({ id: 'EndLibraryScan' });

export const libraryEntrySchema = z
  .strictObject({
    entryNo: z.int().meta({ description: 'Stays the same however often the source is read' }),
    prompt: z.string(),
    title: z.string().nullable(),
    category: z.string(),
    severity: z.enum(severities),
    addedIn: z.int().meta({ description: 'Number of the scan' }),
    changedIn: z.int().nullable(),
    seenIn: z.int(),
    goneIn: z.int().nullable().meta({ description: 'The scan that did not see it any more; null while it is there' }),
  })
  .meta({ id: 'LibraryEntry' });
export type LibraryEntry = z.infer<typeof libraryEntrySchema>;

/** What entries of a list have in common. */
export const libraryEntryStates = ['present', 'gone', 'added', 'changed'] as const;
export type LibraryEntryState = (typeof libraryEntryStates)[number];

export const libraryScriptsRequestSchema = z
  .strictObject({ fromScript: z.int().min(1).default(1).meta({ description: '`nextScript` of the answer before' }) })
  .meta({ id: 'LibraryScriptsRequest' });

export const libraryScriptsSchema = z
  .strictObject({
    scripts: z.array(z.strictObject({ slug: z.string(), version: z.int(), isNewVersion: z.boolean(), steps: z.int() })).readonly(),
    nextScript: z.int().nullable().meta({ description: 'Ask again from there; null when all entries are in scripts' }),
  })
  .meta({ id: 'LibraryScripts' });
