/** The members that every resource has around its properties: read-only, ignored where a client sends them back. */
import { Type } from 'typebox';
import { readOnly } from '#arm/schema.ts';

export const envelope = {
  id: Type.Optional(Type.String({ ...readOnly })),
  name: Type.Optional(Type.String({ ...readOnly })),
  type: Type.Optional(Type.String({ ...readOnly })),
} as const;
