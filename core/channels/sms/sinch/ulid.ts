/** Ids of batches and inbound messages, as Sinch makes them. Source: https://github.com/ulid/spec */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeLetters = 10;
const chanceLetters = 16;
export const ulidBytes = chanceLetters;

/** @param chance `ulidBytes` random bytes; five bits of each are used */
export function ulid(timeMs: number, chance: Uint8Array): string {
  let time = '';
  for (let left = Math.max(0, Math.floor(timeMs)), at = 0; at < timeLetters; at++) {
    time = `${letters[left % letters.length]}${time}`;
    left = Math.floor(left / letters.length);
  }
  let rest = '';
  for (let at = 0; at < chanceLetters; at++) rest += letters[(chance[at] ?? 0) % letters.length];
  return `${time}${rest}`;
}
