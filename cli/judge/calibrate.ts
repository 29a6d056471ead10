import path from 'node:path';

import { calibrationDetailSchema, calibrationRowSchema, calibrationSchema, maxCalibrationRows } from '../../contracts/calibration.ts';
import type { LabelledRow } from '../../domain/calibration/read-labelled-row.ts';
import { readLabelledRow } from '../../domain/calibration/read-labelled-row.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { formatOf, readPromptRows, type PromptFormat } from '../imports/read-prompt-rows.ts';
import { printableLine } from '../printable.ts';
import { calibrationText } from './calibration-text.ts';

export interface CalibrateFlags {
  readonly criterion: string;
  readonly format?: PromptFormat;
  readonly answer?: string;
  readonly prompt?: string;
  readonly label?: string;
  readonly violated?: readonly string[];
  readonly held?: readonly string[];
  readonly name?: string;
  readonly limit?: number;
  readonly concurrency?: number;
  readonly resume?: string;
  readonly json?: true;
}

const shownFaults = 10;

/** Sends labelled rows to the judge, a few at a time, and shows how far it agrees with the labels. */
export async function calibrate(context: CommandContext, files: readonly string[], flags: CalibrateFlags): Promise<void> {
  const rows = await readRows(context, files, flags);
  if (rows.length === 0) throw new OrdealError('invalid_request', 'The files have no row that can be used.');
  const api = context.api();
  const calibrationId = flags.resume ?? (await begin(api, files, flags));
  const url = `/api/judge/calibrations/${encodeURIComponent(calibrationId)}`;
  context.stderr.write(`Calibration ${calibrationId}: ${rows.length} rows\n`);
  try {
    await judgeRows(rows, flags.concurrency ?? 4, (row, index) =>
      api.post(`${url}/rows`, calibrationRowSchema, { rowNo: index + 1, ...row }).then(() => undefined),
    );
  } catch (error) {
    context.stderr.write(`It stopped before its end. Go on with the same command and --resume ${calibrationId}\n`);
    throw error;
  }
  const calibration = await api.get(url, calibrationDetailSchema);
  context.print(flags.json === true ? `${JSON.stringify(calibration, null, 2)}\n` : calibrationText(calibration));
}

async function begin(api: ApiClient, files: readonly string[], flags: CalibrateFlags): Promise<string> {
  const name = (flags.name ?? files.map((file) => path.basename(file)).join(', ')).slice(0, 200);
  const { calibrationId } = await api.post('/api/judge/calibrations', calibrationSchema, { name, criterion: flags.criterion });
  return calibrationId;
}

/** Every row that is clear, in order; the others are named. */
async function readRows(context: CommandContext, files: readonly string[], flags: CalibrateFlags): Promise<readonly LabelledRow[]> {
  const limit = flags.limit ?? maxCalibrationRows;
  const rows: LabelledRow[] = [];
  let faults = 0;
  for (const file of files) {
    for await (const source of readPromptRows(file, flags.format ?? formatOf(file))) {
      const read = 'fault' in source ? { kind: 'fault' as const, detail: source.fault } : readLabelledRow(source.value, flags);
      if (read.kind === 'fault') {
        faults += 1;
        if (faults <= shownFaults) context.stderr.write(`${printableLine(`${file}:${source.line}: ${read.detail}`)}\n`);
      } else if (rows.length < limit) rows.push(read.row);
      else if (flags.limit !== undefined) return rows;
      else throw new OrdealError('invalid_request', `A calibration has at most ${maxCalibrationRows} rows; take the first with --limit.`);
    }
  }
  if (faults > 0) context.stderr.write(`${faults} rows were left out.\n`);
  return rows;
}

/** Works through the rows with so many hands; the first error ends all of them. */
async function judgeRows(
  rows: readonly LabelledRow[],
  hands: number,
  judge: (row: LabelledRow, index: number) => Promise<void>,
): Promise<void> {
  const queue = rows.entries();
  let isOver = false;
  const work = async (): Promise<void> => {
    for (const [index, row] of queue) {
      if (isOver) return;
      await judge(row, index).catch((error: unknown) => {
        isOver = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: hands }, work));
}
