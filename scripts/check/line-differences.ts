/** Lines that only the one text has (`-`) and only the other (`+`), in order, each with its line number; at most `max`. */
export function lineDifferences(before: string, after: string, max = 60): string[] {
  const left = before.split('\n');
  const right = after.split('\n');
  const common = commonLengths(left, right);
  const differences: string[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      i += 1;
      j += 1;
    } else if (j >= right.length || (i < left.length && lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))) {
      differences.push(`- ${i + 1}: ${left[i]}`);
      i += 1;
    } else {
      differences.push(`+ ${j + 1}: ${right[j]}`);
      j += 1;
    }
  }
  return differences.length <= max ? differences : [...differences.slice(0, max), `… and ${differences.length - max} more`];
}

/** For each pair of places, how many lines the rests of both texts have in common: the usual table, from the end. */
function commonLengths(left: readonly string[], right: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[j] = left[i] === right[j] ? lengthAt(table, i + 1, j + 1) + 1 : Math.max(lengthAt(table, i + 1, j), lengthAt(table, i, j + 1));
    }
  }
  return table;
}

function lengthAt(table: readonly Uint32Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}
