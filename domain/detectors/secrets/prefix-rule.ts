/** Rule id, source of the pattern behind the prefix (bounded in every repeat), prefixes of at least two characters. */
export type PrefixRule = readonly [ruleId: string, tail: string, ...prefixes: string[]];
