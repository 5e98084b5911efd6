/** `node scripts/crash-broker.ts [ROUNDS]`: kills a broker under load as often as told, 10,000 times by default. */
import { crashRounds } from '../test/support/crash-rounds.ts';

const rounds = Number(process.argv[2] ?? 10_000);
const began = performance.now();
const outcome = await crashRounds(rounds);
const { lost, doubled, disordered, twinsLost } = outcome;
console.log({ ...outcome, seconds: Math.round((performance.now() - began) / 1000) });
process.exitCode = lost.some((count) => count > 0) || doubled + disordered + twinsLost.length > 0 ? 1 : 0;
