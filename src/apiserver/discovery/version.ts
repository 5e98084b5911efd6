/** The release of Kubernetes whose API this is. */
const MAJOR = '1';
const MINOR = '36';
const PATCH = '2';

/** `/version`: kubectl and client libraries read `gitVersion` as a semantic version. */
export function versionInfo(buildVersion: string): object {
  return {
    major: MAJOR,
    minor: MINOR,
    emulationMajor: MAJOR,
    emulationMinor: MINOR,
    minCompatibilityMajor: MAJOR,
    minCompatibilityMinor: '35',
    gitVersion: `v${MAJOR}.${MINOR}.${PATCH}+edgesite.${buildVersion}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
