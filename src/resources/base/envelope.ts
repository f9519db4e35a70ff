/** The members that every resource has around its properties: read-only, ignored where a client sends them back. */
import { shownText } from '#arm/schema.ts';

export const envelope = {
  id: shownText(),
  name: shownText(),
  type: shownText(),
} as const;
