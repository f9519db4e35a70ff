/** The template of a deployment as clients see it, without its secrets. */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { redact } from '#shared/redaction.ts';
import { isExpression } from './expressions/syntax.ts';

/** Masks literals under names of secrets, but not expressions, and removes default values of secret parameters. */
export function exportedTemplate(template: JsonObject): JsonObject {
  return merged(template, redact(template)) as JsonObject;
}

function merged(original: Json, redacted: Json): Json {
  if (typeof original === 'string') return isExpression(original) ? original : redacted;
  if (Array.isArray(original) && Array.isArray(redacted)) {
    return original.map((item, index) => merged(item, redacted[index] ?? null));
  }
  if (!isJsonObject(original) || !isJsonObject(redacted)) return redacted;
  return Object.fromEntries(
    Object.entries(original).map(([name, member]) => {
      const masked = redacted[name] ?? null;
      const isDeclared = name === 'parameters' && isJsonObject(member) && isJsonObject(masked);
      return [name, isDeclared ? declarations(member, masked) : merged(member, masked)];
    }),
  );
}

/** Declarations of parameters are not masked, whatever their names; values for a nested deployment are. */
function declarations(parameters: JsonObject, redacted: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, entry]) => {
      if (!isJsonObject(entry) || 'value' in entry)
        return [name, merged(entry, redacted[name] ?? null)];
      const { type, defaultValue: _secret, ...rest } = entry;
      const isSecret = typeof type === 'string' && /^secure/i.test(type);
      return [name, isSecret ? { type, ...rest } : entry];
    }),
  );
}
