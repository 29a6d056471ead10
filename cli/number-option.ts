import { InvalidArgumentError } from 'commander';

/** A number in decimal notation, from `min` to `max`. */
export function numberOption(bounds: { readonly min: number; readonly max: number; readonly isWhole?: boolean }): (text: string) => number {
  const { min, max, isWhole = false } = bounds;
  return (text) => {
    const value = /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It must be a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}.`);
  };
}
