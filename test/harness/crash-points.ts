import pg from 'pg';

import type { RunId } from '../../domain/ids.ts';
import type { TestDatabase } from './test-database.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Places in the life of a request at which the database can hold a worker, without a word in the worker's code: triggers
 * that wait for an advisory lock. What waits in a commit is committed by the server although its client died meanwhile;
 * what waits before is rolled back.
 */
export const gates = {
  'before the ledger row': 'create trigger gate before insert on attempts for each row execute function gate()',
  'after the ledger row':
    'create constraint trigger gate after insert on attempts deferrable initially deferred for each row execute function gate()',
  'after the answer':
    "create trigger gate before update of state on attempts for each row when (new.state = 'answered') execute function gate()",
  'before the verdict': 'create trigger gate before update of outcome on probes for each row execute function gate()',
  'before the completion':
    'create constraint trigger gate after update of outcome on probes deferrable initially deferred for each row execute function gate()',
} as const;
export type Gate = keyof typeof gates;

const lockSpace = 7_771;

/** Holds the steps of chosen runs, each at one gate. */
export class CrashPoints {
  readonly #client: pg.Client;
  readonly #db: TestDatabase;
  readonly #lockOf = new Map<RunId, number>();
  #last: Promise<void> = Promise.resolve();

  private constructor(client: pg.Client, db: TestDatabase) {
    this.#client = client;
    this.#db = db;
  }

  static async open(db: TestDatabase, statements: Readonly<Record<string, string>> = gates): Promise<CrashPoints> {
    const client = new pg.Client({ connectionString: db.adminUrl });
    await client.connect();
    // In a schema of its own: a worker refuses to start beside tables without row-level security.
    await client.query('create schema chaos; grant usage on schema chaos to ordeal_app');
    await client.query('create table chaos.gated_runs (run_id text, gate text, lock_no int, primary key (run_id, gate))');
    await client.query('grant select on chaos.gated_runs to ordeal_app');
    await client.query(`
      create function gate() returns trigger language plpgsql as $$
      declare
        lock int := (select lock_no from chaos.gated_runs where run_id = new.run_id and gate = tg_name);
      begin
        if lock is not null then perform pg_advisory_xact_lock_shared(${lockSpace}, lock); end if;
        return new;
      end $$`);
    for (const [gate, statement] of Object.entries(statements)) await client.query(statement.replace('trigger gate', `trigger "${gate}"`));
    return new CrashPoints(client, db);
  }

  /** Says at which gate the steps of a run are to be held, whenever it is shut. */
  async place(runId: RunId, gate: string): Promise<void> {
    const lockNo = this.#lockOf.size + 1;
    this.#lockOf.set(runId, lockNo);
    await this.#client.query('insert into chaos.gated_runs values ($1, $2, $3)', [runId, gate, lockNo]);
  }

  shut(runId: RunId): Promise<void> {
    return this.#lock('pg_advisory_lock', runId);
  }

  openGate(runId: RunId): Promise<void> {
    return this.#lock('pg_advisory_unlock', runId);
  }

  /** One after the other, because the locks belong to one connection. */
  #lock(verb: 'pg_advisory_lock' | 'pg_advisory_unlock', runId: RunId): Promise<void> {
    this.#last = this.#last.then(async () => {
      await this.#client.query(`select ${verb}($1, $2)`, [lockSpace, this.#lockOf.get(runId)]);
    });
    return this.#last;
  }

  /** How many transactions of a run stand at its gate. */
  async held(runId: RunId): Promise<number> {
    const [row] = await this.#db.query<{ held: number }>(
      `select count(*)::int as held from pg_locks where locktype = 'advisory' and not granted and classid = $1 and objid = $2
         and database = (select oid from pg_database where datname = current_database())`,
      [lockSpace, this.#lockOf.get(runId)],
    );
    return row?.held ?? 0;
  }

  /** After a kill: waits until the server has ended whatever the dead client had begun. */
  async settled(): Promise<void> {
    await waitUntil('the transactions of the dead worker to end', async () => {
      const rows = await this.#db.query(
        `select from pg_stat_activity where datname = current_database() and usename = 'ordeal_app' and state <> 'idle'`,
      );
      return rows.length === 0;
    });
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
