/** `7.0.96.10.in-addr.arpa` → `10.96.0.7`; likewise below `ip6.arpa`. Undefined for every other name. Pure. */
import { isIP } from 'node:net';

const V4 = '.in-addr.arpa';
const V6 = '.ip6.arpa';
const NIBBLES = 32;

export function addressOfReverse(name: string): string | undefined {
  const address = name.endsWith(V4)
    ? v4(name.slice(0, -V4.length))
    : name.endsWith(V6)
      ? v6(name.slice(0, -V6.length))
      : '';
  return isIP(address) === 0 ? undefined : address;
}

function v4(reversed: string): string {
  return reversed.split('.').toReversed().join('.');
}

/** In the short form that Kubernetes writes. */
function v6(reversed: string): string {
  const nibbles = reversed.split('.').toReversed();
  if (nibbles.length !== NIBBLES || !nibbles.every((each) => /^[0-9a-f]$/.test(each))) return '';
  const groups = nibbles.join('').match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
