/** Which representation a client wants: the `Accept` header as apiserver's `negotiation` reads it. */
import { StatusError } from '../../api/status-error.ts';

export type Encoding = 'json' | 'yaml' | 'protobuf';

/** What stands in for the object itself. */
export type Transformation = 'none' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Representation {
  readonly encoding: Encoding;
  readonly as: Transformation;
  /** Version of `meta.k8s.io` that the transformed object is of. */
  readonly metaVersion: 'v1' | 'v1beta1';
  readonly pretty: boolean;
}

/** Whether what is stored can be sent as it is. */
export function isPlain({ as, encoding, pretty }: Representation): boolean {
  return as === 'none' && encoding === 'json' && !pretty;
}

export const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

const OFFERED = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const OFFERED_STREAMS = `${OFFERED}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`;

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  '*/*': 'json',
};

interface AcceptClause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The clauses of the header, the most wanted first; of those wanted alike, those that name a type before the wildcard. */
export function acceptClauses(header: string | undefined): AcceptClause[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: new Map(), quality: 1 }];
  return header
    .split(',')
    .map(parseClause)
    .sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

function wildcards({ type }: AcceptClause): number {
  return type === '*/*' ? 1 : 0;
}

function parseClause(text: string): AcceptClause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part) => {
      const equals = part.indexOf('=');
      return equals < 0 ? ([part, ''] as const) : ([part.slice(0, equals), part.slice(equals + 1)] as const);
    }),
  );
  const quality = Number(parameters.get('q') ?? 1);
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

/** What an endpoint offers beside the ordinary. */
export interface Offer {
  /** A stream of events. */
  readonly stream?: boolean;
  /** Whether objects have a form in protobuf: those of custom resources have none, only their metadata. */
  readonly protobuf?: boolean;
}

/** The representation for an answer made of an object or a list. Throws NotAcceptable (406). */
export function negotiate(accept: string | undefined, pretty: boolean, offer: Offer = {}): Representation {
  let known = false;
  for (const clause of acceptClauses(accept)) {
    const encoding = ENCODINGS[clause.type];
    if (encoding === undefined) continue;
    known = true;
    const transformed = transformationOf(clause.parameters);
    if (transformed !== undefined && serves(offer, encoding, transformed.as, clause.parameters)) {
      return { encoding, ...transformed, pretty: pretty && encoding !== 'protobuf' };
    }
  }
  if (known) {
    throw new StatusError('NotAcceptable', `only the following media types are accepted: ${OFFERED}`);
  }
  throw notAcceptable(offer.stream === true ? OFFERED_STREAMS : OFFERED);
}

/** Tables have no form in protobuf. */
function serves(
  { protobuf = true }: Offer,
  encoding: Encoding,
  as: Transformation,
  parameters: ReadonlyMap<string, string>,
): boolean {
  if ((parameters.get('stream') ?? 'watch') !== 'watch') return false;
  return encoding !== 'protobuf' || (as !== 'Table' && (protobuf || as !== 'none'));
}

/** A list cannot be had as one object's metadata, nor one object as a list of them. Throws NotAcceptable. */
export function assertFits(form: Representation, isList: boolean, goType: string): void {
  if (form.as === 'PartialObjectMetadata' && isList) {
    throw new StatusError(
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (*${goType}List)`,
    );
  }
  if (form.as === 'PartialObjectMetadataList' && !isList) {
    throw new StatusError(
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${goType})`,
    );
  }
}

/** The encoding of a Status body: whatever the client can read, JSON where it can read nothing of ours. */
export function errorEncoding(accept: string | undefined): Encoding {
  for (const clause of acceptClauses(accept)) {
    const encoding = ENCODINGS[clause.type];
    if (encoding !== undefined) return encoding;
  }
  return 'json';
}

export function notAcceptable(offered: string): StatusError {
  return new StatusError('NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${offered}`, {
    details: {},
  });
}

/** Undefined for a transformation that is not known: the next clause is tried. */
function transformationOf(
  parameters: ReadonlyMap<string, string>,
): Pick<Representation, 'as' | 'metaVersion'> | undefined {
  const as = parameters.get('as');
  if (as === undefined) return { as: 'none', metaVersion: 'v1' };
  const version = parameters.get('v') ?? 'v1';
  if ((parameters.get('g') ?? 'meta.k8s.io') !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined;
  return { as, metaVersion: version };
}
