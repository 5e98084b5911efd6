/** IP addresses between text and bytes. Pure. */
import { isIPv4, SocketAddress } from 'node:net';

const V4_BYTES = 4;
const V6_BYTES = 16;
const V6_GROUPS = 8;

/** `127.0.0.1` or `fe80::1`, in network order. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const plain = new SocketAddress({ address, family: 'ipv6' }).address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_text, ...parts: string[]) => `${hex(parts[0], parts[1])}:${hex(parts[2], parts[3])}`,
  );
  const [head = '', tail] = plain.split('::');
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const [front, back] = [groups(head), groups(tail)];
  const middle = Array.from({ length: tail === undefined ? 0 : V6_GROUPS - front.length - back.length }, () => '0');
  const numbers = [...front, ...middle, ...back].map((group) => Number.parseInt(group, 16));
  return Buffer.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
}

/** The shortest spelling; undefined for a number of bytes that no address has. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength === V4_BYTES) return bytes.join('.');
  if (bytes.byteLength !== V6_BYTES) return undefined;
  const groups = Array.from({ length: V6_GROUPS }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

function hex(high: string | undefined, low: string | undefined): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}
