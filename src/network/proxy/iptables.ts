/** The kernel's packet filter through the programs that Docker uses too, so that both speak to the same one. */
import { runProgram } from '../run-program.ts';
import { type Found, readTable, type Table } from './rule-set.ts';

/** How long another program may hold the lock of the tables. */
const LOCK_SECONDS = 5;
const TIMEOUT_MS = 20_000;

/** Rejects with MissingProgram, or with what the program says. */
export interface PacketFilter {
  /** What is in the kernel of the chains whose names begin with `prefix`. */
  look(table: Table, prefix: string, signal: AbortSignal): Promise<Found>;
  /** Takes in one transaction, whole or not at all. */
  restore(input: string, signal: AbortSignal): Promise<void>;
}

export const iptables: PacketFilter = {
  async look(table, prefix, signal) {
    return readTable(await runProgram('iptables-save', ['-t', table], { timeoutMs: TIMEOUT_MS }, signal), prefix);
  },
  async restore(input, signal) {
    const args = ['--noflush', '-w', String(LOCK_SECONDS)];
    await runProgram('iptables-restore', args, { stdin: input, timeoutMs: TIMEOUT_MS }, signal);
  },
};
