/** What the broker has seen since its start. */
export interface Statistics {
  packetsReceived: number;
  bytesReceived: number;
  publishReceived: number;
  publishSent: number;
  /** Messages that somebody should have got and did not, for want of room. */
  dropped: number;
  connects: number;
  refused: number;
}

export function newStatistics(): Statistics {
  return {
    packetsReceived: 0,
    bytesReceived: 0,
    publishReceived: 0,
    publishSent: 0,
    dropped: 0,
    connects: 0,
    refused: 0,
  };
}
