/** YAML as `sigs.k8s.io/yaml` speaks it: version 1.1, sorted keys, lists not indented. */
import { parse, stringify, type Tags } from 'yaml';

const TIMESTAMP_TAG = 'tag:yaml.org,2002:timestamp';
const BINARY_TAG = 'tag:yaml.org,2002:binary';

/** Times and numbers in base 60 stay text, as Go's reader leaves them. */
function plainTags(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return tag !== 'timestamp' && tag !== 'binary' && tag !== 'intTime';
    if ('format' in tag && tag.format === 'TIME') return false;
    return tag.tag !== TIMESTAMP_TAG && tag.tag !== BINARY_TAG;
  });
}

/** Throws the parser's error; its text begins with what is wrong and where. */
export function parseYaml(text: string): unknown {
  return parse(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    customTags: plainTags,
    uniqueKeys: false,
    maxAliasCount: 100,
    logLevel: 'silent',
  });
}

export function toYaml(value: unknown): string {
  return stringify(JSON.parse(JSON.stringify(value)), {
    version: '1.1',
    schema: 'yaml-1.1',
    customTags: plainTags,
    sortMapEntries: true,
    indentSeq: false,
    singleQuote: null,
    aliasDuplicateObjects: false,
    lineWidth: 80,
  });
}
