import { kubectlStreams } from '../../contract/kubectl-streams.ts';

kubectlStreams(async () => ({ args: [], close: async () => undefined }));
