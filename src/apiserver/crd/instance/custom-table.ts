/** Rows of custom resources: upstream `pkg/registry/customresource/tableconvertor`. */
import type { JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import { DEFAULT_COLUMNS } from '../../kinds/table/columns.ts';
import type { Column, TableStrategy } from '../../kinds/strategy.ts';
import type { PrinterColumn } from '../definition/model.ts';
import { age } from '../../kinds/table/duration.ts';
import { compileJsonPath, type JsonPath } from './json-path.ts';

const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** Without columns of its own a resource has `Age`. */
export function customTable(declared: readonly PrinterColumn[] | undefined): TableStrategy {
  const shown = declared === undefined || declared.length === 0 ? [AGE] : declared;
  const [name, created] = DEFAULT_COLUMNS;
  const columns = shown.map((column): Column => {
    const fallback = column === AGE ? created?.description : undefined;
    return {
      name: column.name,
      type: column.type as Column['type'],
      format: column.format ?? '',
      description:
        column.description ?? fallback ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
      priority: column.priority ?? 0,
    };
  });
  const readers = shown.map(({ type, jsonPath }) => cellReader(type, compileJsonPath(jsonPath)));
  return {
    columns: name === undefined ? columns : [name, ...columns],
    cells: (object, now) => [object.metadata?.name ?? '', ...readers.map((read) => read(object, now))],
  };
}

type CellReader = (object: KubeObject, now: number) => unknown;

function cellReader(type: string, path: JsonPath | undefined): CellReader {
  return (object, now) => {
    const [value] = path?.(object as JsonValue) ?? [];
    return value === undefined ? null : cellOf(type, value, now);
  };
}

function cellOf(type: string, value: JsonValue, now: number): unknown {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? age(value, now) : null;
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
