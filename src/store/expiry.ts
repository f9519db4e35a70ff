/** When what has ended expires: until then clients can ask how it ended. */
import { days, type Instant, plus } from '#shared/instant.ts';

/**
 * ARM's guidelines ask for 24 hours at least, publicly documented [azure/Guidelines: lro-status-monitor-retention]; a real provider
 * keeps seven days [aro].
 */
export const KEPT_FOR = days(7);

/** The moment at which what ended at `endedAt` expires. */
export const expiryOf = (endedAt: Instant): Instant => plus(endedAt, KEPT_FOR);
