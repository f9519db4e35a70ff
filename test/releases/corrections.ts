/**
 * What earlier releases showed that was wrong, and how the present one shows it. What they stored is read without loss; only these
 * members are another on the wire, each for its reason.
 */
import { isJsonObject, type Json } from '#shared/json.ts';

/** `seen`, an answer of an earlier release, as it has to be now. */
export function corrected(seen: Json): Json {
  if (Array.isArray(seen)) return seen.map(corrected);
  if (typeof seen === 'string') return correctedText(seen);
  if (!isJsonObject(seen)) return seen;
  const entries = Object.entries(seen).map(([name, value]) => [name, corrected(value ?? null)]);
  const body = Object.fromEntries(entries) as Record<string, Json>;
  const { type, properties } = body;
  if (typeof type === 'string' && type.startsWith('dataBoxEdgeDevices/')) {
    // The type of a child is the whole one in every recording.
    body.type = `Microsoft.DataBoxEdge/${type}`;
  }
  if (body.type === SHARE && isJsonObject(properties)) {
    // Recorded as it was sent; the world's share has been sent with it enabled.
    properties.monitoringStatus = 'Enabled';
  }
  if (body.kind === 'CloudEdgeManagement' && isJsonObject(properties)) {
    const { subscription } = properties.edgeProfile as { subscription: Record<string, Json> };
    // Recorded without an id.
    delete subscription.id;
  }
  return body;
}

const SHARE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares';

/** CR LF follows the full stop at once: the blank before it was the wrap of a line in our own notes. */
const correctedText = (text: string): string => text.replace('. \r\nProvide', '.\r\nProvide');
