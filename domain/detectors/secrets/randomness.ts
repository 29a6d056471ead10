/** Keys are ASCII: what is not shares its count with what it falls on, which errs towards a text of less chance. */
const countedCodes = 128;
/** Kept between calls, all zero: a fresh array costs more than the counting. */
const counts = new Uint32Array(countedCodes);
const logarithms = Float64Array.from({ length: 512 }, (_, count) => weightedLogarithm(count));

function weightedLogarithm(count: number): number {
  return count === 0 ? 0 : count * Math.log2(count);
}

/** Shannon entropy of the characters, in bits per character. */
export function entropyPerCharacter(value: string): number {
  if (value.length === 0) return 0;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index) % countedCodes;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let sum = 0;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index) % countedCodes;
    const count = counts[code] ?? 0;
    sum += logarithms[count] ?? weightedLogarithm(count);
    counts[code] = 0;
  }
  return Math.log2(value.length) - sum / value.length;
}

const wordBreaks = /[^A-Za-z0-9]+/;
const longestSegment = 400;

/** Whether one unbroken run of letters and digits in the value looks drawn by chance, as names and sentences do not. */
export function hasRandomSegment(value: string, shortest = 12): boolean {
  return value
    .slice(0, longestSegment)
    .split(wordBreaks)
    .some((segment) => segment.length >= shortest && isRandomRun(segment));
}

/**
 * Whether a run of letters and digits looks drawn by chance: letters and digits mixed with many changes between them,
 * or mixed case that no camel-case name explains.
 */
function isRandomRun(run: string): boolean {
  const digits = countDigits(run);
  if (digits === 0 && !/[A-Z][^A-Z]*[A-Z]|[a-z][A-Z]/.test(run)) return false;
  if (entropyPerCharacter(run) < 2.5) return false;
  if (digits === 0) return hasChanceCase(run);
  if (digits === run.length) return run.length >= 16 && entropyPerCharacter(run) >= 2.6;
  const changes = countChanges(run);
  return changes >= 3 || (changes >= 2 && hasChanceCase(run)) || (run.length >= 20 && changes >= 2 && digits >= 3);
}

/** Changes between letter and digit along the run; a name with a number at its end has one. */
function countChanges(run: string): number {
  let changes = 0;
  for (let index = 1; index < run.length; index += 1) {
    if (isDigit(run.charCodeAt(index)) !== isDigit(run.charCodeAt(index - 1))) changes += 1;
  }
  return changes;
}

function countDigits(run: string): number {
  let digits = 0;
  for (let index = 0; index < run.length; index += 1) if (isDigit(run.charCodeAt(index))) digits += 1;
  return digits;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Mixed case with too many humps, or humps too short, for a name put together of words. */
function hasChanceCase(run: string): boolean {
  if (!/[a-z]/.test(run) || !/[A-Z]/.test(run)) return false;
  const humps = run.match(/[A-Z]+[a-z]*|[a-z]+/g) ?? [];
  const vowelless = humps.filter((hump) => hump.length < 2 || !/[aeiouy]/i.test(hump)).length;
  return humps.length >= 4 && run.length / humps.length < 3.6 && vowelless >= humps.length / 3;
}

/** Whether the value is base64 of `name:password`, as basic authentication sends it. */
export function holdsEncodedLogin(value: string): boolean {
  if (value.length > 400 || value.length < 8 || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return false;
  return /^[\x20-\x39\x3b-\x7e]{1,100}:[\x20-\x7e]{3,200}$/.test(atob(value));
}
