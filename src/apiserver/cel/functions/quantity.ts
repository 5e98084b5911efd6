/** Quantities: apiserver `pkg/cel/library/quantity.go`. */
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  subtractQuantities,
} from '../../../api/quantity.ts';
import { messageOf } from '../../../base/errors.ts';
import { traversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { CelError, Opaque } from '../values.ts';

const NANOS = 1_000_000_000n;
const TYPE = 'kubernetes.Quantity';

class QuantityValue extends Opaque {
  readonly typeName = TYPE;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  equals(other: Opaque): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

function quantity(text: string): QuantityValue {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    throw new CelError(messageOf(error));
  }
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

const whole = (value: bigint): Quantity => ({ nanos: value * NANOS, format: 'DecimalSI' });
const isInteger = ({ quantity: { nanos } }: QuantityValue): boolean => nanos % NANOS === 0n;

function asInteger(value: QuantityValue): bigint {
  if (!isInteger(value)) throw new CelError('cannot convert value to integer');
  return value.quantity.nanos / NANOS;
}

const compare = ({ quantity: one }: QuantityValue, { quantity: other }: QuantityValue): number =>
  compareQuantities(one, other);

export const quantities: Library = {
  [`quantity(string): ${TYPE}`]: [quantity, traversal()],
  'isQuantity(string): bool': [isQuantity, traversal()],
  [`${TYPE}.isInteger(): bool`]: isInteger,
  [`${TYPE}.asInteger(): int`]: asInteger,
  [`${TYPE}.asApproximateFloat(): double`]: ({ quantity: { nanos } }: QuantityValue) => Number(nanos) / Number(NANOS),
  [`${TYPE}.sign(): int`]: ({ quantity: { nanos } }: QuantityValue) => (nanos > 0n ? 1n : nanos < 0n ? -1n : 0n),
  [`${TYPE}.add(${TYPE}): ${TYPE}`]: (one: QuantityValue, other: QuantityValue) =>
    new QuantityValue(addQuantities(one.quantity, other.quantity)),
  [`${TYPE}.add(int): ${TYPE}`]: (one: QuantityValue, other: bigint) =>
    new QuantityValue(addQuantities(one.quantity, whole(other))),
  [`${TYPE}.sub(${TYPE}): ${TYPE}`]: (one: QuantityValue, other: QuantityValue) =>
    new QuantityValue(subtractQuantities(one.quantity, other.quantity)),
  [`${TYPE}.sub(int): ${TYPE}`]: (one: QuantityValue, other: bigint) =>
    new QuantityValue(subtractQuantities(one.quantity, whole(other))),
  [`${TYPE}.isLessThan(${TYPE}): bool`]: (one: QuantityValue, other: QuantityValue) => compare(one, other) < 0,
  [`${TYPE}.isGreaterThan(${TYPE}): bool`]: (one: QuantityValue, other: QuantityValue) => compare(one, other) > 0,
  [`${TYPE}.compareTo(${TYPE}): int`]: (one: QuantityValue, other: QuantityValue) => BigInt(compare(one, other)),
};
