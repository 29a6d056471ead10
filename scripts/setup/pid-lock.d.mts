/** When the process began, as the kernel counts it, or `null` where that cannot be read. */
export function processStartTime(pid: number): string | null;

/** Whether that very process is still alive; a zombie that nobody has reaped counts as dead. */
export function isProcessAlive(pid: number, startTime: string | null): boolean;

export interface HeldPidLock {
  readonly taken: true;
  /** Replaces what others read when they find the lock taken. */
  update(details: Record<string, unknown>): void;
  release(): void;
}

export interface ForeignPidLock {
  readonly taken: false;
  readonly holder: { readonly pid: number; readonly details: Record<string, unknown> };
}

/** Takes the lock file for this process, or says who holds it. A lock whose holder is dead is taken over. */
export function takePidLock(file: string, details?: Record<string, unknown>): HeldPidLock | ForeignPidLock;
