export {
  BodyDecoder,
  type BodyRequest,
  type CustomDecoder,
  type DecodedBody,
  type FieldValidation,
} from './decode-body.ts';
export { JsonSyntaxError, type RepeatedKeys } from './go-json.ts';
export { goKind } from './go-values.ts';
export { parseJsonBody, type ParsedBody } from './parse-body.ts';
export { parseYamlBody, YamlSyntaxError } from './parse-yaml.ts';
export { type CatalogEntry, loadSchemas, SchemaCatalog } from './schema-catalog.ts';
export { DecodeError, repeatedPaths } from './typed-decoder.ts';
