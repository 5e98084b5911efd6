/** `$SYS/broker/…`: what the broker tells of itself, under the names that mosquitto made common. Pure. */

import type { Statistics } from './statistics.ts';

export interface SysFigures extends Statistics {
  readonly uptimeSeconds: number;
  readonly clientsConnected: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly retained: number;
  readonly queued: number;
}

export function sysTopics(figures: SysFigures): readonly [topic: string, payload: string][] {
  const topics: Readonly<Record<string, string | number>> = {
    uptime: `${figures.uptimeSeconds} seconds`,
    'clients/connected': figures.clientsConnected,
    'clients/disconnected': figures.sessions - figures.clientsConnected,
    'clients/total': figures.sessions,
    'connections/accepted': figures.connects,
    'connections/refused': figures.refused,
    'subscriptions/count': figures.subscriptions,
    'retained messages/count': figures.retained,
    'store/messages/count': figures.queued,
    'messages/received': figures.packetsReceived,
    'bytes/received': figures.bytesReceived,
    'publish/messages/received': figures.publishReceived,
    'publish/messages/sent': figures.publishSent,
    'publish/messages/dropped': figures.dropped,
  };
  return Object.entries(topics).map(([name, value]) => [`$SYS/broker/${name}`, String(value)]);
}
