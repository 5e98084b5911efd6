import type { SqlValue } from '../base/sqlite.ts';
import type { PacketRow } from './session-tables.ts';

/** A packet as aedes hands it to its persistence and wants it back. */
export interface StoredPacket {
  cmd?: string;
  topic: string;
  payload: Uint8Array | string;
  qos: number;
  retain: boolean;
  messageId?: number | undefined;
  brokerId?: string;
  brokerCounter?: number;
  clientId?: string;
}

/** Fields that are columns of their own, or mean nothing after the moment. */
const LEFT_OUT = new Set(['payload', 'messageId', 'length']);

export function rowOf(packet: StoredPacket): [packet: string, payload: SqlValue] {
  const fields = Object.entries(packet).filter(([name]) => !LEFT_OUT.has(name));
  return [JSON.stringify(Object.fromEntries(fields)), packet.payload];
}

export function packetOf(row: PacketRow): StoredPacket {
  const fields = JSON.parse(row.packet) as StoredPacket;
  return row.payload === null ? fields : { ...fields, payload: payloadOf(row.payload) };
}

function payloadOf(value: SqlValue): Uint8Array | string {
  return typeof value === 'string' ? value : Buffer.from(value as Uint8Array);
}
