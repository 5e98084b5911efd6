/** The release of Kubernetes whose API this is. */
const MAJOR = '1';
const MINOR = '36';
const PATCH = '2';

/** `1.36`, as OpenAPI documents carry it. */
export const KUBERNETES_VERSION = `${MAJOR}.${MINOR}`;

/** `/version`: kubectl and client libraries read `gitVersion` as a semantic version. */
export function versionInfo(buildVersion: string): object {
  return {
    major: MAJOR,
    minor: MINOR,
    emulationMajor: MAJOR,
    emulationMinor: MINOR,
    minCompatibilityMajor: MAJOR,
    minCompatibilityMinor: '35',
    gitVersion: `v${KUBERNETES_VERSION}.${PATCH}`,
    gitCommit: `edgesite-${buildVersion}`,
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${process.version}`,
    compiler: 'v8',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
