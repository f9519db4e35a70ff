/**
 * Checks the values of parameters and outputs against their declarations: types, allowed values, bounds, and Bicep's
 * definitions. Pure.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { TemplateError } from './expressions/template-error.ts';
import { isEqual, memberOf, stringOf } from './expressions/values.ts';

/** A parameter or an output as a deployment shows it. */
export interface TypedValue {
  readonly name: string;
  /** `String`, `SecureObject`, … */
  readonly type: string;
  readonly value: Json;
  readonly isSecret: boolean;
}

/** Type names as deployments show them, by their names in lower case. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'String',
  securestring: 'SecureString',
  int: 'Int',
  bool: 'Bool',
  object: 'Object',
  secureobject: 'SecureObject',
  array: 'Array',
};

const MAX_DEFINITION_DEPTH = 20;

/** `declaration` with its reference to `definitions` resolved. */
export function resolvedDeclaration(
  declaration: JsonObject,
  definitions: JsonObject,
  depth = 0,
): JsonObject {
  const { $ref: reference, ...own } = declaration;
  if (reference === undefined) return declaration;
  const name = /^#\/definitions\/(.+)$/.exec(stringOf(reference))?.[1] ?? '';
  const found = memberOf(definitions, decodeURIComponent(name));
  if (!isJsonObject(found) || depth > MAX_DEFINITION_DEPTH) {
    throw new TemplateError(
      `The definition '${stringOf(reference)}' is not found in the template.`,
    );
  }
  return { ...resolvedDeclaration(found, definitions, depth + 1), ...own };
}

/** The type's name as deployments show it; throws where it is missing or unknown. */
export function declaredType(declaration: JsonObject, what: string): string {
  const { type } = declaration;
  const known = typeof type === 'string' ? TYPES[type.toLowerCase()] : undefined;
  if (known === undefined) {
    throw new TemplateError(
      `The ${what} has the type '${stringOf(type ?? null)}'; it must be one of: ${Object.values(TYPES).join(', ')}.`,
    );
  }
  return known;
}

export const isSecretType = (type: string): boolean => type.startsWith('Secure');

/** Refuses a value that does not match its declaration. `what` names it in the refusal. */
export function checkValue(
  value: Json,
  declared: JsonObject,
  { what, definitions }: { readonly what: string; readonly definitions: JsonObject },
): void {
  const declaration = resolvedDeclaration(declared, definitions);
  if (value === null && declaration.nullable === true) return;
  checkType(value, declaration, what);
  checkBounds(value, declaration, what);
  if (Array.isArray(value)) {
    const { items } = declaration;
    if (isJsonObject(items)) {
      for (const [index, item] of value.entries()) {
        checkValue(item, items, { what: `${what}[${index}]`, definitions });
      }
    }
  } else if (isJsonObject(value)) {
    checkMembers(value, declaration, { what, definitions });
  }
}

function checkType(value: Json, declaration: JsonObject, what: string): void {
  // Members of definitions may leave the type open.
  if (declaration.type === undefined) return;
  const type = declaredType(declaration, what);
  const matches: Readonly<Record<string, boolean>> = {
    String: typeof value === 'string',
    SecureString: typeof value === 'string',
    Int: typeof value === 'number' && Number.isInteger(value),
    Bool: typeof value === 'boolean',
    Array: Array.isArray(value),
    Object: isJsonObject(value),
    SecureObject: isJsonObject(value),
  };
  if (matches[type] !== true) {
    throw new TemplateError(
      `The provided value for the ${what} is not valid. Expected a value of type '${type}'. ` +
        'Please see https://aka.ms/arm-create-parameter-file for usage details.',
    );
  }
}

function checkBounds(value: Json, declaration: JsonObject, what: string): void {
  const { allowedValues: allowed } = declaration;
  if (Array.isArray(allowed) && !allowed.some((known) => isEqualLoosely(known, value))) {
    const isEach =
      Array.isArray(value) &&
      value.every((item) => allowed.some((known) => isEqualLoosely(known, item)));
    if (!isEach) {
      throw new TemplateError(
        `The provided value for the ${what} is not valid. It is not part of the allowed value(s): ` +
          `'${allowed.map(stringOf).join(',')}'.`,
      );
    }
  }
  const [size, minimum, maximum, kind] =
    typeof value === 'number'
      ? [value, declaration.minValue, declaration.maxValue, 'value']
      : typeof value === 'string' || Array.isArray(value)
        ? [value.length, declaration.minLength, declaration.maxLength, 'length']
        : [0, undefined, undefined, ''];
  if (typeof minimum === 'number' && size < minimum) {
    throw new TemplateError(`The ${kind} of the ${what} must be at least '${minimum}'.`);
  }
  if (typeof maximum === 'number' && size > maximum) {
    throw new TemplateError(`The ${kind} of the ${what} must be at most '${maximum}'.`);
  }
}

const isEqualLoosely = (one: Json, other: Json): boolean =>
  typeof one === 'string' && typeof other === 'string'
    ? one.toLowerCase() === other.toLowerCase()
    : isEqual(one, other);

function checkMembers(
  value: JsonObject,
  declaration: JsonObject,
  { what, definitions }: { readonly what: string; readonly definitions: JsonObject },
): void {
  const { properties, additionalProperties } = declaration;
  const known = isJsonObject(properties) ? properties : {};
  for (const [name, member] of Object.entries(known)) {
    if (!isJsonObject(member)) continue;
    const given = memberOf(value, name);
    const isNullable = resolvedDeclaration(member, definitions).nullable === true;
    if (given === undefined) {
      if (isNullable) continue;
      throw new TemplateError(`The ${what} has no '${name}', which is required.`);
    }
    checkValue(given, member, { what: `${what}.${name}`, definitions });
  }
  for (const [name, given] of Object.entries(value)) {
    if (memberOf(known, name) !== undefined) continue;
    if (additionalProperties === false) {
      throw new TemplateError(`The ${what} has a member '${name}', which is not allowed.`);
    }
    if (isJsonObject(additionalProperties)) {
      checkValue(given, additionalProperties, { what: `${what}.${name}`, definitions });
    }
  }
}

/** Refuses values for parameters that the template does not declare. */
export function checkNames(given: JsonObject, declared: JsonObject): void {
  const unknown = Object.keys(given).filter((name) => memberOf(declared, name) === undefined);
  if (unknown.length === 0) return;
  throw new TemplateError(
    `The following parameters were supplied, but do not correspond to any parameters defined in the template: ` +
      `'${unknown.join(', ')}'. The parameters defined in the template are: '${Object.keys(declared).join(', ')}'. ` +
      'Please see https://aka.ms/arm-pass-parameter-values for usage details.',
  );
}
