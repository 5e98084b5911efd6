import { InvariantError } from '../../../base/errors.ts';

/** A range of IPv4 addresses: `10.96.0.0/16`. Network and broadcast address are never given out. */
export class IpRange {
  readonly text: string;
  readonly #base: number;
  readonly #size: number;

  constructor(text: string) {
    const [address = '', bits = ''] = text.split('/');
    const base = parseIpv4(address);
    const prefix = Number(bits);
    if (base === undefined || !Number.isInteger(prefix) || prefix < 1 || prefix > 30) {
      throw new InvariantError(`${text} is no IPv4 range`);
    }
    this.text = text;
    this.#size = 2 ** (32 - prefix);
    this.#base = base - (base % this.#size);
  }

  /** How many addresses can be given out. */
  get size(): number {
    return this.#size - 2;
  }

  /** The address at this place, from 0. */
  at(index: number): string {
    const value = this.#base + 1 + index;
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
  }

  has(address: string): boolean {
    const value = parseIpv4(address);
    return value !== undefined && value > this.#base && value < this.#base + this.#size - 1;
  }
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}
