/** What a process gets from its environment: read once at start, never again. */
export type Environment = Readonly<Record<string, string | undefined>>;
