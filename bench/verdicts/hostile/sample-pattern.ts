/** A source of numbers from 0 up to 1 that gives the same ones every time. */
export type Dice = () => number;

/** What stands for the members of an escape class. */
const classMembers: Readonly<Record<string, string>> = {
  d: '0123456789',
  D: 'a ',
  w: 'aZ0_',
  W: ' -',
  s: ' \n',
  S: 'aZ-',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  f: '\f',
};
const propertyMembers: Readonly<Record<string, string>> = { L: 'aé', N: '07', Lu: 'AÉ', Ll: 'aé', S: '$', P: '.-' };
/** What follows `\u` and `\x`. */
const codeForms: Readonly<Record<string, RegExp>> = { u: /^(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))/i, x: /^([0-9a-f]{2})/i };
const anyCharacter = 'a 0';
interface Bounds {
  readonly least: number;
  readonly most: number;
}

const signBounds = {
  '*': { least: 0, most: Infinity },
  '+': { least: 1, most: Infinity },
  '?': { least: 0, most: 1 },
} as const satisfies Readonly<Record<string, Bounds>>;

/** Of `{2}`, `{2,}` or `{2,5}`. */
function bounds(least: number, isRange: boolean, limit: string | undefined): Bounds {
  if (!isRange) return { least, most: least };
  return { least, most: limit === undefined || limit === '' ? Infinity : Number(limit) };
}

/** An unbounded repeat is sampled up to this many times beyond its least. */
const mostRepeats = 3;

/**
 * One text that the pattern accepts or nearly accepts: lookarounds and boundaries are passed over, and of a negated class
 * some member is taken. Same dice, same text.
 */
export function samplePattern(source: string, dice: Dice): string {
  return new Sampler(source, dice).alternatives();
}

class Sampler {
  readonly #source: string;
  readonly #dice: Dice;
  readonly #groups: string[] = [];
  #at = 0;

  constructor(source: string, dice: Dice) {
    this.#source = source;
    this.#dice = dice;
  }

  /** Reads to the end of the pattern or of the group, and gives the text of one alternative. */
  alternatives(): string {
    const branches: string[] = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#at += 1;
      branches.push(this.#sequence());
    }
    return this.#pick(branches);
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const from = this.#at;
      let atom = this.#atom();
      const end = this.#at;
      const times = this.#repeats();
      const after = this.#at;
      // Each repetition is sampled anew, so that alternatives mix.
      for (let count = 0; count < times; count += 1) {
        text += atom;
        if (count + 1 === times) break;
        this.#at = from;
        atom = this.#atom();
        this.#at = end;
      }
      this.#at = after;
    }
    return text;
  }

  #atom(): string {
    const character = this.#take();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#pick([...this.#characterClass()]);
      case '\\':
        return /[1-9]/.test(this.#peek()) ? (this.#groups[Number(this.#take()) - 1] ?? '') : this.#pick([...this.#escape()]);
      case '.':
        return this.#pick([...anyCharacter]);
      case '^':
      case '$':
        return '';
      default:
        return character;
    }
  }

  #group(): string {
    const opening = /^\?(?:[:=]|!|<=|<!|<\w+>|[ims-]+:)/.exec(this.#source.slice(this.#at))?.[0] ?? '';
    this.#at += opening.length;
    const text = this.alternatives();
    this.#at += 1;
    if (opening === '' || /^\?<\w/.test(opening)) this.#groups.push(text);
    return opening === '?!' || opening === '?<!' || opening === '?<=' || opening === '?=' ? '' : text;
  }

  /** The characters to choose from; a range gives its ends. */
  #characterClass(): string {
    const isNegated = this.#peek() === '^';
    if (isNegated) this.#at += 1;
    let members = '';
    while (this.#at < this.#source.length && this.#peek() !== ']') {
      const character = this.#take();
      if (character === '\\') members += this.#escape();
      else members += character === '-' && members !== '' && this.#peek() !== ']' ? '' : character;
    }
    this.#at += 1;
    if (!isNegated) return members === '' ? 'a' : members;
    const others = [...'a .0-"\n'].filter((candidate) => !members.includes(candidate));
    return others.length === 0 ? '~' : others.join('');
  }

  #escape(): string {
    const character = this.#take();
    if (character === 'b' || character === 'B') return '';
    if (character === 'p' || character === 'P') {
      const name = /^\{([^}]*)\}/.exec(this.#source.slice(this.#at));
      this.#at += name?.[0].length ?? 0;
      return character === 'P' ? ' ' : (propertyMembers[name?.[1] ?? ''] ?? 'a');
    }
    const digits = codeForms[character]?.exec(this.#source.slice(this.#at));
    if (digits !== null && digits !== undefined) {
      this.#at += digits[0].length;
      return String.fromCodePoint(Number.parseInt(digits[1] ?? digits[2] ?? '20', 16));
    }
    return classMembers[character] ?? character;
  }

  #repeats(): number {
    const quantifier = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at));
    if (quantifier === null) return 1;
    const [whole, sign, digits, comma, limit] = quantifier;
    this.#at += whole.length;
    const { least, most } = sign === undefined ? bounds(Number(digits), comma === ',', limit) : signBounds[sign as keyof typeof signBounds];
    return Math.min(most, least + Math.floor(this.#dice() * (mostRepeats + 1)));
  }

  #pick(choices: readonly string[]): string {
    return choices[Math.floor(this.#dice() * choices.length)] ?? '';
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #take(): string {
    const character = this.#peek();
    this.#at += 1;
    return character;
  }
}
