/** What one client, and all of them together, may take of the broker. docs/mqtt.md says what happens at each limit. */
export interface BrokerLimits {
  readonly maxConnections: number;
  /** Fixed header, topic and payload together. */
  readonly maxPacketBytes: number;
  /** Packets a second from one client; beyond it the client is read more slowly. */
  readonly maxPacketsPerSecond: number;
  /** Bytes that wait for a client that reads too slowly: beyond it QoS 0 is dropped. */
  readonly slowClientBytes: number;
  /** Beyond it the client is disconnected; its session keeps what it has to get. */
  readonly maxOutboundBytes: number;
  readonly maxSubscriptionsPerClient: number;
  /** For the first packet to arrive. */
  readonly connectTimeoutMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: BrokerLimits = {
  maxConnections: 10_000,
  maxPacketBytes: MIB,
  maxPacketsPerSecond: 100_000,
  slowClientBytes: MIB,
  maxOutboundBytes: 4 * MIB,
  maxSubscriptionsPerClient: 1_000,
  connectTimeoutMs: 10_000,
};
