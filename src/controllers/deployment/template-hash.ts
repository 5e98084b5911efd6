/** Without vowels and look-alikes, so that no hash spells a word (apimachinery `rand.SafeEncodeString`). */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The label that tells the pods of one template from those of another: the same for equal templates, whatever the order. */
export function templateHash(template: object | undefined, collisionCount: number): string {
  const text = `${canonical(template)}${collisionCount > 0 ? collisionCount : ''}`;
  return String(fnv32a(text)).replace(/\d/g, (digit) => SAFE_LETTERS[digit.charCodeAt(0) % SAFE_LETTERS.length] ?? '');
}

function fnv32a(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** JSON with the members in the order of their names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}
