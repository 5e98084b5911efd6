/** The kinds of keys that the configuration has, each with its description. */
import { z } from 'zod';

export function doc<T extends z.ZodType>(schema: T, description: string): T {
  return schema.meta({ description });
}

export function text(value: string, description: string): z.ZodDefault<z.ZodString> {
  return doc(z.string().default(value), description);
}

export function flag(value: boolean, description: string): z.ZodDefault<z.ZodBoolean> {
  return doc(z.boolean().default(value), description);
}

export function whole(
  value: number,
  bounds: { min: number; max: number },
  description: string,
): z.ZodDefault<z.ZodInt> {
  return doc(z.int().min(bounds.min).max(bounds.max).default(value), description);
}

export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  value: NoInfer<T[number]>,
  description: string,
): z.ZodDefault<z.ZodEnum<{ [K in T[number]]: K }>> {
  return doc(z.enum(values).default(value), description);
}

export function checked(
  value: string,
  description: string,
  expected: string,
  test: (text: string) => boolean,
): z.ZodDefault<z.ZodString> {
  return doc(z.string().refine(test, `expected ${expected}`).default(value), description);
}

export function section<T extends z.ZodRawShape>(
  description: string,
  shape: T,
): z.ZodPrefault<z.ZodObject<T, z.core.$strict>> {
  return doc(z.strictObject(shape).prefault({} as never), description);
}
