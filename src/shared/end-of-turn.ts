/** Lets what the requests of one turn of the event loop send go out together, at the turn's end. Called by the doors. */

let waiting: (() => void)[] = [];

/**
 * Calls `send`, which must not throw, once the requests that are being read now have been worked off. A client on the same
 * machine is then woken once for many answers instead of once for each: waking it is the dearest part of a small answer
 * (docs/performance.md).
 */
export function atEndOfTurn(send: () => void): void {
  if (waiting.length === 0) setImmediate(sendWaiting);
  waiting.push(send);
}

function sendWaiting(): void {
  const sends = waiting;
  waiting = [];
  for (const send of sends) send();
}
