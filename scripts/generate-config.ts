/** Writes the sample configuration and its reference page from the schema; a test holds both to it. */
import { writeFileSync } from 'node:fs';
import { referenceTable, sampleConfig } from '../src/config/index.ts';

export const REFERENCE_HEADER = `# Configuration

\`./edgesite --config FILE\` reads a YAML file; [conf/edgeSite.yaml](../conf/edgeSite.yaml) is the sample with every key and its
default, \`./edgesite --minconfig\` prints a short one. What is left out takes its default. Environment variables win over the
file: \`EDGESITE_\` and the key in capitals, \`__\` between segments, \`_\` for \`-\`: \`EDGESITE_CONTROLLER__KUBE__NODE_NAME=plant-7\`.
Flags win over both: \`--set controller.kube.node-name=plant-7\`. A key that does not exist, a value of another type or one
that cannot be is told with its file and line, and nothing is started.

The form of EdgeSite v1.2 (\`kind: EdgeSite\`, \`edgesite.config.kubeedge.io/v1alpha1\`) is read too; its keys are translated.
\`modules.enabled\` takes the names of EdgeSite's modules.yaml as well (\`controller\`, \`edgecontroller\`, \`metaManager\`,
\`eventbus\`, \`dbTest\`).

`;

if (import.meta.main) {
  writeFileSync('conf/edgeSite.yaml', sampleConfig());
  writeFileSync('docs/configuration.md', REFERENCE_HEADER + referenceTable());
}
