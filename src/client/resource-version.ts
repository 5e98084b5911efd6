/**
 * Whether version `a` came after `b`. Versions are decimal numbers that grow with every write of a server, comparable
 * within a resource (KEP-5504). Whatever else is compared is taken to be newer when it differs.
 */
export function isNewer(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b;
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return a !== b;
  return a.length === b.length ? a > b : a.length > b.length;
}

const DECIMAL = /^[1-9]\d*$|^0$/;
