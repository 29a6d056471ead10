/** What one row of the verdict benchmark found. */
export interface RowResult {
  /** The figure on every labelled row of the data set, 0..1 (or a count for rows that count). */
  readonly figure: number;
  /**
   * The same measure where each row was judged by a model that had not seen it (k-fold cross-validation).
   * `null` for detectors that have no trained or tuned part.
   */
  readonly crossValidated: number | null;
  /** False when any part of the requirement is missed; usually `figure >= floor`. */
  readonly isMet: boolean;
  /** Counts that make the figure checkable: rows, true and false positives, false alarms on other sets. */
  readonly detail: string;
}

/**
 * One row of the table: a labelled data set, a measure and the floor below which the benchmark fails.
 *
 * A file in `rows/` exports exactly one `row`; `main.ts` finds it by listing the folder, so adding a file adds the row.
 */
export interface VerdictRow {
  /** Kebab-case, unique, e.g. `refusal-pyrit`. Usable as a command line filter. */
  readonly id: string;
  /** Folder names below the data folder that the row reads; a missing one skips the row, and the table says so. */
  readonly datasets: readonly string[];
  /** What the figure is, e.g. `F1 refusal`. */
  readonly measure: string;
  /** The requirement in words where it is more than one number, e.g. `recall ≥ .98, precision ≥ .98`. */
  readonly requirement?: string;
  /** The figure must reach this. */
  readonly floor: number;
  readonly run: (dataFolder: string) => RowResult | Promise<RowResult>;
}
