/** Definitions of custom resources: kept beside their objects, for their columns without the API. Pure. */
import type { KubeObject } from '../api/object.ts';
import { qualifiedResource } from '../api/status-error.ts';
import type { Collection, StoredObject } from '../edgestore/index.ts';

export const DEFINITIONS: Collection = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
};

/** A column that a definition of a custom resource declares. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

interface Definition extends KubeObject {
  readonly spec?: {
    readonly versions?: readonly {
      readonly name?: string;
      readonly additionalPrinterColumns?: readonly PrinterColumn[];
    }[];
  };
}

/** The name of the definition that a custom resource would have. */
export function definitionName(collection: Collection): string {
  return qualifiedResource(collection);
}

/** Undefined where the version declares none. */
export function printerColumns(definition: StoredObject, version: string): readonly PrinterColumn[] | undefined {
  const { spec } = JSON.parse(definition.json) as Definition;
  return spec?.versions?.find(({ name }) => name === version)?.additionalPrinterColumns;
}
