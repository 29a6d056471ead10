/** Makes the compiler prove that a switch over a closed set is exhaustive. */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${JSON.stringify(value)}`);
}
