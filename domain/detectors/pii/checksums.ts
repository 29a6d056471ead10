/** Whether the digits pass the Luhn check (ISO/IEC 7812-1), as every payment card number does. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = digit * 2;
    const weighted = doubled > 9 ? doubled - 9 : doubled;
    sum += index % 2 === 1 ? weighted : digit;
  }
  return sum % 10 === 0;
}

/** Whether a compact upper-case IBAN passes the mod-97 check of ISO 13616. */
export function passesIbanCheck(iban: string): boolean {
  const rearranged = iban.slice(4) + iban.slice(0, 4);
  let remainder = 0;
  for (const character of rearranged) {
    const value = Number.parseInt(character, 36);
    if (Number.isNaN(value)) return false;
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** Whether nine digits pass the weighted check of a US bank routing number (weights 3, 7, 1). */
export function passesRoutingCheck(digits: string): boolean {
  const weights = [3, 7, 1];
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    sum += (digits.charCodeAt(index) - 48) * (weights[index % 3] ?? 0);
  }
  return sum > 0 && sum % 10 === 0;
}
